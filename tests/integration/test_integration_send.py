"""Copy link and save picture on the map, as a reader does both from a disk; and what a link preview is told."""

import re
import struct
from pathlib import Path

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def report(sample_home: Path) -> Path:
    return sample_home / "published" / "latest" / "report"


@pytest.mark.parametrize("folder", ["", "my"])
def test_the_map_as_shown_is_saved_as_a_picture(report: Path, reader, folder: str, tmp_path: Path) -> None:
    page = reader.open(report / folder / "index.html", "#map=security&month=2022-06")
    with page.expect_download() as waiting:
        page.locator("#map-save").click()
    assert waiting.value.suggested_filename == "townships_security_2022-06.png"
    waiting.value.save_as(tmp_path / "map.png")
    data = (tmp_path / "map.png").read_bytes()
    width, height = struct.unpack(">II", data[16:24])
    assert data.startswith(b"\x89PNG") and width == 1200 and 1200 < height < 2600
    assert len(data) > 100_000, "shapes, legend and words: an empty sheet is smaller"
    expect(page.locator("#map-sent")).not_to_be_empty()


def test_the_address_of_the_view_is_copied_and_a_disk_is_told(report: Path, reader) -> None:
    page = reader.open(report / "index.html", "#map=signal&month=2023-11")
    page.locator("#map-copy").click()
    expect(page.locator("#map-sent")).to_contain_text("a file of this machine")
    page.locator("#map-find").focus()
    page.keyboard.press("Control+V")
    expect(page.locator("#map-find")).to_have_value(re.compile(r"^file:.*index\.html#map=signal&month=2023-11$"))


def test_each_page_tells_what_it_is_where_it_is_sent(report: Path) -> None:
    for page in report.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        told = dict(re.findall(r'<meta [^>]*property="og:(\w+)" content="([^"]*)">', text))
        assert told["title"] and told["description"] and "url" not in told, page
        assert (page.parent / told["image"]).resolve().is_file(), page
        assert told["locale"] == ("my_MM" if "my" in page.relative_to(report).parts else "en_US")
        assert text.count('<details class="cite"') == 1 or 'index.html#cite">' in text, page
