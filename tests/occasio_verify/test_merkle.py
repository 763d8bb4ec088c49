import hashlib
import random
from collections.abc import Iterator, Sequence
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from occasio_verify.errors import MerkleError
from occasio_verify.merkle import (
    EMPTY_ROOT,
    CompactRange,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    multiproof,
    node_hash,
    stream_multiproof,
    verify_consistency,
    verify_inclusion,
    verify_multiproof,
)

# what implementations of RFC 6962 have been tried on from the beginning
DATA = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
LEAVES = [leaf_hash(bytes.fromhex(data)) for data in DATA]
ROOT = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"

SIZES = range(1, 71)
MANY = [leaf_hash(bytes([number])) for number in range(max(SIZES))]
HUGE = 2**53 - 1
OTHER = hashlib.sha256(b"other").digest()


def tree_hash(leaves: Sequence[bytes]) -> bytes:
    """The root as RFC 6962 section 2.1 defines it, from leaf hashes."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = max(power for power in (2**exponent for exponent in range(10)) if power < len(leaves))
    return hashlib.sha256(b"\x01" + tree_hash(leaves[:split]) + tree_hash(leaves[split:])).digest()


ROOTS = [tree_hash(MANY[:size]) for size in range(max(SIZES) + 1)]


def code_of(verify: object, *arguments: object) -> str:
    """The code with which `verify` refuses these arguments."""
    assert callable(verify)
    with pytest.raises(MerkleError) as caught:
        verify(*arguments)
    return caught.value.code


def bit_flips(proof: Sequence[bytes]) -> Iterator[list[bytes]]:
    """`proof` with each of its bits flipped in turn."""
    for place, node in enumerate(proof):
        for bit in range(8 * len(node)):
            flipped = (int.from_bytes(node, "big") ^ 1 << bit).to_bytes(len(node), "big")
            yield [*proof[:place], flipped, *proof[place + 1 :]]


def grown(leaves: Sequence[bytes]) -> CompactRange:
    tree = CompactRange()
    for leaf in leaves:
        tree.append(leaf)
    return tree


def test_the_empty_tree_has_the_hash_of_nothing_for_a_root() -> None:
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert CompactRange().root() == EMPTY_ROOT


def test_a_leaf_and_a_node_are_hashed_with_their_prefixes() -> None:
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert node_hash(b"l", b"r") == hashlib.sha256(b"\x01lr").digest()


def test_the_published_tree_of_eight_leaves_has_the_published_root() -> None:
    assert grown(LEAVES).root().hex() == tree_hash(LEAVES).hex() == ROOT


@pytest.mark.parametrize("size", SIZES)
def test_a_grown_tree_has_the_root_of_the_definition(size: int) -> None:
    assert grown(MANY[:size]).root() == ROOTS[size]


@pytest.mark.parametrize("size", SIZES)
def test_a_tree_grows_on_from_its_hashes(size: int) -> None:
    tree = grown(MANY[: size - 1])
    again = CompactRange.from_hashes(tree.size, tree.hashes)
    again.append(MANY[size - 1])
    assert (again.size, again.root()) == (size, ROOTS[size])


def test_the_hashes_of_a_tree_are_its_perfect_subtrees_largest_first() -> None:
    assert grown(LEAVES[:7]).hashes == [tree_hash(LEAVES[:4]), tree_hash(LEAVES[4:6]), LEAVES[6]]


def test_growing_a_tree_does_not_change_hashes_taken_before() -> None:
    tree = grown(LEAVES[:3])
    before = tree.hashes
    tree.append(LEAVES[3])
    assert len(before) == 2


@pytest.mark.parametrize(
    ("size", "count", "code"),
    [
        (3, 1, "proof-length"),
        (0, 1, "proof-length"),
        (4, 0, "proof-length"),
        (-1, 0, "proof-range"),
        (2**53, 1, "proof-range"),
    ],
)
def test_hashes_that_do_not_make_the_size_are_refused(size: int, count: int, code: str) -> None:
    assert code_of(CompactRange.from_hashes, size, [OTHER] * count) == code


def test_a_hash_of_another_length_is_refused_in_a_range() -> None:
    assert code_of(CompactRange.from_hashes, 1, [OTHER + b"\0"]) == "proof-length"


@pytest.mark.parametrize("size", SIZES)
def test_every_leaf_is_shown_to_be_where_it_is_and_nowhere_else(size: int) -> None:
    leaves = MANY[:size]
    for index, leaf in enumerate(leaves):
        proof = inclusion_proof(leaves, index)
        verify_inclusion(index, size, leaf, proof, ROOTS[size])
        if size > 1:
            assert code_of(verify_inclusion, (index + 1) % size, size, leaf, proof, ROOTS[size]).startswith("proof-")


def test_an_inclusion_proof_lists_the_siblings_from_the_leaf_upwards() -> None:
    assert inclusion_proof(LEAVES[:7], 5) == [LEAVES[4], LEAVES[6], tree_hash(LEAVES[:4])]


def test_every_bit_of_an_inclusion_proof_matters() -> None:
    proof, root = inclusion_proof(LEAVES, 5), tree_hash(LEAVES)
    assert {code_of(verify_inclusion, 5, 8, LEAVES[5], flip, root) for flip in bit_flips(proof)} == {"proof-root"}


def test_an_inner_node_is_not_accepted_as_a_leaf() -> None:
    inner = LEAVES[4] + LEAVES[5]
    proof = [tree_hash(LEAVES[6:8]), tree_hash(LEAVES[:4])]
    assert code_of(verify_inclusion, 2, 4, leaf_hash(inner), proof, tree_hash(LEAVES)) == "proof-root"
    assert code_of(verify_inclusion, 2, 8, node_hash(LEAVES[4], LEAVES[5]), proof, tree_hash(LEAVES)) == "proof-length"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"index": 8}, "proof-range"),
        ({"index": -1}, "proof-range"),
        ({"index": 0, "size": 0}, "proof-range"),
        ({"size": 2**53}, "proof-range"),
        ({"size": -1}, "proof-range"),
        ({"index": 4}, "proof-root"),
        ({"size": 6}, "proof-length"),
        ({"size": 9}, "proof-length"),
        ({"leaf": OTHER}, "proof-root"),
        ({"leaf": OTHER[:31]}, "proof-length"),
        ({"root": OTHER}, "proof-root"),
        ({"root": b""}, "proof-root"),
        ({"proof": []}, "proof-length"),
        ({"proof": [OTHER] * 2}, "proof-length"),
        ({"proof": [OTHER] * 4}, "proof-length"),
        ({"proof": [OTHER] * 1000}, "proof-length"),
        ({"proof": [OTHER, OTHER, OTHER[:31]]}, "proof-length"),
        ({"proof": [OTHER, OTHER, OTHER + b"\0"]}, "proof-length"),
    ],
)
def test_an_inclusion_that_is_not_shown_is_refused(change: dict[str, object], code: str) -> None:
    true: dict[str, object] = {
        "index": 5,
        "size": 8,
        "leaf": LEAVES[5],
        "proof": inclusion_proof(LEAVES, 5),
        "root": tree_hash(LEAVES),
    }
    assert code_of(verify_inclusion, *{**true, **change}.values()) == code


def test_a_root_does_not_tell_its_size_so_both_must_come_from_one_checkpoint() -> None:
    verify_inclusion(5, 7, LEAVES[5], inclusion_proof(LEAVES, 5), tree_hash(LEAVES))


@pytest.mark.parametrize("new_size", SIZES)
def test_every_tree_is_shown_to_go_on_from_every_smaller_one(new_size: int) -> None:
    for old_size in range(new_size + 1):
        proof = consistency_proof(MANY[:new_size], old_size)
        verify_consistency(old_size, new_size, proof, ROOTS[old_size], ROOTS[new_size])
        if old_size:
            assert code_of(verify_consistency, old_size, new_size, proof, OTHER, ROOTS[new_size]) == "proof-root"
            assert code_of(verify_consistency, old_size, new_size, proof, ROOTS[old_size], OTHER) == "proof-root"


def test_a_consistency_proof_is_the_one_of_the_rfc() -> None:
    # RFC 9162 section 2.1.5 has this tree of seven leaves and its proofs from three, four and six
    a, b, c, d, *_, j = LEAVES[:7]
    g, h, i, k = node_hash(a, b), node_hash(c, d), node_hash(*LEAVES[4:6]), tree_hash(LEAVES[:4])
    root_of_i_and_j = node_hash(i, j)
    assert consistency_proof(LEAVES[:7], 3) == [c, d, g, root_of_i_and_j]
    assert consistency_proof(LEAVES[:7], 4) == [root_of_i_and_j]
    assert consistency_proof(LEAVES[:7], 6) == [i, j, k]
    assert h in inclusion_proof(LEAVES[:7], 0)


@pytest.mark.parametrize("old_size", range(1, 8))
def test_every_bit_of_a_consistency_proof_matters(old_size: int) -> None:
    proof = consistency_proof(LEAVES, old_size)
    roots = tree_hash(LEAVES[:old_size]), tree_hash(LEAVES)
    assert {code_of(verify_consistency, old_size, 8, flip, *roots) for flip in bit_flips(proof)} == {"proof-root"}


def test_a_rewritten_leaf_is_noticed() -> None:
    rewritten = [OTHER, *LEAVES[1:]]
    proof = consistency_proof(rewritten, 6)
    assert code_of(verify_consistency, 6, 8, proof, tree_hash(LEAVES[:6]), tree_hash(rewritten)) == "proof-root"


@pytest.mark.parametrize(
    ("old_size", "new_size", "proof", "old_root", "new_root", "code"),
    [
        (8, 6, [], ROOTS[8], ROOTS[6], "proof-range"),
        (-1, 6, [], ROOTS[0], ROOTS[6], "proof-range"),
        (1, 2**53, [OTHER], ROOTS[1], OTHER, "proof-range"),
        (6, 6, [OTHER], ROOTS[6], ROOTS[6], "proof-length"),
        (6, 6, [], ROOTS[6], ROOTS[5], "proof-root"),
        (0, 6, [OTHER], ROOTS[0], ROOTS[6], "proof-length"),
        (0, 6, [], ROOTS[1], ROOTS[6], "proof-root"),
        (0, 0, [], ROOTS[0], ROOTS[1], "proof-root"),
        (0, 0, [], ROOTS[1], ROOTS[1], "proof-root"),
        (6, 8, [], ROOTS[6], ROOTS[8], "proof-length"),
        (4, 8, [], ROOTS[4], ROOTS[8], "proof-length"),
        (6, 8, consistency_proof(MANY[:8], 6)[:-1], ROOTS[6], ROOTS[8], "proof-length"),
        (6, 8, [*consistency_proof(MANY[:8], 6), OTHER], ROOTS[6], ROOTS[8], "proof-length"),
        (4, 8, [ROOTS[4], *consistency_proof(MANY[:8], 4)], ROOTS[4], ROOTS[8], "proof-length"),
        (6, 8, [node[:31] for node in consistency_proof(MANY[:8], 6)], ROOTS[6], ROOTS[8], "proof-length"),
    ],
)
def test_a_consistency_that_is_not_shown_is_refused(
    old_size: int, new_size: int, proof: list[bytes], old_root: bytes, new_root: bytes, code: str
) -> None:
    assert code_of(verify_consistency, old_size, new_size, proof, old_root, new_root) == code


def test_of_the_tree_that_goes_on_from_nothing_the_root_is_not_shown() -> None:
    verify_consistency(0, 6, [], EMPTY_ROOT, OTHER)


@pytest.mark.parametrize("size", range(1, 10))
def test_every_choice_of_leaves_is_shown_by_one_proof(size: int) -> None:
    leaves = MANY[:size]
    for count in range(1, size + 1):
        for indexes in combinations(range(size), count):
            shown = [leaves[index] for index in indexes]
            proof = multiproof(leaves, indexes)
            verify_multiproof(indexes, shown, size, proof, ROOTS[size])
            assert code_of(verify_multiproof, indexes, [*shown[1:], OTHER], size, proof, ROOTS[size]) == "proof-root"


@settings(deadline=None, max_examples=100)
@given(st.sampled_from(SIZES), st.data())
def test_leaves_anywhere_in_a_tree_are_shown_by_one_proof(size: int, data: st.DataObject) -> None:
    indexes = sorted(data.draw(st.sets(st.integers(0, size - 1), min_size=1)))
    proof = multiproof(MANY[:size], indexes)
    verify_multiproof(indexes, [MANY[index] for index in indexes], size, proof, ROOTS[size])


def test_a_proof_lists_the_largest_subtrees_without_the_leaves_from_left_to_right() -> None:
    assert multiproof(LEAVES[:7], [2, 6]) == [tree_hash(LEAVES[:2]), LEAVES[3], tree_hash(LEAVES[4:6])]
    assert multiproof(LEAVES, range(8)) == []


@pytest.mark.parametrize("size", SIZES)
def test_a_proof_for_one_leaf_has_the_hashes_of_its_inclusion_proof(size: int) -> None:
    leaves = MANY[:size]
    for index in range(size):
        assert sorted(multiproof(leaves, [index])) == sorted(inclusion_proof(leaves, index))


def test_every_bit_of_a_proof_for_several_leaves_matters() -> None:
    proof, root = multiproof(LEAVES[:7], [1, 2]), tree_hash(LEAVES[:7])
    codes = {code_of(verify_multiproof, [1, 2], LEAVES[1:3], 7, flip, root) for flip in bit_flips(proof)}
    assert codes == {"proof-root"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"indexes": [], "leaves": [], "proof": [tree_hash(LEAVES)]}, "proof-range"),
        ({"indexes": [2, 3, 8]}, "proof-range"),
        ({"indexes": [-1, 3, 6]}, "proof-range"),
        ({"indexes": [3, 2, 6]}, "proof-range"),
        ({"indexes": [2, 2, 6]}, "proof-range"),
        ({"indexes": [0], "leaves": [OTHER], "size": 0, "proof": []}, "proof-range"),
        ({"size": 2**53}, "proof-range"),
        ({"indexes": [2, 3]}, "proof-length"),
        ({"leaves": LEAVES[2:4]}, "proof-length"),
        ({"leaves": [*LEAVES[2:4], b"a row and no hash"]}, "proof-length"),
        ({"size": 9}, "proof-length"),
        ({"proof": []}, "proof-length"),
        ({"proof": multiproof(LEAVES, [2, 3, 6])[:-1]}, "proof-length"),
        ({"proof": [*multiproof(LEAVES, [2, 3, 6]), OTHER]}, "proof-length"),
        ({"proof": [node + b"\0" for node in multiproof(LEAVES, [2, 3, 6])]}, "proof-length"),
        ({"proof": multiproof(LEAVES, [2, 3, 6])[::-1]}, "proof-root"),
        ({"indexes": [2, 3, 7]}, "proof-root"),
        ({"leaves": [LEAVES[3], LEAVES[2], LEAVES[6]]}, "proof-root"),
        ({"root": OTHER}, "proof-root"),
    ],
)
def test_leaves_that_are_not_shown_are_refused(change: dict[str, object], code: str) -> None:
    true: dict[str, object] = {
        "indexes": [2, 3, 6],
        "leaves": [LEAVES[2], LEAVES[3], LEAVES[6]],
        "size": 8,
        "proof": multiproof(LEAVES, [2, 3, 6]),
        "root": tree_hash(LEAVES),
    }
    assert code_of(verify_multiproof, *{**true, **change}.values()) == code


def test_a_proof_is_made_from_one_pass_over_the_leaves() -> None:
    assert stream_multiproof(iter(MANY), 70, [5, 6, 69]) == multiproof(MANY, [5, 6, 69])


@pytest.mark.parametrize("count", [0, 5, 69, 71])
def test_a_stream_of_another_number_of_leaves_is_refused(count: int) -> None:
    leaves = (OTHER for _ in range(count))
    assert code_of(stream_multiproof, leaves, 70, [69]) == "proof-range"


@pytest.mark.parametrize("make", [inclusion_proof, lambda leaves, index: multiproof(leaves, [index])])
@pytest.mark.parametrize("index", [-1, 8])
def test_no_proof_is_made_for_a_leaf_that_is_not_there(make: object, index: int) -> None:
    assert code_of(make, LEAVES, index) == "proof-range"


@pytest.mark.parametrize("old_size", [-1, 9])
def test_no_proof_is_made_from_a_size_that_never_was(old_size: int) -> None:
    assert code_of(consistency_proof, LEAVES, old_size) == "proof-range"


def test_trees_of_the_largest_size_take_no_more_steps_than_they_have_levels() -> None:
    source = random.Random(9162)
    path = [source.randbytes(32) for _ in range(53)]
    root = OTHER
    for sibling in path:
        root = node_hash(root, sibling)
    verify_inclusion(0, HUGE, OTHER, path, root)
    verify_multiproof([0], [OTHER], HUGE, path, root)
    assert code_of(verify_consistency, 1, HUGE, path, OTHER, EMPTY_ROOT) == "proof-root"
    assert code_of(verify_inclusion, HUGE - 1, HUGE, OTHER, path * 10, root) == "proof-length"
    assert code_of(verify_multiproof, [0, HUGE - 1], [OTHER] * 2, HUGE, path * 10, root) == "proof-length"
