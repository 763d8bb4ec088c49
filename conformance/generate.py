"""Writes conformance/vectors anew; the same files every time.

Usage: python conformance/generate.py [FOLDER]
"""

import sys
from pathlib import Path

from generator import keys
from generator.cases import write_bundles, write_group
from generator.groups import BUNDLES, GROUPS
from generator.groups.long_log import write_prefix

VECTORS = Path(__file__).parent / "vectors"


def main(folder: Path) -> None:
    """Writes every group, every bundle and the public keys."""
    folder.mkdir(parents=True, exist_ok=True)
    for make in GROUPS:
        write_group(make(), folder)
    write_bundles((case for bundles in BUNDLES for case in bundles()), folder / "bundles")
    keys.write_public_keys(folder / "keys")
    write_prefix(folder / "logs")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else VECTORS)
