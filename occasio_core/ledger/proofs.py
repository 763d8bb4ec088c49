"""Proofs from stored hashes: a few reads, however long the log is (RFC 9162 sections 2.1.3.1 and 2.1.4.1).

Hashes are stored in the order in which they become known: that of leaf 0, that of leaf 1, that of the two together,
that of leaf 2, and so on; so the store of a log that goes on is the store of the older log and something behind it.
Knows where a hash stands, not what it is stored in.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence

from occasio_verify import EMPTY_ROOT, MerkleError, node_hash

Read = Callable[[int], bytes]
"""Returns the hash at a position of the store."""


def stored_before(leaf: int) -> int:
    """Return how many hashes are stored before that of this leaf."""
    return 2 * leaf - leaf.bit_count()


def position(level: int, number: int) -> int:
    """Return where the root over the leaves from `number << level`, `1 << level` of them, is stored."""
    return stored_before((number + 1 << level) - 1) + level


def added(leaf: int, leaf_hash: bytes, read: Read) -> list[bytes]:
    """Return what is stored for this leaf: its hash, and those of the subtrees that are whole with it.

    `read` is asked for hashes before it only.
    """
    hashes, level = [leaf_hash], 0
    while leaf >> level & 1:
        left = read(position(level, (leaf >> level) - 1))
        hashes.append(node_hash(left, hashes[-1]))
        level += 1
    return hashes


def subtree_root(low: int, high: int, read: Read) -> bytes:
    """Return the root over the leaves from `low` to before `high`; `low` is where such a subtree can begin."""
    if low == high:
        return EMPTY_ROOT
    roots = []
    while low < high:
        level = (high - low).bit_length() - 1
        roots.append(read(position(level, low >> level)))
        low += 1 << level
    root = roots.pop()
    while roots:
        root = node_hash(roots.pop(), root)
    return root


def inclusion(index: int, size: int, read: Read) -> list[bytes]:
    """Return the proof that leaf `index` is in the tree of the first `size`.  Raises MerkleError `proof-range`."""
    if not 0 <= index < size:
        raise MerkleError("proof-range", f"a tree of {size} leaves has no leaf {index}")
    proof: list[bytes] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            proof.append(subtree_root(middle, high, read))
            high = middle
        else:
            proof.append(subtree_root(low, middle, read))
            low = middle
    return proof[::-1]


def consistency(old: int, size: int, read: Read) -> list[bytes]:
    """Return the proof that the tree of the first `size` leaves goes on from that of the first `old`.

    Raises MerkleError `proof-range`.
    """
    if not 0 <= old <= size:
        raise MerkleError("proof-range", f"a tree of {size} leaves does not go on from one of {old}")
    proof: list[bytes] = []
    low, high = 0, size
    while 0 < old < high:
        middle = low + _split(high - low)
        if old <= middle:
            proof.append(subtree_root(middle, high, read))
            high = middle
        else:
            proof.append(subtree_root(low, middle, read))
            low = middle
    if low > 0:  # else it is the old tree, whose root the verifier has
        proof.append(subtree_root(low, high, read))
    return proof[::-1]


def several(indexes: Sequence[int], size: int, read: Read) -> list[bytes]:
    """Return the proof that the leaves at `indexes`, which grow, are in the tree of the first `size`: SPEC section 7.3.

    Raises MerkleError `proof-range`.
    """
    if not indexes or indexes[0] < 0 or indexes[-1] >= size:
        raise MerkleError("proof-range", f"not every leaf is one of {size}")
    return [subtree_root(low, high, read) for low, high in _without(0, size, indexes)]


def _without(low: int, high: int, indexes: Sequence[int]) -> Iterable[tuple[int, int]]:
    """Yield, from left to right, the largest subtrees that hold none of these leaves."""
    first, last = bisect_left(indexes, low), bisect_left(indexes, high)
    if first == last:
        yield low, high
    elif high - low > 1:
        middle = low + _split(high - low)
        yield from _without(low, middle, indexes)
        yield from _without(middle, high, indexes)


def _split(size: int) -> int:
    return 1 << (size - 1).bit_length() - 1
