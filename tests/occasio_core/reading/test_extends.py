"""What is no checkpoint is not read as one; what comes of comparing is in test_compared.py."""

from __future__ import annotations

import pytest

from occasio_core.reading.extends import read_checkpoint


@pytest.mark.parametrize("note", [b"", b"?", b"origin\n1\nAAAA\n\n"])
def test_what_is_no_checkpoint_is_none(note: bytes) -> None:
    assert read_checkpoint(note) is None
