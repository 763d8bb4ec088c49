"""A `/proc` of the test's own: processes, the sockets that they hold, and one network for all."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
STATES = {"open": "01", "over": "06", "listening": "0A", "closed": "07"}


def end(address: str, port: int) -> str:
    """Return one end of a socket of IPv4 as the table has it on this machine."""
    number = bytes(int(part) for part in address.split("."))
    return f"{int.from_bytes(number, sys.byteorder):08X}:{port:04X}"


@dataclass
class FakeProc:
    root: Path
    lines: dict[str, list[str]] = field(default_factory=dict)
    inode: int = 100

    def process(self, pid: int, parent: int, name: str, state: str = "S") -> Path:
        place = self.root / str(pid)
        (place / "fd").mkdir(parents=True)
        (place / "ns").mkdir()
        (place / "ns" / "net").symlink_to("net:[1]")
        (place / "net").mkdir()
        (place / "stat").write_text(f"{pid} ({name}) {state} {parent} 0 0 0", encoding="utf-8")
        self.write()
        return place

    def socket(
        self, held_by: Sequence[int], local: tuple[str, int], remote: tuple[str, int], state: str, table: str = "tcp"
    ) -> int:
        self.inode += 1
        inode = self.inode if held_by else 0
        line = f"   0: {end(*local)} {end(*remote)} {STATES[state]} 00000000:00000000 00:00000000 00000000  0 0 {inode} 1\n"
        self.lines.setdefault(table, []).append(line)
        for pid in held_by:
            (self.root / str(pid) / "fd" / str(inode)).symlink_to(f"socket:[{inode}]")
        self.write()
        return inode

    def write(self) -> None:
        for place in self.root.iterdir():
            for table, lines in self.lines.items():
                (place / "net" / table).write_text(HEAD + "".join(lines), encoding="ascii")
