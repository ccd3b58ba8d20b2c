"""PNG pictures made small: their colours as a palette of at most 256, and words that say what they are from.

Typst writes each pixel in four bytes. Our pictures have few colours: the edges of letters and shapes are most of them,
and the commonest 256 are as good to the eye at a third of the size. The same pictures give the same bytes.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLOURS = 256
_STEPS = 31  # from none of a colour to all of it: finer ones are not seen at the edge of a letter
_LEVEL = 6  # of zlib
_CHANNELS = {2: 3, 6: 4}  # by colour type: red, green, blue, and with opacity


def _chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    found, place = [], len(_SIGNATURE)
    while place < len(data):
        (size,) = struct.unpack(">I", data[place : place + 4])
        found.append((data[place + 4 : place + 8], data[place + 8 : place + 8 + size]))
        place += size + 12
    return found


def pixels(pictures: Sequence[bytes]) -> NDArray[np.uint8]:
    """Pictures, rows, columns and red, green, blue of PNG files of one size, eight bits a channel, not interlaced.

    Opacity is left out. Raises ValueError for what is something else.
    """
    read = [_lines(data) for data in pictures]
    if len({lines.shape for _, lines in read}) != 1:
        raise ValueError("these PNG files are not of one size")
    rules = np.stack([rules for rules, _ in read], axis=1)
    return _unfiltered(rules, np.stack([lines for _, lines in read], axis=2))


def _lines(data: bytes) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """(filter of each row, rows as they are filtered: row, column, colour)."""
    if not data.startswith(_SIGNATURE):
        raise ValueError("this is no PNG file")
    parts = _chunks(data)
    wide, high, depth, kind, _, _, interlaced = struct.unpack(">IIBBBBB", dict(parts)[b"IHDR"])
    if depth != 8 or kind not in _CHANNELS or interlaced:
        raise ValueError(f"a PNG file of {depth} bits and colour type {kind} is not one that Typst writes")
    raw = np.frombuffer(zlib.decompress(b"".join(part for name, part in parts if name == b"IDAT")), np.uint8)
    lines = raw.reshape(high, 1 + wide * _CHANNELS[kind])
    return lines[:, 0], lines[:, 1:].reshape(high, wide, _CHANNELS[kind])[:, :, :3]


def _unfiltered(rules: NDArray[np.uint8], lines: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The rows without their filters (PNG specification, section 9): none, left, above, their mean, Paeth's choice.

    `rules` is row, picture; `lines` row, column, picture, colour. A pixel waits for the one to its left and those
    above, which lie on the diagonals before its own: so whole diagonals, of all pictures, are computed at once.
    """
    high, wide, count, colours = lines.shape
    # Diagonal, row, all else: what lies above is one diagonal and one row back. One row of nothing above the first.
    slanted = np.zeros((wide + high, high + 1, count * colours), np.uint8)
    for row in range(high):
        slanted[row + 1 : row + 1 + wide, row + 1] = lines[row].reshape(wide, count * colours)
    rule = np.repeat(rules, colours, axis=1)
    by_left, by_above, by_mean, by_paeth = ((rule == number).astype(np.int16) for number in (1, 2, 3, 4))
    for diagonal in range(1, wide + high):
        first, last = max(diagonal - wide, 0), min(diagonal, high)
        rows = slice(first, last)
        before = slanted[diagonal - 1].astype(np.int16)
        left, above = before[first + 1 : last + 1], before[rows]
        corner = slanted[diagonal - 2, rows].astype(np.int16) if diagonal > 1 else np.zeros_like(left)
        guess = by_left[rows] * left + by_above[rows] * above + by_mean[rows] * ((left + above) >> 1)
        guess += by_paeth[rows] * _paeth(left, above, corner)
        slanted[diagonal, first + 1 : last + 1] += guess.astype(np.uint8)
    straight = np.stack([slanted[row + 1 : row + 1 + wide, row + 1] for row in range(high)])
    return straight.reshape(high, wide, count, colours).transpose(2, 0, 1, 3)


def _paeth(left: NDArray[np.int16], above: NDArray[np.int16], corner: NDArray[np.int16]) -> NDArray[np.int16]:
    """Of the three the one nearest to left + above - corner; of equals in this order."""
    to_left, to_above = abs(above - corner), abs(left - corner)
    to_corner = abs(left + above - 2 * corner)
    among = np.where(to_above <= to_corner, above, corner)
    found: NDArray[np.int16] = np.where((to_left <= to_above) & (to_left <= to_corner), left, among)
    return found


def _palette(image: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """(colours, number of the colour of each pixel): the commonest colours, the others as the nearest of these."""
    coarse = np.ascontiguousarray(image.transpose(2, 0, 1) >> 3).astype(np.uint16)
    keys = (coarse[0] << 10) | (coarse[1] << 5) | coarse[2]
    counts = np.bincount(keys.ravel(), minlength=1 << 15)
    found = np.flatnonzero(counts)
    kept = np.sort(found[np.argsort(-counts[found], kind="stable")[:_COLOURS]])
    shades = np.stack([np.arange(1 << 15) >> shift & _STEPS for shift in (10, 5, 0)], axis=1)
    apart = ((shades[found][:, None, :] - shades[kept][None, :, :]) ** 2).sum(axis=2)
    nearest = np.zeros(1 << 15, np.uint8)
    nearest[found] = apart.argmin(axis=1)
    return (shades[kept] * 255 // _STEPS).astype(np.uint8), nearest[keys]


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def small(pictures: Sequence[bytes], said: Mapping[str, str]) -> list[bytes]:
    """The pictures as indexed PNG; `said` are keywords of the specification (Title, Source) and words, of each."""
    return [_indexed(image, said) for image in pixels(pictures)]


def _indexed(image: NDArray[np.uint8], said: Mapping[str, str]) -> bytes:
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
            _chunk(b"IDAT", zlib.compress(rows.tobytes(), _LEVEL)),
            _chunk(b"IEND", b""),
        )
    )
