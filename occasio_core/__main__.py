"""`python -m occasio_core`: the `occasio` command, where its script is not on the path."""

from occasio_core.cli import main

if __name__ == "__main__":
    main()
