"""What lies outside of report/: first pages whose links lead somewhere, served by a plain server and from a disk."""

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.request import urlopen
from xml.etree import ElementTree

import pandas as pd
import pytest

from reports.files.feed import Issue, issue
from reports.release import Release
from reports.site.front import NAMES, write_front, write_list


@pytest.fixture(scope="module")
def published(built: Path, release: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of releases as a run leaves it: a release, `latest`, a month, the list."""
    folder = tmp_path_factory.mktemp("published")
    for name in (release.release_id, "latest", "2023-11"):
        (folder / name).symlink_to(built, target_is_directory=True)
    write_list([stated(built, release)], release.release_id, {"2023-11": release.release_id}, "", folder)
    return folder


def stated(built: Path, release: Release) -> Issue:
    outputs = [path.relative_to(built).as_posix() for path in built.rglob("*") if path.is_file()]
    month = json.loads((built / "api/nation.json").read_text(encoding="utf-8"))["months"][-1]
    return issue({"release_id": release.release_id, "period_end": "2023-11-26", "as_of": "2023-12-05",
                  "created_at": "2023-12-06T00:00:00+00:00", "outputs": outputs}, month)  # fmt: skip


def links(page: Path) -> list[str]:
    return re.findall(r'href="([^"#]+)', page.read_text(encoding="utf-8"))


# Of a whole run, which writes them after the reports.
LATER = {"manifest.json", "township_index.duckdb"}


def test_every_link_of_the_first_pages_leads_somewhere(published: Path, release: Release) -> None:
    for folder in (published, published / release.release_id):
        for name in NAMES.values():
            found = links(folder / name)
            assert len(found) > 6
            assert not any(":" in one or one.startswith("/") for one in found), "relative, so that any host serves them"
            # Not resolved: the release is a link here, and its own folder in a home.
            missing = [one for one in found if Path(one).name not in LATER and not leads(folder, one)]
            assert missing == [], folder / name


def leads(folder: Path, link: str) -> bool:
    inside = folder.parent / link.removeprefix("../") if link.startswith("../") else folder / link
    return inside.is_file()


def test_each_page_is_in_its_language_and_closed(published: Path, release: Release) -> None:
    for folder in (published, published / release.release_id):
        for language, name in NAMES.items():
            text = (folder / name).read_text(encoding="utf-8")
            assert f'<html lang="{language}">' in text
            assert "default-src 'none'" in text and "<script" not in text
            heading = re.search(r"<h1>(.*?)</h1>", text)
            assert heading
            assert bool(re.search("[\u1000-\u109f]", heading[1])) == (language == "my")


def test_warnings_stand_on_both(invented: Release, tmp_path: Path) -> None:
    write_front(invented, tmp_path)
    one = issue(
        {"release_id": "r", "period_end": "2023-11-26", "synthetic": True, "notice": " ".join(invented.banners)}
    )
    (tmp_path / "list").mkdir()
    write_list([one], "r", {}, "", tmp_path / "list")
    for page in (tmp_path / "index.html", tmp_path / "list" / "index.html"):
        text = page.read_text(encoding="utf-8")
        assert text.count('class="banner"') == 2
        assert "<title>SYNTHETIC: " in text


def test_an_internal_release_has_no_list_above_it(release: Release, tmp_path: Path) -> None:
    write_front(replace(release, internal=True), tmp_path)
    text = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "<title>INTERNAL: " in text
    assert "../index.html" not in text


def test_without_a_release_nothing_is_written(tmp_path: Path) -> None:
    write_list([], "", {}, "", tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def host(published: Path) -> Iterator[str]:
    """A plain server of Python's own on the loopback address, as any static host."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(published)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def fetched(address: str) -> bytes:
    with urlopen(address) as answer:  # noqa: S310 - our own server
        content: bytes = answer.read()
    return content


@pytest.mark.parametrize(
    "path", ["", "latest/", "latest/report/index.html", "latest/report/my/index.html", "2023-11/report/townships.html"]
)
def test_a_plain_server_serves_the_pages(host: str, path: str) -> None:
    assert fetched(f"{host}/{path}").startswith(b"<!doctype html>")


def test_programs_read_from_the_server_what_they_read_from_the_disk(host: str, published: Path) -> None:
    listed = json.loads(fetched(f"{host}/releases.json"))
    (one,) = listed["releases"]
    table = f"{one['address']}tables/national_summary.parquet"
    there, here = pd.read_parquet(f"{host}/{table}"), pd.read_parquet(published / table)
    pd.testing.assert_frame_equal(there, here)
    assert len(there) == 8
    assert json.loads(fetched(f"{host}/{one['files']['nation']}"))["release_id"] == one["release_id"]
    feed = ElementTree.fromstring(fetched(f"{host}/feed.xml"))  # noqa: S314 - our own
    (link,) = feed.findall("{*}entry/{*}link")
    assert fetched(f"{host}/{link.get('href')}").startswith(b"<!doctype html>")
