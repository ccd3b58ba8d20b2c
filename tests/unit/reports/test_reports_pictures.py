"""Pictures to send: their size, what they say they are from, and that a smaller file is the same picture."""

import struct
from datetime import date
from io import BytesIO
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from PIL import Image

from reports.draw.png import small
from reports.draw.symbology import CLASHES_NOW
from reports.release import Release, units
from reports.site.month import standing
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


def test_each_is_small_and_says_what_it_is_from(built_hostile: Path, invented: Release) -> None:
    for path in (built_hostile / "report" / "pictures").iterdir():
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
        signal=pl.when(code == "MMR001002").then(pl.lit("alert")).when(code == "MMR001001").then(pl.lit("onset"))
        .otherwise(pl.col("signal"))
    )  # fmt: skip
    heard = {**tables, "township_index": loud}
    found = _standing_out(heard, release)
    assert [row["signal"].en for row in found] == ["alert", "onset"]
    page, _ = standing(heard, release)
    assert [row["name"].en for row in found] == [row.name for row in page], "the picture and the page have one rule"
    assert found[0]["name"].my != found[0]["name"].en


def test_a_month_that_is_not_known_is_no_empty_bar() -> None:
    found = _bars([(date(2023, 1, 1), None), (date(2023, 2, 1), 0), (date(2023, 3, 1), 7)])
    assert found["values"] == [None, 0, 7]
    assert found["most"].en == "7"
    assert _bars([(date(2023, 1, 1), None)])["most"].en == "not known"


def written(image: np.ndarray) -> bytes:
    out = BytesIO()
    Image.fromarray(image).save(out, "PNG")
    return out.getvalue()


def read(data: bytes) -> np.ndarray:
    picture = Image.open(BytesIO(data))
    assert picture.mode == "P", "a palette, a byte a pixel"
    return np.asarray(picture.convert("RGB"))


def test_a_smaller_file_is_the_same_picture_to_the_eye() -> None:
    few = np.zeros((9, 9, 4), np.uint8)
    few[:, :4] = (255, 255, 255, 255)
    few[4:, 4:] = (136, 48, 8, 255)
    (data,) = small([written(few)], {"Title": "A picture"})
    assert abs(read(data).astype(int) - few[:, :, :3]).max() <= 4
    assert (read(data)[few[:, :, 0] == 255] == 255).all(), "white stays white"
    assert b"iTXtTitle\0" in data
    assert small([written(few)], {"Title": "A picture"}) == [data]
    many = np.random.default_rng(7).integers(0, 256, (64, 64, 4)).astype(np.uint8)
    off = read(small([written(many)], {})[0]).astype(int) - many[:, :, :3]
    assert abs(off).mean() < 256 / 8, "even of noise, which has no few colours"


def test_a_class_keeps_its_fill_among_many_shades_of_letters() -> None:
    shades = np.full((64, 256, 4), 255, np.uint8)
    shades[:, :, :3] = np.arange(256, dtype=np.uint8)[None, :, None]  # as the edges of letters are
    fills = [fill for _, fill in CLASHES_NOW.fills if fill.startswith("#")]
    drawn = [np.full((9, 256, 4), (*bytes.fromhex(fill[1:]), 255), np.uint8) for fill in fills]
    found = read(small([written(np.concatenate([*drawn, shades]))], {})[0]).astype(int)
    for place, fill in enumerate(fills):
        assert abs(found[9 * place + 4, 100] - [*bytes.fromhex(fill[1:])]).max() <= 2, fill


@pytest.mark.parametrize("data", [b"GIF89a", written(np.zeros((3, 4, 3), np.uint8))[:40]])
def test_another_file_is_refused(data: bytes) -> None:
    with pytest.raises(OSError, match=r"identify|Truncated|truncated|broken"):
        small([data], {})
