"""Bundles as large as they may be, and one more: SPEC section 15.  They are spelled by what they repeat."""

from collections.abc import Iterator

from generator import bundles, node
from generator.cases import Case, Group, Json, identifier
from generator.groups.bundle_format import BARE

BYTES = 100_663_296
COMMAS = 2_500_000
BRACKETS = 1_000_000
ROWS = 200_000
ROW_BYTES = 1_048_576
SCHEMA = b'"schema":"occasio-bundle/v1"}\n'
UNKNOWN = ("format", "bundle-member")


def group() -> Group:
    """Returns the group `bundle-limits`."""
    return Group(name="bundle-limits", clause="15", cases=list(cases()))


def cases() -> Iterator[Case]:
    """Yields bytes, commas, brackets and rows."""
    around = len(b'{"comment":""}') + len(SCHEMA)
    for name, why, more in (("most", "as large as a bundle may be", 0), ("more", "a byte larger", 1)):
        parts = [('{"comment":"', 1), ("a", BYTES - around + more), ('",', 1)]
        yield filled(f"bytes-{name}", why, parts, too_large=more > 0)
    for name, why, more in (("most", "as many commas as there may be", 0), ("more", "a comma more", 1)):
        parts = [('{"comment":[0', 1), (",0", COMMAS - 1 + more), ("],", 1)]
        yield filled(f"commas-{name}", why, parts, too_large=more > 0)
    inside = [('{"comment":"', 1), (",", COMMAS), ('",', 1)]
    yield filled("commas-in-text", "commas count wherever they stand", inside, too_large=True)
    for name, why, more in (
        ("most", "as many brackets as there may be", ""),
        ("more", "a square one more", ",[]"),
        ("more-braces", "a brace more", ",{}"),
    ):
        parts = [('{"comment":[[]', 1), (",[]", BRACKETS // 2 - 2), (",{}", BRACKETS // 2 - 1), (f"{more}],", 1)]
        yield filled(f"brackets-{name}", why, parts, too_large=bool(more))
    inside = [('{"comment":"', 1), ("[", BRACKETS), ('",', 1)]
    yield filled("brackets-in-text", "brackets count wherever they stand", inside, too_large=True)
    yield of_rows("rows-most", "as many rows as there may be", ROWS, ("manifest", "manifest-mismatch"))
    yield of_rows("rows-more", "a row more", ROWS + 1, UNKNOWN)
    yield of_node_row("node-row-most", "a row of the node profile as long as it may be", ROW_BYTES)
    yield of_node_row("node-row-more", "a byte longer", ROW_BYTES + 1)


def filled(name: str, why: str, parts: list[tuple[str, int]], *, too_large: bool) -> Case:
    """Returns the case of an object that is no good bundle, but is read unless it is too large."""
    expected = ("format", "too-large") if too_large else UNKNOWN
    return case(name, why, [*((text.encode(), times) for text, times in parts), (SCHEMA, 1)], expected)


def of_rows(name: str, why: str, count: int, expected: tuple[str, str]) -> Case:
    """Returns the case of a bundle with so many empty rows."""
    head, tail = bundles.file({**BARE, "chain_slice": ["HERE"]}).split(b'"HERE"')
    return case(name, why, [(head + b"{}", 1), (b",{}", count - 1), (tail, 1)], expected)


def of_node_row(name: str, why: str, length: int) -> Case:
    """Returns the case of a bundle of the node profile with a row of so many bytes, as they are hashed."""
    rows = node.whole_run()
    filler = length - len(node.hashed_text({**rows[-1], "zebra": ""}))
    made = node.bundle(node.linked([*rows[:-1], {**rows[-1], "zebra": "z" * filler}]))
    head, tail = node.file(made).split(b"z" * filler)
    expected = ("rows", "row-too-long") if length > ROW_BYTES else None
    return case(name, why, [(head, 1), (b"z", filler), (tail, 1)], expected)


def case(name: str, why: str, parts: list[tuple[bytes, int]], expected: tuple[str, str] | None) -> Case:
    """Returns the case of a bundle that is spelled by its parts, and fails first as expected, or is INTACT."""
    failed: dict[str, Json] = {"ok": True, "verdict": "INTACT", "exit": 3, "failed": []}
    if expected is not None:
        failed = {"ok": True, "verdict": "FAILED", "exit": 1, "first_failed": list(expected)}
    spelled: Json = {"repeat": [[text.hex(), times] for text, times in parts]}
    return Case(
        id=identifier(f"bundle-limit-{name}"),
        clause="15",
        kind="hostile" if expected else "honest",
        why=why,
        op="bundle",
        input={"path": spelled, "keys": [], "named": False},
        expect=failed,
    )
