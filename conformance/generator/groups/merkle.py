"""Tree hash and proofs, SPEC sections 7.1 and 7.3."""

from collections.abc import Iterator, Sequence

from generator import tree
from generator.cases import Case, Group, Json, accepted, refused

# the leaves that implementations of RFC 6962 have shared as test data from the beginning
LEAVES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOT = tree.root(LEAVES)
# where the last node of a level has no neighbour on several levels
MORE = [*LEAVES, *(bytes([number]) for number in range(8, 14))]


def roots() -> Group:
    """Returns the group `merkle-root`."""
    return Group(name="merkle-root", clause="7.1", cases=list(root_cases()))


def inclusions() -> Group:
    """Returns the group `inclusion`."""
    return Group(name="inclusion", clause="7.1", cases=list(inclusion_cases()))


def consistencies() -> Group:
    """Returns the group `consistency`."""
    return Group(name="consistency", clause="7.1", cases=list(consistency_cases()))


def multiproofs() -> Group:
    """Returns the group `multiproof`."""
    return Group(name="multiproof", clause="7.3", cases=list(multiproof_cases()))


groups = (roots, inclusions, consistencies, multiproofs)


def root_cases() -> Iterator[Case]:
    """Yields the root of every size up to eight, and of one that is far from a power of two."""
    for size in range(9):
        leaves = LEAVES[:size]
        why = f"{size} leaves"
        yield accepted(
            "merkle-root", "7.1", f"merkle-root-{size}", why, {"leaves": hexes(leaves)}, root=tree.root(leaves).hex()
        )
    many = [bytes([number]) for number in range(70)]
    yield accepted(
        "merkle-root", "7.1", "merkle-root-70", "70 leaves", {"leaves": hexes(many)}, root=tree.root(many).hex()
    )
    twins = [b"same"] * 3
    why = "an odd node is not doubled"
    yield accepted(
        "merkle-root", "7.1", "merkle-root-twins", why, {"leaves": hexes(twins)}, root=tree.root(twins).hex()
    )


def inclusion_cases() -> Iterator[Case]:
    """Yields proofs that hold, and what is done to them."""
    for index, size in ((0, 1), (0, 8), (5, 8), (7, 8), (2, 3), (6, 7), (4, 5), (1, 5)):
        question = included(index, size)
        yield accepted("inclusion", "7.1", f"inclusion-{index}-of-{size}", f"leaf {index} of {size}", question)
    for index, size in ((8, 9), (12, 13), (4, 13), (9, 14)):
        yield accepted(
            "inclusion", "7.1", f"inclusion-{index}-of-{size}", f"leaf {index} of {size}", included(index, size, MORE)
        )
    true = included(5, 8)
    proof = tree.inclusion(5, LEAVES)
    wrong: dict[str, tuple[str, dict[str, Json], str]] = {
        "index-at-size": ("no leaf stands at the size", {"index": 8}, "proof-range"),
        "index-beyond-size": ("the index is beyond the size", {"index": 13}, "proof-range"),
        "index-negative": ("an index is not negative", {"index": -1}, "proof-range"),
        "size-zero": ("an empty tree has no leaf", {"index": 0, "size": 0, "proof": []}, "proof-range"),
        "other-leaf": ("another leaf", {"leaf": b"other".hex()}, "proof-root"),
        "other-root": ("another root", {"root": tree.root(LEAVES[:7]).hex()}, "proof-root"),
        "other-index": ("the proof of another place", {"index": 4}, "proof-root"),
        "smaller-size": ("a size that needs fewer hashes", {"size": 6}, "proof-length"),
        "larger-size": ("a size that needs more hashes", {"size": 9}, "proof-length"),
        "too-short": ("a hash is missing at the end", {"proof": hexes(proof[:-1])}, "proof-length"),
        "too-short-front": ("a hash is missing at the beginning", {"proof": hexes(proof[1:])}, "proof-length"),
        "too-long": ("a hash too many", {"proof": hexes([*proof, ROOT])}, "proof-length"),
        "empty": ("no hash at all", {"proof": []}, "proof-length"),
        "hash-short": ("a hash of 31 bytes", {"proof": hexes([proof[0], proof[1], proof[2][:-1]])}, "proof-length"),
        "hash-long": ("a hash of 33 bytes", {"proof": hexes([proof[0], proof[1], proof[2] + b"x"])}, "proof-length"),
        "swapped": ("two hashes swapped", {"proof": hexes([proof[1], proof[0], proof[2]])}, "proof-root"),
        "bit-flipped": ("a bit of a hash", {"proof": hexes([*proof[:2], flipped(proof[2])])}, "proof-root"),
        "root-as-leaf-of-one": (
            "a tree of one with the root for a leaf",
            {"leaf": ROOT.hex(), "index": 0, "size": 1, "proof": []},
            "proof-root",
        ),
    }
    for name, (why, change, code) in wrong.items():
        yield refused("inclusion", "7.1", f"inclusion-{name}", why, {**true, **change}, code)
    one = included(0, 1)
    yield refused(
        "inclusion",
        "7.1",
        "inclusion-one-too-long",
        "a tree of one needs no hash",
        {**one, "proof": [ROOT.hex()]},
        "proof-length",
    )
    fitting = [ROOT] * 53  # as many hashes as the first leaf of so large a tree needs
    beyond: dict[str, Json] = {**one, "size": 2**53, "proof": hexes(fitting)}
    yield refused("inclusion", "7.1", "inclusion-size-beyond", "no log has 2^53 rows", beyond, "proof-range")
    yield inner_node()


def inner_node() -> Case:
    """Returns the case of an inner node shown as a leaf (a second preimage without the prefixes 0x00 and 0x01)."""
    left, right = tree.leaf_hash(LEAVES[4]), tree.leaf_hash(LEAVES[5])
    path = tree.inclusion(4, LEAVES)[1:]
    question: dict[str, Json] = {
        "leaf": (left + right).hex(),
        "index": 2,
        "size": 4,
        "proof": hexes(path),
        "root": ROOT.hex(),
    }
    return refused("inclusion", "7.1", "inclusion-inner-node", "an inner node is not a leaf", question, "proof-root")


def consistency_cases() -> Iterator[Case]:
    """Yields proofs that hold, and what is done to them."""
    for old, new in ((0, 0), (0, 5), (1, 1), (1, 8), (2, 8), (3, 7), (4, 8), (6, 8), (7, 8), (8, 8), (2, 5), (1, 2)):
        yield accepted(
            "consistency", "7.1", f"consistency-{old}-{new}", f"from {old} to {new} leaves", consistent(old, new)
        )
    for old, new in ((9, 10), (9, 13), (10, 11), (12, 13), (5, 14), (8, 13)):
        yield accepted(
            "consistency", "7.1", f"consistency-{old}-{new}", f"from {old} to {new} leaves", consistent(old, new, MORE)
        )
    true = consistent(6, 8)
    proof = tree.consistency(6, LEAVES)
    equal = consistent(8, 8)
    power = consistent(4, 8)
    powers = tree.consistency(4, LEAVES)
    wrong: dict[str, tuple[str, dict[str, Json], str]] = {
        "shrunk": ("the new size is smaller", {**consistent(6, 8), "old_size": 8, "new_size": 6}, "proof-range"),
        "negative-both": ("no size is negative", {**true, "old_size": -2, "new_size": -1, "proof": []}, "proof-range"),
        "negative": ("a size is not negative", {**true, "old_size": -1}, "proof-range"),
        "size-beyond": ("no log has 2^53 rows", {**equal, "old_size": 2**53, "new_size": 2**53}, "proof-range"),
        "old-root": ("another old root", {**true, "old_root": tree.root(LEAVES[:5]).hex()}, "proof-root"),
        "new-root": ("another new root", {**true, "new_root": tree.root(LEAVES[:7]).hex()}, "proof-root"),
        "roots-swapped": (
            "old and new root swapped",
            {**true, "old_root": true["new_root"], "new_root": true["old_root"]},
            "proof-root",
        ),
        "rewritten": ("a leaf of the old tree was changed", rewritten(), "proof-root"),
        "too-short": ("a hash is missing", {**true, "proof": hexes(proof[:-1])}, "proof-length"),
        "too-long": ("a hash too many", {**true, "proof": hexes([*proof, ROOT])}, "proof-length"),
        "empty": ("no hash at all", {**true, "proof": []}, "proof-length"),
        "hash-short": ("a hash of 31 bytes", {**true, "proof": hexes([*proof[:-1], proof[-1][:-1]])}, "proof-length"),
        "hash-empty": ("a hash of no bytes", {**true, "proof": hexes([*proof[:-1], b""])}, "proof-length"),
        "swapped": ("two hashes swapped", {**true, "proof": hexes([proof[1], proof[0], *proof[2:]])}, "proof-root"),
        "bit-flipped": ("a bit of a hash", {**true, "proof": hexes([*proof[:-1], flipped(proof[-1])])}, "proof-root"),
        "power-old-root-repeated": (
            "from a power of two the old root is not in the proof",
            {**power, "proof": hexes([tree.root(LEAVES[:4]), *powers])},
            "proof-length",
        ),
        "power-old-root": (
            "from a power of two the old root is still compared",
            {**power, "old_root": ROOT.hex()},
            "proof-root",
        ),
        "power-too-short": ("no hash at all, from a power of two", {**power, "proof": []}, "proof-length"),
        "equal-other-root": (
            "equal sizes, other roots",
            {**consistent(8, 8), "old_root": tree.root(LEAVES[:7]).hex()},
            "proof-root",
        ),
        "equal-not-empty": (
            "equal sizes, a hash too many",
            {**consistent(8, 8), "proof": [ROOT.hex()]},
            "proof-length",
        ),
        "from-empty-not-empty": (
            "from an empty tree, a hash too many",
            {**consistent(0, 5), "proof": [ROOT.hex()]},
            "proof-length",
        ),
        "from-empty-old-root": (
            "the root of the empty tree is known",
            {**consistent(0, 5), "old_root": ROOT.hex()},
            "proof-root",
        ),
    }
    for name, (why, question, code) in wrong.items():
        yield refused("consistency", "7.1", f"consistency-{name}", why, question, code)


def multiproof_cases() -> Iterator[Case]:
    """Yields proofs for several leaves that hold, and what is done to them."""
    for name, places, size in (
        ("one-of-one", [0], 1),
        ("one-of-eight", [5], 8),
        ("neighbours", [2, 3], 8),
        ("halves", [1, 6], 7),
        ("all", list(range(8)), 8),
        ("last", [6], 7),
        ("first-and-last", [0, 4], 5),
    ):
        yield accepted("multiproof", "7.3", f"multiproof-{name}", f"leaves {places} of {size}", several(places, size))
    true = several([2, 3, 6], 8)
    proof = tree.multiproof([2, 3, 6], LEAVES)
    leaves: list[Json] = [[2, LEAVES[2].hex()], [3, LEAVES[3].hex()], [6, LEAVES[6].hex()]]
    wrong: dict[str, tuple[str, dict[str, Json], str]] = {
        "no-leaf": ("nothing shown is no proof", {"leaves": [], "proof": [ROOT.hex()]}, "proof-range"),
        "index-at-size": ("no leaf stands at the size", {"leaves": [*leaves, [8, LEAVES[0].hex()]]}, "proof-range"),
        "index-negative": ("an index is not negative", {"leaves": [[-1, LEAVES[0].hex()], *leaves]}, "proof-range"),
        "size-zero": ("an empty tree has no leaf", {"leaves": [[0, ""]], "size": 0, "proof": []}, "proof-range"),
        "not-growing": ("the places must grow", {"leaves": [leaves[1], leaves[0], leaves[2]]}, "proof-range"),
        "twice": ("a place twice", {"leaves": [leaves[0], leaves[0], leaves[1], leaves[2]]}, "proof-range"),
        "too-short": ("a hash is missing", {"proof": hexes(proof[:-1])}, "proof-length"),
        "too-long": ("a hash too many", {"proof": hexes([*proof, ROOT])}, "proof-length"),
        "empty": ("no hash at all", {"proof": []}, "proof-length"),
        "swapped": ("two hashes swapped", {"proof": hexes([proof[1], proof[0], *proof[2:]])}, "proof-root"),
        "hash-short": ("a hash of 31 bytes", {"proof": hexes([*proof[:-1], proof[-1][:-1]])}, "proof-length"),
        "other-leaf": ("another leaf", {"leaves": [leaves[0], [3, "ff"], leaves[2]]}, "proof-root"),
        "leaves-swapped": (
            "two leaves have changed places",
            {"leaves": [[2, LEAVES[3].hex()], [3, LEAVES[2].hex()], leaves[2]]},
            "proof-root",
        ),
        "other-place": (
            "a leaf at another place of as many hashes",
            {"leaves": [leaves[0], leaves[1], [7, LEAVES[6].hex()]]},
            "proof-root",
        ),
        "other-root": ("another root", {"root": tree.root(LEAVES[:7]).hex()}, "proof-root"),
        "other-size": ("a size that needs more hashes", {"size": 9}, "proof-length"),
        "size-beyond": (
            "no log has 2^53 rows",
            {"leaves": [[0, LEAVES[0].hex()]], "size": 2**53, "proof": [ROOT.hex()] * 53},
            "proof-range",
        ),
    }
    for name, (why, change, code) in wrong.items():
        yield refused("multiproof", "7.3", f"multiproof-{name}", why, {**true, **change}, code)
    left, right = tree.leaf_hash(LEAVES[4]), tree.leaf_hash(LEAVES[5])
    path = [tree.root(LEAVES[:4]), tree.root(LEAVES[6:])]
    inner: dict[str, Json] = {
        "leaves": [[2, (left + right).hex()]],
        "size": 4,
        "proof": hexes(path),
        "root": ROOT.hex(),
    }
    yield refused("multiproof", "7.3", "multiproof-inner-node", "an inner node is not a leaf", inner, "proof-root")


def included(index: int, size: int, leaves: Sequence[bytes] = LEAVES) -> dict[str, Json]:
    """Returns a true question about inclusion."""
    leaves = leaves[:size]
    proof = hexes(tree.inclusion(index, leaves))
    return {"leaf": leaves[index].hex(), "index": index, "size": size, "proof": proof, "root": tree.root(leaves).hex()}


def consistent(old: int, new: int, leaves: Sequence[bytes] = LEAVES) -> dict[str, Json]:
    """Returns a true question about consistency."""
    proof = hexes(tree.consistency(old, leaves[:new]))
    roots = {"old_root": tree.root(leaves[:old]).hex(), "new_root": tree.root(leaves[:new]).hex()}
    return {"old_size": old, "new_size": new, **roots, "proof": proof}


def rewritten() -> dict[str, Json]:
    """Returns the question of one who changed an old leaf and made the proof from the new tree."""
    leaves = [b"rewritten", *LEAVES[1:]]
    return {**consistent(6, 8), "new_root": tree.root(leaves).hex(), "proof": hexes(tree.consistency(6, leaves))}


def several(places: Sequence[int], size: int) -> dict[str, Json]:
    """Returns a true question about several leaves."""
    leaves = LEAVES[:size]
    shown: list[Json] = [[place, leaves[place].hex()] for place in places]
    return {
        "leaves": shown,
        "size": size,
        "proof": hexes(tree.multiproof(places, leaves)),
        "root": tree.root(leaves).hex(),
    }


def flipped(digest: bytes) -> bytes:
    """Returns the digest with its last bit flipped."""
    return digest[:-1] + bytes([digest[-1] ^ 1])


def hexes(values: Sequence[bytes]) -> list[Json]:
    """Returns the values as hex."""
    return [value.hex() for value in values]
