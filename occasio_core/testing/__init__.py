"""For the tests of plugins: a gate in memory, and answers carried through an adapter's exchange.

`pytest` finds the fixture `occasio_gate` by itself wherever Occasio is installed.
"""

from occasio_core.testing.exchanges import HOSTILE, Decide, Seen, Speaker, carried
from occasio_core.testing.gate import Called, TestGate

__all__ = ["HOSTILE", "Called", "Decide", "Seen", "Speaker", "TestGate", "carried"]
