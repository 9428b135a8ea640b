"""The Merkle tree of RFC 9162, section 2.1: roots and proofs over hashes of leaves (SHA-256)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

EMPTY_ROOT = hashlib.sha256(b"").digest()


def hash_leaf(entry: bytes) -> bytes:
    """The hash of a leaf, which no inner node can have."""
    return hashlib.sha256(b"\x00" + entry).digest()


def hash_node(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node over its two children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def join_peaks(peaks: Sequence[bytes]) -> bytes:
    """The root over complete subtrees from left to right, as ``list_peaks`` places them."""
    if not peaks:
        return EMPTY_ROOT
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = hash_node(peak, root)
    return root


def list_peaks(size: int) -> list[tuple[int, int]]:
    """The complete subtrees of a tree of ``size`` leaves, from left to right: (level, number).

    A subtree of level L and number N covers the leaves from N · 2^L on, 2^L of them.
    """
    peaks, begin = [], 0
    for level in range(size.bit_length() - 1, -1, -1):
        if size >> level & 1:
            peaks.append((level, begin >> level))
            begin += 1 << level
    return peaks


class GrowingTree:
    """A tree that leaves are added to; keeps its complete subtrees only."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []

    def add_leaf(self, leaf: bytes) -> None:
        """Adds the hash of a leaf."""
        node, size = leaf, self.size
        while size & 1:
            node = hash_node(self._peaks.pop(), node)
            size >>= 1
        self._peaks.append(node)
        self.size += 1

    def compute_root(self) -> bytes:
        """The root over all leaves so far."""
        return join_peaks(self._peaks)


def compute_root(leaves: Iterable[bytes]) -> bytes:
    """The root over the hashes of leaves."""
    tree = GrowingTree()
    for leaf in leaves:
        tree.add_leaf(leaf)
    return tree.compute_root()


def prove_inclusion(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The path by which a leaf leads to the root (section 2.1.3.1), from the leaf upwards."""
    if not 0 <= index < len(leaves):
        raise ValueError("a leaf that the tree does not have")
    if len(leaves) == 1:
        return []
    cut = _split_size(len(leaves))
    if index < cut:
        return [*prove_inclusion(leaves[:cut], index), compute_root(leaves[cut:])]
    return [*prove_inclusion(leaves[cut:], index - cut), compute_root(leaves[:cut])]


def prove_consistency(leaves: Sequence[bytes], size: int) -> list[bytes]:
    """The proof that the tree of the first ``size`` leaves was only added to (section 2.1.4.1)."""
    if not 0 < size <= len(leaves):
        raise ValueError("a size that the tree never had")
    return [] if size == len(leaves) else _prove_part(leaves, size, is_whole=True)


def _prove_part(leaves: Sequence[bytes], size: int, *, is_whole: bool) -> list[bytes]:
    if size == len(leaves):
        return [] if is_whole else [compute_root(leaves)]
    cut = _split_size(len(leaves))
    if size <= cut:
        return [*_prove_part(leaves[:cut], size, is_whole=is_whole), compute_root(leaves[cut:])]
    return [*_prove_part(leaves[cut:], size - cut, is_whole=False), compute_root(leaves[:cut])]


def _split_size(size: int) -> int:
    """The largest power of two below ``size``."""
    return 1 << (size - 1).bit_length() - 1
