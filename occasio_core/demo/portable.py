"""The verifier as one file that any Python runs, with nothing installed: what one hands on together with a bundle.

Knows where the verifier's files are, and zip.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

import occasio_verify

_MAIN = "import sys\n\nfrom occasio_verify.__main__ import main\n\nsys.exit(main())\n"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first that zip knows: the same files always make the same archive


def write_verifier(path: Path) -> None:
    """Write `path`, to be run as `python -I -S PATH BUNDLE`.  Raises `OSError`."""
    package = Path(occasio_verify.__file__).parent
    files = {f"occasio_verify/{file.relative_to(package).as_posix()}": file for file in package.rglob("*.py")}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(zipfile.ZipInfo("__main__.py", _EPOCH), _MAIN, zipfile.ZIP_DEFLATED)
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), files[name].read_bytes(), zipfile.ZIP_DEFLATED)
