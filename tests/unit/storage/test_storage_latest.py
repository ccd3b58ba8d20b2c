"""`latest` moves forward only, by period and then by knowledge, and is written on disks with and without links."""

import errno
import json
import os
from datetime import date
from pathlib import Path

import pytest

from pipeline import doctor as checks
from pipeline.declare.codes import Profile
from pipeline.declare.errors import UnusableInput
from pipeline.declare.settings import BASE_VARIABLE, Home, base_address
from pipeline.storage import latest, release_folder
from pipeline.storage.latest import Candidate

JUNE, DECEMBER = date(2023, 6, 30), date(2023, 12, 31)
OLD, NEW = date(2024, 1, 10), date(2024, 2, 20)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def publish(home: Home, release: str, period_end: date, known: date, newest: bool = True, **facts: object) -> Path:
    folder = release_folder.building_folder(home, release)
    (folder / "a.csv").write_text(release)
    stated = {"period_end": f"{period_end}", "as_of": f"{known}", "inputs": [{"delivery_id": "d1"}], **facts}
    release_folder.finish(folder, {**stated, "outputs": release_folder.hashes(folder)})
    return release_folder.put_in_place(home, folder, release, newest)


def no_links(monkeypatch: pytest.MonkeyPatch, number: int = errno.EPERM) -> None:
    def refuse(src: object, dst: object, target_is_directory: bool = False, *, dir_fd: int | None = None) -> None:
        raise OSError(number, os.strerror(number), str(src), None, str(dst))

    monkeypatch.setattr(os, "symlink", refuse)


@pytest.mark.parametrize(
    ("new", "words"),
    [
        (Candidate(JUNE, NEW, period_asked=True), "this release ends on 2023-06-30, before it"),
        (Candidate(JUNE, NEW), "this release ends on 2023-06-30, before it"),
        (Candidate(DECEMBER, OLD, as_of_asked=True), "what was known by 2024-01-10, before it"),
        (Candidate(date(2024, 1, 31), OLD, as_of_asked=True, period_asked=True), "what was known by 2024-01-10"),
        (Candidate(DECEMBER, NEW, as_of_asked=True), ""),
        (Candidate(DECEMBER, date(2024, 3, 1)), ""),
        # Nothing was asked for: it holds all that is known now, though an entry of corrections.toml went.
        (Candidate(DECEMBER, OLD), ""),
        (Candidate(date(2024, 1, 31), NEW), ""),
    ],
)
def test_latest_moves_forward_only(home: Home, new: Candidate, words: str) -> None:
    assert latest.stays(home, new, []) == "", "nothing was published yet"
    publish(home, "2023-12-31-aaaaaaaa", DECEMBER, NEW)
    said = latest.stays(home, new, [])
    assert bool(said) == bool(words)
    assert words in said
    if words:
        assert "latest stays at 2023-12-31-aaaaaaaa (period to 2023-12-31, known by 2024-02-20)" in said


def test_what_rests_on_a_withdrawn_delivery_holds_nothing_back(home: Home) -> None:
    publish(home, "2023-12-31-aaaaaaaa", DECEMBER, NEW)
    assert latest.stays(home, Candidate(JUNE, NEW), ["d1"]) == ""
    assert latest.stays(home, Candidate(JUNE, NEW), ["d2"])
    assert latest.stays(home, Candidate(JUNE, NEW, period_asked=True), ["d1"]), "another day was asked for"


def test_a_latest_that_cannot_be_read_holds_nothing_back(home: Home) -> None:
    folder = publish(home, "2023-12-31-aaaaaaaa", DECEMBER, NEW)
    (folder / latest.MANIFEST).write_text("{")
    assert latest.stays(home, Candidate(JUNE, NEW), []) == ""


def test_profiles_have_a_latest_each(home: Home) -> None:
    publish(home, "2023-12-31-aaaaaaaa", DECEMBER, NEW)
    team = Home(home.root, Profile.INTERNAL)
    assert latest.stays(team, Candidate(JUNE, NEW, period_asked=True), []) == ""
    publish(team, "2023-06-30-bbbbbbbb-internal", JUNE, NEW)
    assert latest.stays(team, Candidate(DECEMBER, NEW), []) == ""
    assert home.latest.resolve().name == "2023-12-31-aaaaaaaa"


def test_an_older_edition_is_published_beside(home: Home) -> None:
    publish(home, "2023-12-31-aaaaaaaa", DECEMBER, NEW)
    final = publish(home, "2023-06-30-bbbbbbbb", JUNE, NEW, newest=False)
    assert (final / "a.csv").exists()
    assert home.latest.readlink() == Path("2023-12-31-aaaaaaaa")
    publish(home, "2023-06-30-bbbbbbbb", JUNE, NEW)
    assert home.latest.readlink() == Path("2023-06-30-bbbbbbbb"), "as with --make-latest"


def test_doctor_tells_of_a_latest_that_is_not_the_newest(home: Home) -> None:
    publish(home, "2023-12-31-aaaaaaaa", DECEMBER, NEW)
    assert [state for state, _ in checks.release(home)] == ["ok"]
    publish(home, "2023-06-30-bbbbbbbb", JUNE, date(2024, 6, 1))
    (_, (state, text)) = checks.release(home)
    assert state == "note"
    assert "latest stands at 2023-06-30-bbbbbbbb" in text
    assert "run --period-end 2023-12-31 --as-of 2024-02-20 --profile public --make-latest" in text
    home.latest_link.unlink()
    ((state, text),) = checks.release(home)
    assert state == "problem"
    assert "latest names none" in text
    team = Home(home.root, Profile.INTERNAL)
    publish(team, "2023-06-30-cccccccc-internal", JUNE, NEW)
    assert [state for state, _ in checks.release(home)] == ["problem", "ok"]


def test_a_disk_without_links_has_a_file_that_names_the_newest(
    home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert latest.prepare(home) == ""
    publish(home, "r0", JUNE, OLD)  # made where there were links
    with monkeypatch.context() as here:
        no_links(here)
        assert "latest.txt will name the newest" in latest.prepare(home)
        for release in ("r1", "r2"):
            publish(home, release, DECEMBER, NEW)
            assert home.latest == home.published / release
            assert (home.latest / "a.csv").read_text() == release
        assert sorted(p.name for p in home.published.iterdir()) == ["latest", "latest.txt", "r0", "r1", "r2"]
        assert f"url=../{release}/index.html" in (home.latest_link / "index.html").read_text(), "for who opens latest/"
        assert latest.pointed(home) is not None
        assert [state for state, _ in checks.release(home)] == ["ok"]
    publish(home, "r3", DECEMBER, NEW)  # moved to a disk that has links
    assert home.latest.readlink() == Path("r3")
    assert not home.latest_file.exists()


def test_a_full_disk_is_no_disk_without_links(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    no_links(monkeypatch, errno.ENOSPC)
    with pytest.raises(OSError, match="No space left"):
        latest.prepare(home)


def test_a_folder_in_the_pointers_place_is_told_before_the_work(home: Home) -> None:
    home.latest_link.mkdir(parents=True)
    with pytest.raises(UnusableInput, match="move it away"):
        latest.prepare(home)


@pytest.mark.parametrize("text", ["../../etc", "", "r1/../..", "/etc"])
def test_a_pointer_file_leads_nowhere_else(home: Home, text: str) -> None:
    home.published.mkdir()
    home.latest_file.write_text(text)
    assert home.latest == home.latest_link


def test_old_manifests_have_an_edition_too(home: Home) -> None:
    folder = publish(home, "r1", JUNE, NEW)
    manifest = json.loads((folder / latest.MANIFEST).read_text())
    (folder / latest.MANIFEST).write_text(json.dumps({"period_end": manifest["period_end"]}))
    found, unreadable = latest.standing(home)
    assert ([one.edition for one in found], unreadable) == ([(JUNE, date.min)], [])


def standings(home: Home) -> dict[str, str]:
    return latest.by_month(latest.standing(home)[0], latest.pointed(home))


def test_a_month_names_its_newest_edition_and_that_of_latest_what_latest_names(home: Home) -> None:
    publish(home, "2023-12-31-aaaaaaaa", DECEMBER, OLD)
    publish(home, "2023-06-30-bbbbbbbb", JUNE, NEW, newest=False)
    publish(home, "2023-06-15-cccccccc", date(2023, 6, 15), NEW, newest=False)
    publish(home, "2023-12-31-dddddddd", DECEMBER, NEW, newest=False)
    assert standings(home) == {"2023-06": "2023-06-30-bbbbbbbb", "2023-12": "2023-12-31-aaaaaaaa"}
    latest.point(home, "2023-12-31-dddddddd")
    assert standings(home)["2023-12"] == "2023-12-31-dddddddd"


def test_months_are_links_that_follow_and_go(home: Home) -> None:
    publish(home, "r1", JUNE, NEW)
    latest.point_months(home, {"2023-06": "r1"})
    assert (home.published / "2023-06").readlink() == Path("r1"), "relative, so that the home can be moved"
    assert [one.release_id for one in latest.standing(home)[0]] == ["r1"], "a month is no release"
    publish(home, "r2", DECEMBER, NEW)
    latest.point_months(home, {"2023-06": "r1", "2023-12": "r2"})
    latest.point_months(home, {"2023-12": "r2"})
    assert sorted(p.name for p in home.published.iterdir()) == ["2023-12", "latest", "r1", "r2"]
    assert [state for state, _ in checks.release(home)] == ["ok"]


def test_without_links_a_month_is_a_page_that_leads_on(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(home, "r1", JUNE, NEW)
    publish(home, "r2", JUNE, NEW)
    with monkeypatch.context() as here:
        no_links(here)
        for release in ("r1", "r2"):
            latest.point_months(home, {"2023-06": release})
            page = (home.published / "2023-06" / "index.html").read_text()
            assert f'content="0; url=../{release}/index.html"' in page
        assert latest.standing(home)[1] == [], "no release that cannot be read"
        latest.point_months(home, {})
        assert not (home.published / "2023-06").exists()
        latest.point_months(home, {"2023-06": "r1"})
    latest.point_months(home, {"2023-06": "r2"})  # moved to a disk that has links
    assert (home.published / "2023-06").readlink() == Path("r2")


def test_what_somebody_else_put_in_a_months_place_stays(home: Home) -> None:
    publish(home, "r1", JUNE, NEW)
    own = home.published / "2023-06"
    own.mkdir()
    (own / "index.html").write_text("mine")
    latest.point_months(home, {"2023-06": "r1"})
    latest.point_months(home, {})
    assert (own / "index.html").read_text() == "mine"


def test_a_full_disk_is_no_disk_without_links_for_months_too(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(home, "r1", JUNE, NEW)
    no_links(monkeypatch, errno.ENOSPC)
    with pytest.raises(OSError, match="No space left"):
        latest.point_months(home, {"2023-06": "r1"})


@pytest.mark.parametrize("said", ["https://example.org", "https://example.org/index/", "http://127.0.0.1:8000/a"])
def test_a_base_address_ends_in_a_slash(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(BASE_VARIABLE, said)
    assert base_address() == said.rstrip("/") + "/"


@pytest.mark.parametrize(
    "said", ["example.org", "ftp://example.org/", 'https://e.org/"><b>', "https://e.org/?a=1", "/"]
)
def test_what_is_no_base_address_is_refused(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(BASE_VARIABLE, said)
    with pytest.raises(UnusableInput, match=BASE_VARIABLE):
        base_address()
    monkeypatch.delenv(BASE_VARIABLE)
    assert base_address() == ""
