"""releases.json and feed.xml: made from manifests alone, with ids that stay and links that resolve anywhere."""

from datetime import datetime
from urllib.parse import urljoin
from uuid import UUID
from xml.etree import ElementTree

import pytest

from reports.files.feed import Issue, feed, issue, releases

ATOM = "{http://www.w3.org/2005/Atom}"
BASE = "https://example.org/index/"


def of(release_id: str, period_end: str, created_at: str, **more: object) -> Issue:
    facts = {"release_id": release_id, "period_end": period_end, "created_at": created_at, "method": "isp-2023"}
    outputs = {"report/index.html": {}, "index.html": {}, "api/nation.json": {}}
    return issue({**facts, "as_of": "2024-01-10", "synthetic": False, "notice": "", "outputs": outputs, **more})


NEW = of("2023-12-31-aaaaaaaa", "2023-12-31", "2024-01-10T01:02:03+00:00")
OLD = of("2023-11-30-bbbbbbbb", "2023-11-30", "2024-02-11T01:02:03+00:00")


def read(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text.encode("utf-8"))  # noqa: S314 - our own


def test_the_feed_holds_what_atom_asks_for() -> None:
    root = read(feed([NEW, OLD]))
    assert root.tag == f"{ATOM}feed"
    for parent in (root, *root.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            (found,) = parent.findall(f"{ATOM}{name}")
            assert found.text, name
        datetime.fromisoformat(parent.findtext(f"{ATOM}updated") or "")
        assert UUID((parent.findtext(f"{ATOM}id") or "").removeprefix("urn:uuid:"))
        assert [one.get("type") for one in parent.findall(f"{ATOM}link[@rel='alternate']")] == ["text/html"]
    assert root.findtext(f"{ATOM}author/{ATOM}name")
    assert root.findtext(f"{ATOM}updated") == OLD.created_at, "that of the release made last"
    assert all(entry.findtext(f"{ATOM}summary") for entry in root.findall(f"{ATOM}entry"))


def ids(text: str) -> list[str | None]:
    return [one.text for one in read(text).iter(f"{ATOM}id")]


def test_ids_stay_wherever_it_lies_and_whatever_else_there_is() -> None:
    both = ids(feed([NEW, OLD]))
    assert len(set(both)) == 3
    assert ids(feed([NEW, OLD], BASE)) == both
    assert ids(feed([NEW])) == both[:2]
    assert feed([NEW, OLD]) == feed([NEW, OLD])


def links(text: str) -> list[str]:
    return [one.get("href") or "" for one in read(text).iter(f"{ATOM}link")]


def test_links_are_relative_or_whole() -> None:
    assert links(feed([NEW])) == ["index.html", "2023-12-31-aaaaaaaa/index.html"]
    whole = links(feed([NEW], BASE))
    assert whole == [f"{BASE}index.html", f"{BASE}feed.xml", f"{BASE}2023-12-31-aaaaaaaa/index.html"]
    assert [urljoin(f"{BASE}feed.xml", one) for one in links(feed([NEW]))] == [whole[0], whole[2]]


def test_the_entry_says_the_month_and_what_is_not_known() -> None:
    month = {"month": "2023-12-01", "clashes_month_count": 1105, "signal_alert_count": None}
    text = issue({"release_id": "r", "period_end": "2023-12-31"}, month).summary
    assert "Clashes of 2023-12, at least: 1,105." in text
    assert "Townships with an alert: not known." in text
    assert text.startswith("Clashes")


def test_invented_releases_say_so() -> None:
    one = of("r", "2023-12-31", "2024-01-10T01:02:03+00:00", synthetic=True, notice="SYNTHETIC DATA: invented.")
    root = read(feed([one]))
    assert "SYNTHETIC DATA" in (root.findtext(f"{ATOM}title") or "")
    assert (root.findtext(f"{ATOM}entry/{ATOM}summary") or "").startswith("SYNTHETIC DATA: ")
    assert ids(feed([one]))[0] != ids(feed([NEW]))[0]


def test_a_hostile_manifest_stays_text() -> None:
    one = of("r", "2023-12-31", "2024-01-10T01:02:03+00:00", notice="</summary><script>x</script>\u202e")
    root = read(feed([one]))
    assert "<script>" in (root.findtext(f"{ATOM}entry/{ATOM}summary") or "")
    assert root.find(f".//{ATOM}script") is None


def test_no_release_is_no_feed() -> None:
    with pytest.raises(ValueError, match="no release"):
        feed([])


def test_the_list_names_each_release_and_its_files() -> None:
    found = releases([NEW, OLD], NEW.release_id, {"2023-11": OLD.release_id, "2023-12": NEW.release_id})
    assert found["latest"] == NEW.release_id
    assert list(found["periods"]) == ["2023-12", "2023-11"]
    first, second = found["releases"]
    assert (first["is_latest"], second["is_latest"]) == (True, False)
    assert first["address"] == "2023-12-31-aaaaaaaa/"
    assert first["files"]["report"] == "2023-12-31-aaaaaaaa/report/index.html"
    assert first["files"]["manifest"] == "2023-12-31-aaaaaaaa/manifest.json"
    assert "site" not in first["files"], "the release holds none"
    assert releases([NEW], "", {}, BASE)["releases"][0]["address"] == f"{BASE}2023-12-31-aaaaaaaa/"
    assert releases([NEW], "", {})["latest"] is None


def test_an_old_manifest_without_a_time_has_one_all_the_same() -> None:
    assert issue({"release_id": "r", "period_end": "2023-12-31"}).created_at == "2023-12-31T00:00:00+00:00"
    with pytest.raises(KeyError):
        issue({"release_id": "r"})


def test_a_withdrawn_release_is_an_entry_of_its_own_day_and_offers_no_file() -> None:
    gone = of("2023-12-31-aaaaaaaa", "2023-12-31", "2024-01-10T01:02:03+00:00",
              withdrawn={"at": "2024-03-01T04:05:06+00:00", "why": "a & <b>"})  # fmt: skip
    root = read(feed([gone, OLD]))
    entry = root.findall(f"{ATOM}entry")[0]
    assert entry.findtext(f"{ATOM}title") == f"WITHDRAWN: {NEW.title}"
    assert entry.findtext(f"{ATOM}summary") == (
        "Withdrawn on 2024-03-01. Reason: a & <b>. Its figures must not be used."
    )
    assert root.findtext(f"{ATOM}updated") == entry.findtext(f"{ATOM}updated") == "2024-03-01T04:05:06+00:00"
    assert ids(feed([gone, OLD])) == ids(feed([NEW, OLD])), "the same entry, told again"
    listed, good = releases([gone, OLD], OLD.release_id, {})["releases"]
    assert (listed["withdrawn"], list(listed["files"])) == ({"at": gone.withdrawn_at, "why": "a & <b>"}, ["manifest"])
    assert (good["withdrawn"], "report" in good["files"]) == (None, True)
