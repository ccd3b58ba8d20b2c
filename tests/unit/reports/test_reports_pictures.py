"""Pictures to send: their size, what they say they are from, and that a smaller file is the same picture."""

import struct
import zlib
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from reports.draw.png import _chunk, pixels, small
from reports.release import Release, units
from reports.site.pages import PAGES
from reports.site.pictures import _bars, _foot, _standing_out
from reports.site.render import PICTURE_SIZE

LARGEST = 100_000  # bytes: a picture is opened on a slow line


def test_there_is_one_of_the_country_the_month_and_each_state_in_both_languages(
    built: Path, tables, release: Release, few_pictures
) -> None:
    every = few_pictures(tables, release)
    assert list(every) == [unit.slug for unit in units().values()]
    assert {page.picture for page in PAGES if "{" not in page.picture} <= {"nation", "month", *every}
    found = {path.name for path in (built / "report" / "pictures").iterdir()}
    assert found == {f"{name}{end}.png" for name in ("nation", "month", next(iter(every))) for end in ("", "_my")}


def test_each_is_small_and_says_what_it_is_from(built_invented: Path, invented: Release) -> None:
    for path in (built_invented / "report" / "pictures").iterdir():
        data = path.read_bytes()
        assert len(data) < LARGEST, path.name
        assert struct.unpack(">II", data[16:24]) == PICTURE_SIZE
        assert invented.release_id.encode() in data
        assert b"SYNTHETIC DATA" in data


def test_the_foot_names_day_source_and_release(tables, release: Release) -> None:
    for words in (_foot(tables, release).en, _foot(tables, release).my):
        assert release.release_id in words
        assert "Events of a programme" in words
    assert "26 November 2023" in _foot(tables, release).en


def test_the_strongest_signals_come_first_and_none_is_said(tables, release: Release) -> None:
    quiet = tables["township_index"].with_columns(signal=pl.lit("none"))
    assert _standing_out({**tables, "township_index": quiet}, release) == []
    code = pl.col("adm3_pcode")
    loud = quiet.with_columns(
        signal=pl.when(code == "MMR001002").then(pl.lit("alert")).when(code == "MMR001001").then(pl.lit("lull"))
        .otherwise(pl.col("signal"))
    )  # fmt: skip
    found = _standing_out({**tables, "township_index": loud}, release)
    assert [row["signal"].en for row in found] == ["alert", "lull"]
    assert found[0]["name"].my != found[0]["name"].en


def test_a_month_that_is_not_known_is_no_empty_bar() -> None:
    found = _bars([(date(2023, 1, 1), None), (date(2023, 2, 1), 0), (date(2023, 3, 1), 7)])
    assert found["values"] == [None, 0, 7]
    assert found["most"].en == "7"
    assert _bars([(date(2023, 1, 1), None)])["most"].en == "not known"


def filtered(image: np.ndarray, rules: list[int]) -> bytes:
    """A PNG whose rows bear the filters in turn, written as the specification says."""
    high, wide, size = image.shape
    lines = []
    for number in range(high):
        rule, line = rules[number % len(rules)], image[number].astype(int)
        up = image[number - 1].astype(int) if number else np.zeros_like(line)
        left = np.vstack([np.zeros((1, size), int), line[:-1]])
        corner = np.vstack([np.zeros((1, size), int), up[:-1]])
        guess = left + up - corner
        far = np.stack([abs(guess - left), abs(guess - up), abs(guess - corner)])
        paeth = np.choose(far.argmin(axis=0), [left, up, corner])
        taken = [np.zeros_like(line), left, up, (left + up) // 2, paeth][rule]
        lines.append(bytes([rule]) + ((line - taken) % 256).astype(np.uint8).tobytes())
    head = struct.pack(">IIBBBBB", wide, high, 8, 6 if size == 4 else 2, 0, 0, 0)
    parts = (b"IHDR", head), (b"IDAT", zlib.compress(b"".join(lines))), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in parts)


@pytest.mark.parametrize("size", [3, 4])
@pytest.mark.parametrize("rules", [[0], [1], [2], [3], [4], [0, 1, 2, 3, 4]])
def test_every_filter_is_read_as_it_was_written(size: int, rules: list[int]) -> None:
    image = np.random.default_rng(7).integers(0, 256, (11, 5, size)).astype(np.uint8)
    other = image[::-1].copy()
    found = pixels([filtered(image, rules), filtered(other, [4, 1])])
    assert (found == np.stack([image, other])[:, :, :, :3]).all()


def indexed(data: bytes) -> np.ndarray:
    """Colours of an indexed picture without filters, as `small` writes it."""
    parts, place = {}, 8
    while place < len(data):
        (length,) = struct.unpack(">I", data[place : place + 4])
        parts[data[place + 4 : place + 8]] = data[place + 8 : place + 8 + length]
        place += length + 12
    wide, high = struct.unpack(">II", parts[b"IHDR"][:8])
    rows = np.frombuffer(zlib.decompress(parts[b"IDAT"]), np.uint8).reshape(high, wide + 1)[:, 1:]
    return np.frombuffer(parts[b"PLTE"], np.uint8).reshape(-1, 3)[rows]


def test_a_smaller_file_is_the_same_picture_to_the_eye() -> None:
    few = np.zeros((9, 9, 4), np.uint8)
    few[:, :4] = (255, 255, 255, 255)
    few[4:, 4:] = (136, 48, 8, 255)
    (data,) = small([filtered(few, [1])], {"Title": "A picture"})
    assert abs(indexed(data).astype(int) - few[:, :, :3]).max() <= 4
    assert (indexed(data)[few[:, :, 0] == 255] == 255).all(), "white stays white"
    assert b"iTXtTitle\0" in data
    assert small([filtered(few, [1])], {"Title": "A picture"}) == [data]
    many = np.random.default_rng(7).integers(0, 256, (64, 64, 4)).astype(np.uint8)
    off = indexed(small([filtered(many, [2])], {})[0]).astype(int) - many[:, :, :3]
    assert abs(off).mean() < 30, "even of noise, which has no few colours"


@pytest.mark.parametrize("data", [b"GIF89a", b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", bytes(8) + b"\x10\x06\0\0\0")])
def test_another_file_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="PNG"):
        small([data], {})


def test_pictures_of_two_sizes_are_refused() -> None:
    one, two = (filtered(np.zeros((3, wide, 3), np.uint8), [0]) for wide in (4, 5))
    with pytest.raises(ValueError, match="not of one size"):
        small([one, two], {})
