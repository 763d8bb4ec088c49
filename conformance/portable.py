"""The runner and all vectors as one file that any Python of 3.11 runs: what an implementer downloads.

Usage: python conformance/portable.py FILE.  Then: python FILE [--only GLOB]... -- COMMAND...  The same files always make the same bytes.
"""

import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
MAIN = """\
import sys
import tempfile
import zipfile
from pathlib import Path

import run

with tempfile.TemporaryDirectory(prefix="occasio-conformance-") as place:
    zipfile.ZipFile(Path(sys.argv[0])).extractall(place)
    status = run.main(["--vectors", f"{place}/vectors", *sys.argv[1:]])
sys.exit(status)
"""


def contents() -> Iterator[tuple[str, bytes]]:
    """Yields every file by its name in the archive, in the order of the names."""
    yield "PROTOCOL.md", (HERE / "PROTOCOL.md").read_bytes()
    yield "__main__.py", MAIN.encode()
    yield "run.py", (HERE / "run.py").read_bytes()
    files = (path for path in (HERE / "vectors").rglob("*") if path.is_file())
    yield from sorted((path.relative_to(HERE).as_posix(), path.read_bytes()) for path in files)


def write(path: Path) -> None:
    """Writes the archive; neither the clock, nor the system, nor modes of files are in it."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in contents():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.external_attr, entry.compress_type = 3, 0o644 << 16, zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python conformance/portable.py FILE")
    write(Path(sys.argv[1]))
