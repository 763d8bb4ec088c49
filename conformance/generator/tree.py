"""The tree of RFC 6962 section 2.1, computed as it is defined; proofs as RFC 9162 section 2.1 defines them."""

import hashlib
from collections.abc import Sequence


def leaf_hash(leaf: bytes) -> bytes:
    """Returns SHA-256(0x00 || leaf)."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Returns SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def split(size: int) -> int:
    """Returns the largest power of two smaller than `size`."""
    return 1 << (size - 1).bit_length() - 1


def root(leaves: Sequence[bytes]) -> bytes:
    """Returns MTH."""
    match len(leaves):
        case 0:
            return hashlib.sha256(b"").digest()
        case 1:
            return leaf_hash(leaves[0])
        case size:
            return node_hash(root(leaves[: split(size)]), root(leaves[split(size) :]))


def inclusion(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """Returns PATH(index, leaves), RFC 9162 section 2.1.3.1."""
    if len(leaves) <= 1:
        return []
    middle = split(len(leaves))
    if index < middle:
        return [*inclusion(index, leaves[:middle]), root(leaves[middle:])]
    return [*inclusion(index - middle, leaves[middle:]), root(leaves[:middle])]


def consistency(old: int, leaves: Sequence[bytes]) -> list[bytes]:
    """Returns PROOF(old, leaves), RFC 9162 section 2.1.4.1."""
    return [] if old in (0, len(leaves)) else subproof(old, leaves, whole=True)


def subproof(old: int, leaves: Sequence[bytes], *, whole: bool) -> list[bytes]:
    """Returns SUBPROOF(old, leaves, whole)."""
    if old == len(leaves):
        return [] if whole else [root(leaves)]
    middle = split(len(leaves))
    if old <= middle:
        return [*subproof(old, leaves[:middle], whole=whole), root(leaves[middle:])]
    return [*subproof(old - middle, leaves[middle:], whole=False), root(leaves[:middle])]


def multiproof(indices: Sequence[int], leaves: Sequence[bytes], *, first: int = 0) -> list[bytes]:
    """Returns the proof of SPEC section 7.3 for the leaves at `indices`, counted from `first`."""
    if not any(first <= index < first + len(leaves) for index in indices):
        return [root(leaves)]
    if len(leaves) == 1:
        return []
    middle = split(len(leaves))
    left = multiproof(indices, leaves[:middle], first=first)
    return left + multiproof(indices, leaves[middle:], first=first + middle)
