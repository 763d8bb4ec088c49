"""The Merkle tree of a log: hashes of RFC 6962, proofs of RFC 9162, and one proof for several leaves (SPEC 7.3).

The verifying functions take leaf hashes, indexes, sizes and roots from a caller who has reason to believe in them, and
proofs from anybody.  They return nothing; what a proof does not show raises MerkleError:

- `proof-range`: an index or a size that no tree has;
- `proof-length`: too many or too few hashes, or one that is not of 32 bytes;
- `proof-root`: the hashes lead to another root.

Knows hashes: what a leaf holds, and who vouches for a root, is known elsewhere.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, pairwise

from occasio_verify.canonical import MAX_SAFE_INTEGER
from occasio_verify.errors import MerkleError

HASH_BYTES = 32

EMPTY_ROOT = hashlib.sha256().digest()
"""The root of a tree without leaves."""


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf that holds `data` (RFC 6962 section 2.1)."""
    return hashlib.sha256(b"\0" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node; for its prefix it can be no leaf's."""
    return hashlib.sha256(b"\1" + left + right).digest()


class CompactRange:
    """A tree that grows leaf by leaf and keeps the roots of its perfect subtrees only, one for each 1 in its size."""

    __slots__ = ("_hashes", "_size")

    def __init__(self) -> None:
        self._size = 0
        self._hashes: list[bytes] = []

    @classmethod
    def from_hashes(cls, size: int, hashes: Sequence[bytes]) -> CompactRange:
        """The tree of `size` leaves that gave these `hashes`.  Raises MerkleError `proof-range` or `proof-length`."""
        _check_size(size)
        _check_hashes(hashes)
        if len(hashes) != size.bit_count():
            raise MerkleError("proof-length", f"{len(hashes)} hashes do not make a tree of {size} leaves")
        tree = cls()
        tree._size, tree._hashes = size, list(hashes)
        return tree

    @property
    def size(self) -> int:
        """The number of leaves."""
        return self._size

    @property
    def hashes(self) -> list[bytes]:
        """The roots of the perfect subtrees, largest first, for `from_hashes`."""
        return list(self._hashes)

    def append(self, leaf: bytes) -> None:
        """Add a leaf by its hash."""
        size = self._size
        while size & 1:
            leaf = node_hash(self._hashes.pop(), leaf)
            size >>= 1
        self._hashes.append(leaf)
        self._size += 1

    def root(self) -> bytes:
        """The root over the leaves so far."""
        if not self._hashes:
            return EMPTY_ROOT
        root = self._hashes[-1]
        for left in reversed(self._hashes[:-1]):
            root = node_hash(left, root)
        return root


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """Check that the leaf hash `leaf` is the one at `index` in a tree of `size` leaves: RFC 9162 section 2.1.3.2.

    A root does not tell the size of its tree: both must come from the same checkpoint, here and below.
    """
    _check_size(size)
    if not 0 <= index < size:
        raise MerkleError("proof-range", f"a tree of {size} leaves has no leaf {index}")
    _check_hashes([leaf, *proof])
    fn, sn, r = index, size - 1, leaf
    for p in proof:
        if sn == 0:
            raise MerkleError("proof-length", "the proof has hashes left over")
        if fn & 1 or fn == sn:
            r = node_hash(p, r)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node_hash(r, p)
        fn, sn = fn >> 1, sn >> 1
    if sn != 0:
        raise MerkleError("proof-length", "the proof lacks hashes")
    _check_root(r, root)


def verify_consistency(old_size: int, new_size: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """Check that the old tree is the beginning of the new one: RFC 9162 section 2.1.4.2.

    From a tree without leaves, and between equal sizes, the proof is empty.  Every tree goes on from the one without
    leaves: of `new_root` nothing is shown then.
    """
    _check_size(new_size)
    if not 0 <= old_size <= new_size:
        raise MerkleError("proof-range", f"a tree of {new_size} leaves does not go on from one of {old_size}")
    _check_hashes(proof)
    if old_size in (0, new_size):
        _check_consistent_at_once(old_size, new_size, proof, old_root, new_root)
    else:
        _check_consistent(old_size, new_size, proof, old_root, new_root)


def _check_consistent_at_once(
    old_size: int, new_size: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes
) -> None:
    if proof:
        raise MerkleError("proof-length", "the proof has hashes where none is needed")
    if old_size == 0:
        _check_root(old_root, EMPTY_ROOT)
    if old_size == new_size:
        _check_root(new_root, old_root)


def _check_consistent(old_size: int, new_size: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    if not proof:
        raise MerkleError("proof-length", "the proof has no hashes")
    path = [old_root, *proof] if old_size.bit_count() == 1 else proof
    fn, sn = old_size - 1, new_size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            raise MerkleError("proof-length", "the proof has hashes left over")
        if fn & 1 or fn == sn:
            fr, sr = node_hash(c, fr), node_hash(c, sr)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node_hash(sr, c)
        fn, sn = fn >> 1, sn >> 1
    if sn != 0:
        raise MerkleError("proof-length", "the proof lacks hashes")
    _check_root(fr, old_root)
    _check_root(sr, new_root)


def verify_multiproof(
    indexes: Sequence[int], leaf_hashes: Sequence[bytes], size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Check that `leaf_hashes` are those at `indexes`, which must grow, in a tree of `size` leaves: SPEC section 7.3.

    Needs at least one leaf: a proof of nothing would hold for every root.
    """
    _check_indexes(indexes, size)
    _check_hashes([*leaf_hashes, *proof])
    if len(leaf_hashes) != len(indexes):
        raise MerkleError("proof-length", f"{len(leaf_hashes)} leaf hashes are given for {len(indexes)} leaves")
    rest = iter(proof)

    def subtree(low: int, high: int, first: int, last: int) -> bytes:
        # over leaves [low, high), in which indexes[first:last] lie; no deeper than a size has bits
        if first == last:
            node = next(rest, None)
            if node is None:
                raise MerkleError("proof-length", "the proof lacks hashes")
            return node
        if high - low == 1:
            return leaf_hashes[first]
        middle = low + _split(high - low)
        cut = bisect_left(indexes, middle, first, last)
        left = subtree(low, middle, first, cut)
        return node_hash(left, subtree(middle, high, cut, last))

    computed = subtree(0, size, 0, len(indexes))
    if next(rest, None) is not None:
        raise MerkleError("proof-length", "the proof has hashes left over")
    _check_root(computed, root)


def inclusion_proof(leaf_hashes: Sequence[bytes], index: int) -> list[bytes]:
    """The proof that leaf `index` is in the tree of these leaves, from the leaf upwards: RFC 9162 section 2.1.3.1."""
    _check_indexes([index], len(leaf_hashes))
    proof = []
    low, high = 0, len(leaf_hashes)
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            proof.append(_root(leaf_hashes[middle:high]))
            high = middle
        else:
            proof.append(_root(leaf_hashes[low:middle]))
            low = middle
    return proof[::-1]


def consistency_proof(leaf_hashes: Sequence[bytes], old_size: int) -> list[bytes]:
    """The proof that the tree of these leaves goes on from that of the first `old_size`: RFC 9162 section 2.1.4.1."""
    if not 0 <= old_size <= len(leaf_hashes):
        raise MerkleError("proof-range", f"a tree of {len(leaf_hashes)} leaves does not go on from one of {old_size}")
    if old_size == 0:
        return []
    proof = []
    low, high = 0, len(leaf_hashes)
    while high > old_size:
        middle = low + _split(high - low)
        if old_size <= middle:
            proof.append(_root(leaf_hashes[middle:high]))
            high = middle
        else:
            proof.append(_root(leaf_hashes[low:middle]))
            low = middle
    if low > 0:  # else it is the old tree, whose root the verifier has
        proof.append(_root(leaf_hashes[low:high]))
    return proof[::-1]


def multiproof(leaf_hashes: Sequence[bytes], indexes: Sequence[int]) -> list[bytes]:
    """The proof that the leaves at `indexes`, which must grow, are in the tree of these leaves: SPEC section 7.3."""
    return stream_multiproof(leaf_hashes, len(leaf_hashes), indexes)


def stream_multiproof(leaf_hashes: Iterable[bytes], size: int, indexes: Sequence[int]) -> list[bytes]:
    """What `multiproof` returns, from one pass over the `size` leaf hashes; in memory are the proof and a few hashes.

    Raises MerkleError `proof-range`, also when there are not `size` leaf hashes.
    """
    _check_indexes(indexes, size)
    leaves = iter(leaf_hashes)
    proof = []
    for count, is_shown in _pieces(0, size, indexes, 0, len(indexes)):
        piece = CompactRange()
        for leaf in islice(leaves, count):
            piece.append(leaf)
        if piece.size != count:
            raise MerkleError("proof-range", f"there are fewer than {size} leaves")
        if not is_shown:
            proof.append(piece.root())
    if next(leaves, None) is not None:
        raise MerkleError("proof-range", f"there are more than {size} leaves")
    return proof


def _pieces(low: int, high: int, indexes: Sequence[int], first: int, last: int) -> Iterator[tuple[int, bool]]:
    """From left to right, how many leaves each piece has, and whether it is a leaf to be shown or a subtree without."""
    if first == last or high - low == 1:
        yield high - low, first != last
        return
    middle = low + _split(high - low)
    cut = bisect_left(indexes, middle, first, last)
    yield from _pieces(low, middle, indexes, first, cut)
    yield from _pieces(middle, high, indexes, cut, last)


def _split(size: int) -> int:
    """The largest power of two smaller than `size`."""
    return 1 << (size - 1).bit_length() - 1


def _root(leaf_hashes: Sequence[bytes]) -> bytes:
    tree = CompactRange()
    for leaf in leaf_hashes:
        tree.append(leaf)
    return tree.root()


def _check_size(size: int) -> None:
    if not 0 <= size <= MAX_SAFE_INTEGER:
        raise MerkleError("proof-range", "no tree has this size")


def _check_indexes(indexes: Sequence[int], size: int) -> None:
    _check_size(size)
    if not indexes:
        raise MerkleError("proof-range", "a proof shows at least one leaf")
    if any(before >= after for before, after in pairwise(indexes)):
        raise MerkleError("proof-range", "the indexes do not grow")
    if indexes[0] < 0 or indexes[-1] >= size:
        raise MerkleError("proof-range", f"an index lies outside a tree of {size} leaves")


def _check_hashes(hashes: Sequence[bytes]) -> None:
    # a hash of another length could shift where the left child ends and the right one begins
    if any(len(each) != HASH_BYTES for each in hashes):
        raise MerkleError("proof-length", f"a hash is not of {HASH_BYTES} bytes")


def _check_root(computed: bytes, root: bytes) -> None:
    if computed != root:
        raise MerkleError("proof-root", f"the proof leads to root {computed.hex()}, not to {root.hex()}")
