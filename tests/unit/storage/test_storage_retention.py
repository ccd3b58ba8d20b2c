"""Which releases stay: the rules one by one, and for any set of days; what of a home's files may go."""

import json
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.declare import retention as declared
from pipeline.declare.codes import Profile
from pipeline.declare.errors import UnusableInput
from pipeline.declare.settings import Home
from pipeline.storage import held, latest, release_folder, retention, withdrawals
from pipeline.storage.latest import Standing
from pipeline.storage.retention import Dated, Policy, Sort, Why, kept

TODAY = date(2026, 11, 30)
NOW = datetime(2026, 11, 30, 6, tzinfo=UTC)
MONTH = Policy(30)


def made(day: date | None, number: int = 0, period_end: date | None = None, size: int = 1) -> Dated:
    """A release made on a day, with data to that day unless another is given."""
    until = period_end or day or TODAY
    at = f"{day}T{number:02d}:00:00+00:00" if day else ""
    return Dated(Standing(until, until, at, f"{until}-{number:08x}"), day, size)


def leading(found: list[Dated]) -> frozenset[str]:
    """The releases that the addresses of months lead to, and the newest edition, which `latest` names."""
    months = latest.by_month([one.standing for one in found], max((one.standing for one in found), default=None))
    return frozenset(months.values())


def names(found: list[Dated]) -> set[str]:
    return {one.name for one in found}


def test_the_last_days_stay_and_the_day_before_them_goes() -> None:
    last, first, before = (made(TODAY - timedelta(days=n)) for n in (0, 29, 30))
    why = kept([last, first, before], {last.name, "2026-10"}, (), TODAY, MONTH)
    assert why[first.name] == Why.RECENT
    assert why[last.name] == Why.ADDRESSED
    assert why == kept([last, first], {last.name}, (), TODAY, MONTH) | {before.name: Why.MONTH}, "October's only one"
    other = made(TODAY - timedelta(days=31), 1)
    assert before.name in kept([last, before, other], {last.name}, (), TODAY, MONTH)
    assert other.name not in kept([last, before, other], {last.name}, (), TODAY, MONTH)


def test_of_a_month_the_one_that_its_address_leads_to_stays_though_it_was_made_in_the_next() -> None:
    """Data to 31 March are known on 2 April: the address 2026-03 leads to that release, and March keeps one too."""
    early, late = made(date(2026, 3, 31), 1, date(2026, 3, 30)), made(date(2026, 4, 2), 2, date(2026, 3, 31))
    april = made(date(2026, 4, 29), 3, date(2026, 4, 28))
    found = [early, late, april]
    assert leading(found) == {late.name, april.name}
    assert kept(found, leading(found), (), TODAY, MONTH) == {
        late.name: Why.ADDRESSED, april.name: Why.ADDRESSED, early.name: Why.MONTH,
    }  # fmt: skip


def test_a_source_that_stands_still_leaves_one_release_a_month_all_the_same() -> None:
    period = date(2023, 11, 26)
    found = [made(date(2026, month, day), day, period) for month in (3, 4, 5) for day in (1, 20)]
    why = kept(found, {found[-1].name}, (), TODAY, MONTH)
    assert set(why) == {found[1].name, found[3].name, found[5].name}


def test_pinned_ones_and_those_of_no_known_day_stay() -> None:
    pinned, undated, other, newest = made(date(2020, 1, 1)), made(None, 7), made(date(2020, 1, 2)), made(TODAY)
    why = kept([pinned, undated, other, newest], {newest.name}, {pinned.name}, TODAY, MONTH)
    assert why[pinned.name] == Why.PINNED
    assert why[undated.name] == Why.UNDATED
    assert why[other.name] == Why.MONTH, "a pin does not stand for its month"


def test_where_room_is_short_the_last_made_of_each_day_of_a_week_stays() -> None:
    days = [TODAY - timedelta(days=n) for n in range(30)]
    found = [made(day, number, size=10) for day in days for number in (1, 2)]
    named = {made(TODAY, 2).name}
    assert len(kept(found, named, (), TODAY, Policy(30, 600))) == 60
    half = kept(found, named, (), TODAY, Policy(30, 310))
    assert set(half) == {made(day, 2).name for day in days} | {made(TODAY, 1).name}, "replaced on the same day, oldest"
    week = kept(found, named, (), TODAY, Policy(30, 1))
    least = int(declared.RELEASE_DAYS_LEAST.value)
    first_of_month = {made(date(2026, 11, 1), 2).name}
    assert set(week) - first_of_month == {made(day, 2).name for day in days[:least]}


DAYS = st.dates(TODAY - timedelta(days=800), TODAY)
RELEASES = st.lists(
    st.builds(lambda day, lag: (day, day - timedelta(days=lag)), DAYS, st.integers(0, 40)), max_size=60, unique=True
).map(lambda found: [made(day, number, until, 5) for number, (day, until) in enumerate(sorted(found))])


@given(RELEASES, st.integers(1, 60), st.one_of(st.none(), st.integers(0, 400)), st.data())
def test_what_stays_is_as_stated_and_the_second_time_nothing_goes(
    found: list[Dated], days: int, most: int | None, data: st.DataObject
) -> None:
    pins = data.draw(st.sets(st.sampled_from(sorted(names(found)))) if found else st.just(set()))
    named, policy = leading(found), Policy(days, most)
    why = kept(found, named, pins, TODAY, policy)
    staying = [one for one in found if one.name in why]
    assert pins | named <= set(why) <= names(found)
    for one in found:
        assert one.made is not None
        age = (TODAY - one.made).days
        if most is None and age < days:
            assert one.name in why
        if one.name in why and age >= days:
            same_month = [o for o in found if o.made and (o.made.year, o.made.month) == (one.made.year, one.made.month)]
            assert one.name in pins | named or one.standing.created_at == max(o.standing.created_at for o in same_month)
    months = {(one.made.year, one.made.month) for one in found if one.made}
    assert months == {(one.made.year, one.made.month) for one in staying if one.made}, "each month keeps one"
    assert leading(staying) == named, "every address leads where it led"
    assert kept(staying, leading(staying), pins, TODAY, policy) == why, "twice frees nothing more"
    assert set(kept(found, named, pins, TODAY, Policy(days + 1))) >= set(kept(found, named, pins, TODAY, Policy(days)))


def publish(home: Home, release: str, day: str) -> Path:
    folder = release_folder.building_folder(home, release)
    (folder / "a.csv").write_text(release * 1000)
    stated = {"period_end": day, "as_of": day, "created_at": f"{day}T20:00:00+00:00", "previous_release": None}
    release_folder.finish(folder, {**stated, "outputs": release_folder.hashes(folder)})
    return release_folder.put_in_place(home, folder, release)


def test_the_day_is_that_of_myanmar(tmp_path: Path) -> None:
    home = Home(tmp_path)
    publish(home, "2026-03-31-aaaaaaaa", "2026-03-31")
    (one,) = retention.dated(home)
    assert one.made == date(2026, 4, 1), "20:00 UTC is the next morning there"
    assert one.size >= 4096
    old = Standing(date(2023, 1, 31), date(2023, 2, 3), "", "r")
    assert retention.made_on(old) == date(2023, 2, 3)
    assert retention.made_on(Standing(date(2023, 1, 31), date.min, "", "r")) is None


def test_what_latest_names_stays_even_where_its_manifest_cannot_be_read(tmp_path: Path) -> None:
    home = Home(tmp_path)
    for month in (1, 2, 3):
        publish(home, f"2026-0{month}-25-aaaaaaaa", f"2026-0{month}-25")
        publish(home, f"2026-0{month}-20-aaaaaaaa", f"2026-0{month}-20")
    latest.point(home, "2026-01-20-aaaaaaaa")
    found = retention.standings(home, TODAY, MONTH)
    assert found.why["2026-01-20-aaaaaaaa"] == Why.ADDRESSED
    assert names([*found.going]) == {"2026-01-25-aaaaaaaa", "2026-02-20-aaaaaaaa", "2026-03-20-aaaaaaaa"}
    (home.releases / "2026-01-20-aaaaaaaa" / latest.MANIFEST).write_text("{")
    going = retention.standings(home, TODAY, MONTH).going
    assert "2026-01-20-aaaaaaaa" not in names([*going]), "what cannot be read is never deleted"


def test_pins_that_cannot_be_read_keep_prune_from_its_work(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.releases.mkdir()
    home.pins.write_text('["../x"]')
    with pytest.raises(UnusableInput, match=r"pins\.json"):
        retention.standings(home, TODAY, MONTH)


def withdrawn(home: Home, release: str, days: int, page: bool = True, size: int = 10) -> Path:
    """What a release held that was withdrawn so many days ago; `page`: it had been published."""
    at = (NOW - timedelta(days=days)).isoformat(timespec="seconds")
    folder = home.withdrawn / release
    (folder / "tables").mkdir(parents=True)
    (folder / "tables" / "a.csv").write_bytes(b"x" * size)
    manifest = {"period_end": release[:10], "as_of": release[:10], latest.WITHDRAWN: {"at": at, "why": "wrong"}}
    (folder / latest.MANIFEST).write_text(json.dumps(manifest))
    if page:
        (home.withdrawn / f"{release}.duckdb").write_bytes(b"x" * size)
        publish(home, release, release[:10])
        (home.releases / release / latest.MANIFEST).write_text(json.dumps(manifest))
    return folder


def test_what_a_withdrawn_release_held_goes_with_the_days_and_the_page_that_says_why_stays(tmp_path: Path) -> None:
    home = Home(tmp_path)
    old, month = withdrawn(home, "2026-01-25-aaaaaaaa", 30), withdrawn(home, "2026-01-26-aaaaaaaa", 29)
    waited = withdrawn(home, "2026-01-27-aaaaaaaa", 30, page=False)
    pinned, begun = withdrawn(home, "2026-01-28-aaaaaaaa", 90), withdrawn(home, "2026-01-29-aaaaaaaa", 90)
    home.pins.write_text(json.dumps([pinned.name]))
    (home.withdrawn / f"{begun.name}.json").write_text("{}")
    (home.withdrawn / "notes").mkdir()
    page = home.releases / old.name
    going = retention.standings(home, TODAY, MONTH).withdrawn
    assert {one.path for one in going} == {old, old.with_name(f"{old.name}.duckdb"), waited / "tables"}
    assert {one.sort for one in going} == {Sort.WITHDRAWN}
    for one in going:
        retention.remove(one.path)
    assert withdrawals.of(home, old.name) == withdrawals.of(home, page.name) is not None
    assert (page / "a.csv").is_file()
    assert [one["release_id"] for one in withdrawals.held_back(home)] == [waited.name], "why stays said"
    assert withdrawals.of(home, waited.name) is not None
    assert month.is_dir()
    assert retention.standings(home, TODAY, MONTH).withdrawn == ()
    assert {one.path for one in retention.standings(home, TODAY, Policy(7)).withdrawn} == {
        month, month.with_name(f"{month.name}.duckdb")
    }  # fmt: skip


def test_where_room_is_short_what_withdrawn_releases_held_goes_before_daily_releases(tmp_path: Path) -> None:
    home = Home(tmp_path)
    days = [(NOW - timedelta(days=n)).date().isoformat() for n in range(20)]
    for day in days:
        publish(home, f"{day}-aaaaaaaa", day)
    first, last = withdrawn(home, "2026-01-25-aaaaaaaa", 8, size=9000), withdrawn(home, "2026-01-26-aaaaaaaa", 6)
    whole = retention.standings(home, TODAY, Policy(30, 10**9))
    assert (whole.going, whole.withdrawn) == ((), ())
    left = sum(one.size for one in retention.former(home, ()) if one.name == last.name)
    enough = sum(one.size for one in retention.dated(home)) + left
    short = retention.standings(home, TODAY, Policy(30, enough))
    assert short.going == ()
    assert {one.path.name for one in short.withdrawn} == {first.name, f"{first.name}.duckdb"}
    shorter = retention.standings(home, TODAY, Policy(30, enough - 1))
    assert [one.name for one in shorter.going] == [f"{days[-1]}-aaaaaaaa"], "that of the last week counts and stays"


def test_kept_databases_that_no_withdrawal_leads_to_go_after_a_week(tmp_path: Path) -> None:
    home = Home(tmp_path)
    for day in ("2026-10-01", "2026-10-02", "2026-10-03", "2026-10-04"):
        publish(home, f"{day}-aaaaaaaa", day)
    home.pins.write_text('["2026-10-01-aaaaaaaa"]')
    kept_ones = {
        "2026-10-01-aaaaaaaa",
        "2026-10-03-aaaaaaaa",
        "2026-10-04-aaaaaaaa",
        "2026-10-05-held",
        "2026-10-06-out",
    }
    (home.held / "2026-10-05-held").mkdir(parents=True)
    held.write(home, held.Held("2026-10-06-out", begun=True, moves_latest=True))
    for name in (*kept_ones, "2026-10-02-aaaaaaaa", "2026-09-01-pruned"):
        aged(home.snapshots / f"{name}.duckdb", 8)
    aged(home.snapshots / "2026-09-02-pruned.duckdb", 6)
    going = {one.path.stem: one.sort for one in retention.old_files(home, NOW)}
    assert going == dict.fromkeys(["2026-10-02-aaaaaaaa", "2026-09-01-pruned"], Sort.DATABASES)


def test_a_policy_is_asked_for_by_option_or_environment() -> None:
    assert retention.policy().days == 30
    assert retention.policy().most_bytes == declared.RELEASES_BYTES.value
    assert retention.policy(7, "90") == Policy(7)
    assert retention.policy(None, "90") == Policy(90)
    for keep, stated in ((0, ""), (None, "a month"), (None, "-1"), (-5, "")):
        with pytest.raises(UnusableInput, match="no number of days"):
            retention.policy(keep, stated)


def aged(path: Path, days: float, text: str = "x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    at = (NOW - timedelta(days=days)).timestamp()
    os.utime(path, (at, at))
    return path


def test_old_files_go_by_kind_and_deliveries_never(tmp_path: Path) -> None:
    home = Home(tmp_path)
    cache, internal = home.cache, Home(tmp_path, Profile.INTERNAL)
    going = {
        aged(cache / "regions-0123456789abcdef.parquet", 99): Sort.CACHES,
        aged(home.warehouse / "work.duckdb.damaged", 31): Sort.WORKING,
        aged(internal.work_database, 31): Sort.WORKING,
        aged(home.logs / "township_index.jsonl.3", 400): Sort.LOGS,
        aged(home.releases / ".gone-2026-01-01-a" / "a.csv", 0).parent: Sort.LITTER,
        aged(home.internal / ".building-r" / "a.csv", 0).parent: Sort.LITTER,
    }
    for stays in (
        cache / "regions-fedcba9876543210.parquet", cache / "schematic_townships.parquet", home.work_database,
        home.analysts_database, home.logs / "runs.jsonl", home.logs / "township_index.jsonl",
        home.deliveries / "clashes" / "0123456789abcdef.parquet", home.inbox / "clashes" / "a.csv",
        home.briefs / "b" / "brief.pdf",
    ):  # fmt: skip
        aged(stays, 90 if "regions" in stays.name else 900)
    aged(home.logs / "township_index.jsonl.1", 100)
    found = retention.old_files(home, NOW)
    assert {one.path: one.sort for one in found} == going
    for one in found:
        retention.remove(one.path)
    assert retention.old_files(home, NOW) == []
    assert not any(path.exists() for path in going)


def test_a_folder_goes_by_way_of_another_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed in the middle, what is left bears the name of litter, and the next time takes it away."""
    home = Home(tmp_path)
    folder = publish(home, "2026-01-28-aaaaaaaa", "2026-01-28")

    def killed(path: Path, **_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(retention.shutil, "rmtree", killed)
    with pytest.raises(KeyboardInterrupt):
        retention.remove(folder)
    monkeypatch.undo()
    assert not folder.exists()
    (left,) = retention.old_files(home, NOW)
    assert left.sort == Sort.LITTER
    folder.mkdir()  # made again since
    retention.remove(folder)
    assert list(home.releases.glob("[.2]*")) == []
    (home.releases / ".gone-r").mkdir()
    release_folder.sweep_litter(home)
    assert not (home.releases / ".gone-r").exists(), "a run takes it away too"


def test_a_release_whose_former_one_was_pruned_keeps_its_changes(tmp_path: Path) -> None:
    home = Home(tmp_path)
    publish(home, "2026-01-28-aaaaaaaa", "2026-01-28")

    def build(changes: str) -> Path:
        folder = release_folder.building_folder(home, "2026-02-28-bbbbbbbb")
        (folder / "changes.csv").write_text(changes)
        stated = {"period_end": "2026-02-28", "as_of": "2026-02-28", "previous_release": "2026-01-28-aaaaaaaa"}
        release_folder.finish(folder, {**stated, "outputs": release_folder.hashes(folder)})
        return release_folder.put_in_place(home, folder, "2026-02-28-bbbbbbbb")

    final = build("what changed")
    build("something else")
    assert (final / "changes.csv").read_text() == "something else", "the former one stands: the new one is right"
    retention.remove(home.releases / "2026-01-28-aaaaaaaa")
    build("nothing is compared")
    assert (final / "changes.csv").read_text() == "something else"
    (final / "changes.csv").write_text("damaged")
    build("nothing is compared")
    assert (final / "changes.csv").read_text() == "nothing is compared", "a damaged one is replaced"
