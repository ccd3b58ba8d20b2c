"""A PNG picture made small: its colours as a palette of at most 256, and words that say what it is from.

Typst writes each pixel in four bytes. Our pictures have few colours: the edges of letters and shapes are most of them,
and the commonest 256 are as good to the eye at a third of the size. The same picture gives the same bytes.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLOURS = 256
_STEP = 8  # of 256: finer differences of a colour are not seen at the edge of a letter
_CHANNELS = {2: 3, 6: 4}  # by colour type: red, green, blue, and with opacity


def _chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    found, place = [], len(_SIGNATURE)
    while place < len(data):
        (size,) = struct.unpack(">I", data[place : place + 4])
        found.append((data[place + 4 : place + 8], data[place + 8 : place + 8 + size]))
        place += size + 12
    return found


def pixels(data: bytes) -> NDArray[np.uint8]:
    """Rows, columns and red, green, blue of a PNG file of eight bits a channel, not interlaced.

    Raises ValueError for one that is something else.
    """
    if not data.startswith(_SIGNATURE):
        raise ValueError("this is no PNG file")
    parts = _chunks(data)
    wide, high, depth, kind, _, _, interlaced = struct.unpack(">IIBBBBB", dict(parts)[b"IHDR"])
    if depth != 8 or kind not in _CHANNELS or interlaced:
        raise ValueError(f"a PNG file of {depth} bits and colour type {kind} is not one that Typst writes")
    size = _CHANNELS[kind]
    raw = np.frombuffer(zlib.decompress(b"".join(part for name, part in parts if name == b"IDAT")), np.uint8)
    lines = raw.reshape(high, 1 + wide * size)
    found = np.zeros((high, wide, size), np.uint8)
    before = np.zeros((wide, size), np.uint8)
    for number, line in enumerate(lines):
        before = found[number] = _row(int(line[0]), line[1:].reshape(wide, size), before)
    return found[:, :, :3]


def _row(rule: int, line: NDArray[np.uint8], above: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A row without its filter (PNG specification, section 9): none, left, above, their mean, Paeth's choice."""
    if rule == 0:
        return line
    if rule == 1:
        return np.cumsum(line, axis=0, dtype=np.uint8)
    if rule == 2:
        return line + above
    return _by_pixel(rule, line, above)


def _by_pixel(rule: int, line: NDArray[np.uint8], above: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The two filters in which a pixel waits for the one to its left."""
    rows, left, corner = line.tolist(), [0] * line.shape[1], [0] * line.shape[1]
    found = []
    for own, up in zip(rows, above.tolist(), strict=True):
        if rule == 3:
            now = [(o + (a + b) // 2) & 255 for o, a, b in zip(own, left, up, strict=True)]
        else:
            now = [(o + _paeth(a, b, c)) & 255 for o, a, b, c in zip(own, left, up, corner, strict=True)]
        found.append(now)
        left, corner = now, up
    return np.array(found, np.uint8)


def _paeth(left: int, up: int, corner: int) -> int:
    guess = left + up - corner
    far = abs(guess - left), abs(guess - up), abs(guess - corner)
    return (left, up, corner)[far.index(min(far))]


def _palette(image: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """(colours, number of the colour of each pixel): the commonest colours, the others as the nearest of these."""
    wide = image.astype(np.uint32)
    coarse = np.minimum((wide + _STEP // 2) // _STEP * _STEP, 255)
    keys = (coarse[:, :, 0] << 16) | (coarse[:, :, 1] << 8) | coarse[:, :, 2]
    found, places, counts = np.unique(keys, return_inverse=True, return_counts=True)
    kept = np.sort(np.argsort(-counts, kind="stable")[:_COLOURS])
    colours = np.stack([found >> 16, (found >> 8) & 255, found & 255], axis=1).astype(np.int32)
    apart = ((colours[:, None, :] - colours[kept][None, :, :]) ** 2).sum(axis=2)
    nearest = apart.argmin(axis=1).astype(np.uint8)
    return colours[kept].astype(np.uint8), nearest[places].reshape(keys.shape)


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def small(data: bytes, said: Mapping[str, str]) -> bytes:
    """The picture as an indexed PNG; `said` are keywords of the specification (Title, Source, Copyright) and words."""
    image = pixels(data)
    high, wide, _ = image.shape
    colours, places = _palette(image)
    rows = np.concatenate([np.zeros((high, 1), np.uint8), places], axis=1)
    texts = (
        _chunk(b"iTXt", word.encode("latin-1") + b"\0\0\0\0\0" + text.encode("utf-8")) for word, text in said.items()
    )
    return b"".join(
        (
            _SIGNATURE,
            _chunk(b"IHDR", struct.pack(">IIBBBBB", wide, high, 8, 3, 0, 0, 0)),
            *texts,
            _chunk(b"PLTE", colours.tobytes()),
            _chunk(b"IDAT", zlib.compress(rows.tobytes(), 9)),
            _chunk(b"IEND", b""),
        )
    )
