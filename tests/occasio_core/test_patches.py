"""A patch touches every file that some reader would take out of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from occasio_core.patches import effects_of_patch


def told(text: str) -> list[str]:
    return [f"{effect.kind} {effect.target}" for effect in effects_of_patch(text)]


@pytest.mark.parametrize(
    ("text", "effects"),
    [
        ("*** Add File: a", ["write a"]),
        ("*** Update File: a", ["read a", "write a"]),
        ("*** Delete File: a", ["delete a"]),
        ("*** Update File: a\n*** Move to: b", ["read a", "write a", "delete a", "write b"]),
        ("*** Move to: b", ["write b"]),
        ("  *** Delete File:  a b.py  \r\n", ["delete a b.py"]),
        ("***\tDelete File: a", ["delete a"]),
        ("*** Add File: x\n+*** Delete File: a", ["write x"]),
        ("*** Add File:", []),
        ("*** Begin Patch\n*** End Patch", []),
        ("*** Environment ID: x", []),
        (
            "--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@",
            ["read a/x.py", "write a/x.py", "read x.py", "write x.py", "read b/x.py", "write b/x.py"],
        ),
        ("--- /dev/null\n+++ new.py\t2026-01-01", ["read new.py", "write new.py"]),
        ('--- "a b"', ["read a b", "write a b"]),
        ("rename from a\nrename to b", ["read a", "delete a", "write b"]),
        ("copy from a\ncopy to b", ["read a", "write b"]),
        ("a plain text --- with dashes", []),
        ("", []),
    ],
)
def test_headers_name_files(text: str, effects: list[str]) -> None:
    assert told(text) == effects


@given(
    st.text(),
    st.text(st.characters(exclude_categories=["Cc", "Zl", "Zp", "Cs"]), min_size=1).filter(str.strip),
    st.text(),
)
def test_a_header_is_found_wherever_it_stands(before: str, path: str, after: str) -> None:
    assert f"delete {path.strip()}" in told(f"{before}\n*** Delete File: {path}\n{after}")
