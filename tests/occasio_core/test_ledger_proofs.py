"""Proofs from stored hashes are those that the definitions give, leaf by leaf."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from occasio_core.ledger.proofs import added, consistency, inclusion, position, several, stored_before, subtree_root
from occasio_verify import (
    CompactRange,
    MerkleError,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    multiproof,
)

MOST = 140
LEAVES = [leaf_hash(b"%d" % number) for number in range(MOST)]


def store(size):
    hashes = []
    for number in range(size):
        hashes += added(number, LEAVES[number], hashes.__getitem__)
    return hashes


STORE = store(MOST)


def root(size):
    tree = CompactRange()
    for leaf in LEAVES[:size]:
        tree.append(leaf)
    return tree.root()


def test_every_leaf_adds_as_many_hashes_as_are_counted():
    for size in range(MOST + 1):
        assert len(store(size)) == stored_before(size)
        assert store(size) == STORE[: stored_before(size)]


def test_a_leaf_is_where_it_is_looked_for():
    assert [STORE[position(0, number)] for number in range(MOST)] == LEAVES


@pytest.mark.parametrize("size", range(MOST + 1))
def test_the_root_of_any_size_is_that_of_the_definition(size):
    assert subtree_root(0, size, STORE.__getitem__) == root(size)


@given(st.data())
def test_proofs_are_those_of_the_definition(data):
    size = data.draw(st.integers(1, MOST))
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    indexes = sorted(data.draw(st.sets(st.integers(0, size - 1), min_size=1, max_size=9)))
    read = STORE.__getitem__
    assert inclusion(index, size, read) == inclusion_proof(LEAVES[:size], index)
    assert consistency(old, size, read) == consistency_proof(LEAVES[:size], old)
    assert several(indexes, size, read) == multiproof(LEAVES[:size], indexes)


def test_a_proof_of_a_million_reads_a_few_hundred_hashes():
    asked = []
    inclusion(765_432, 1_000_000, lambda place: asked.append(place) or bytes(32))
    consistency(765_432, 1_000_000, lambda place: asked.append(place) or bytes(32))
    assert len(asked) < 300


@pytest.mark.parametrize("make", [lambda: inclusion(8, 8, STORE.__getitem__), lambda: inclusion(-1, 8, STORE.__getitem__), lambda: consistency(9, 8, STORE.__getitem__), lambda: several([], 8, STORE.__getitem__), lambda: several([8], 8, STORE.__getitem__)], ids=range(5))  # fmt: skip
def test_what_no_tree_has_is_refused(make):
    with pytest.raises(MerkleError, match="proof-range"):
        make()
