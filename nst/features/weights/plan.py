"""Which bytes of a safetensors file hold the tensors that are needed, and how the file made of them begins.

The format: eight bytes, little-endian, with the length of a JSON header; the header, with dtype, shape and
``data_offsets`` of each tensor, counted from its own end; the data.
"""

import hashlib
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from nst.errors import WeightsError
from nst.features.weights.catalogue import Entry
from nst.features.weights.tensors import not_weights

#: The length before the header, and a bound on that length: VGG's headers have four thousand bytes.
LENGTH_BYTES = 8
MAX_HEADER = 1_000_000
#: Bytes of a number, by the dtypes that trained weights may have.
ITEM_BYTES = {"F32": 4, "F16": 2, "BF16": 2, "F64": 8}
#: Tensors with no more bytes than this between them are fetched by one request.
NEAR = 256 * 1024


@dataclass(frozen=True, kw_only=True)
class Slice:
    """One tensor: its name, and its place in the file it is taken from, ``start`` to before ``stop``."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    start: int
    stop: int


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What to take out of a file. ``slices`` are in the order of the file; ``head`` begins the new one."""

    slices: tuple[Slice, ...]
    head: bytes = field(repr=False)

    @property
    def size(self) -> int:
        """Bytes of the new file."""
        return len(self.head) + sum(piece.stop - piece.start for piece in self.slices)

    def spans(self, have: int) -> list[tuple[int, int]]:
        """The ranges of the old file, (start, stop) each, that are still to be read when so many bytes of the new
        one, its head or more, are there."""
        spans: list[tuple[int, int]] = []
        left = have - len(self.head)
        for piece in self.slices:
            start = min(piece.start + left, piece.stop)
            left -= start - piece.start
            if start == piece.stop:
                continue
            if spans and start - spans[-1][1] <= NEAR:
                spans[-1] = (spans[-1][0], piece.stop)
            else:
                spans.append((start, piece.stop))
        return spans

    def wanted(self, position: int, chunk: bytes) -> Iterator[bytes]:
        """The parts of a chunk that belong to the new file; ``position`` is that of its first byte in the old one."""
        for piece in self.slices:
            start, stop = max(piece.start - position, 0), min(piece.stop - position, len(chunk))
            if start < stop:
                yield chunk[start:stop]

    def digest(self) -> str:
        """What tells this plan from others: the same tensors in the same places."""
        return hashlib.sha256(repr(self.slices).encode() + self.head).hexdigest()


def header_length(beginning: bytes, source: str) -> int:
    """The length of the header, from the first bytes of a file.

    Raises:
        WeightsError: they are not the beginning of a safetensors file, for instance of a page in HTML.
    """
    length = int.from_bytes(beginning[:LENGTH_BYTES], "little")
    if len(beginning) < LENGTH_BYTES or not 2 <= length <= MAX_HEADER:
        raise WeightsError(f"{source} is not a safetensors file.")
    return length


def make_plan(entry: Entry, header: bytes, source: str, *, size: int | None = None, origin: str = "") -> Plan:
    """Find a network's tensors in the header of a safetensors file.

    Args:
        entry: the network.
        header: the JSON alone.
        source: where it comes from, for the sentence.
        size: bytes of the whole file, where known.
        origin: the address to write into the new file.

    Raises:
        WeightsError: no header, or one that does not hold the network's tensors, whole and each in its own place.
    """
    table = _table(header, source)
    begin = LENGTH_BYTES + len(header)
    found = (_slice(entry, key, table, begin, source) for key in entry.shapes)
    slices = tuple(sorted(found, key=lambda piece: piece.start))
    ends = [begin, *(piece.stop for piece in slices)]
    if any(piece.start < end for piece, end in zip(slices, ends, strict=False)):
        raise WeightsError(f"{source} is damaged: two of its tensors lie in the same place.")
    if size is not None and ends[-1] > size:
        raise WeightsError(f"{source} is damaged: it has {size} bytes, and its header speaks of {ends[-1]}.")
    return Plan(slices=slices, head=_head(slices, {"network": entry.name, "source": origin}))


def _table(header: bytes, source: str) -> dict[str, Any]:
    """The header as a mapping of names."""
    try:
        table = json.loads(header)
    except (ValueError, RecursionError):
        table = None
    if not isinstance(table, dict):
        raise WeightsError(f"{source} is not a safetensors file.")
    return table


def _slice(entry: Entry, key: str, table: dict[str, Any], begin: int, source: str) -> Slice:
    """One tensor as the header describes it, if that is what the network needs."""
    name = f"features.{key}"
    told = table.get(name, table.get(key))
    if not isinstance(told, dict):
        raise not_weights(entry, source, f"{name} is missing")
    dtype, shape, offsets = (told.get(part) for part in ("dtype", "shape", "data_offsets"))
    if shape != list(entry.shapes[key]):
        raise not_weights(entry, source, f"{name} is {shape}, not {list(entry.shapes[key])}")
    if dtype not in ITEM_BYTES:
        raise not_weights(entry, source, f"{name} holds {dtype} numbers")
    length = ITEM_BYTES[dtype] * math.prod(entry.shapes[key])
    start, stop = offsets if isinstance(offsets, list) and len(offsets) == 2 else (None, None)
    if type(start) is not int or type(stop) is not int or start < 0 or stop - start != length:
        raise WeightsError(f"{source} is damaged: {name} lies at {offsets}, and has {length} bytes.")
    return Slice(name=name, dtype=dtype, shape=entry.shapes[key], start=begin + start, stop=begin + stop)


def _head(slices: tuple[Slice, ...], about: dict[str, str]) -> bytes:
    """Length and header of a file with nothing but these tensors, one after the other."""
    table: dict[str, Any] = {"__metadata__": about}
    end = 0
    for piece in slices:
        start, end = end, end + piece.stop - piece.start
        table[piece.name] = {"dtype": piece.dtype, "shape": list(piece.shape), "data_offsets": [start, end]}
    header = json.dumps(table, separators=(",", ":")).encode()
    header += b" " * (-len(header) % LENGTH_BYTES)  # The data begins at a multiple of eight, where readers like it.
    return len(header).to_bytes(LENGTH_BYTES, "little") + header
