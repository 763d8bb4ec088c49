"""The verifier as one file that any Python runs, with nothing installed: what one hands on together with a bundle.

Knows where the verifier's files are, and zip.  `python -m occasio_core.demo.portable PATH` writes it, for a release.
"""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import occasio_verify

_MAIN = "import sys\n\nfrom occasio_verify.__main__ import main\n\nsys.exit(main())\n"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first that zip knows: the same files always make the same archive


_POSIX = 3  # the maker's system and the modes stand in the archive: neither may depend on where it is made
_MODE = 0o644 << 16


def write_verifier(path: Path) -> None:
    """Write `path`, to be run as `python -I -S PATH BUNDLE`.  Raises `OSError`."""
    package = Path(occasio_verify.__file__).parent
    wanted = [*package.rglob("*.py"), package / "trusted_root.json"]  # where the extra `sigstore` is, it is used too
    files = {f"occasio_verify/{file.relative_to(package).as_posix()}": file for file in wanted}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(_entry("__main__.py"), _MAIN)
        for name in sorted(files):
            archive.writestr(_entry(name), files[name].read_bytes())


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.create_system, entry.external_attr, entry.compress_type = _POSIX, _MODE, zipfile.ZIP_DEFLATED
    return entry


def main(arguments: list[str]) -> None:
    """Write the verifier where the one argument says, and print where."""
    path = Path(*arguments)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_verifier(path)
    print(f"{path}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
