"""Landings: the same content is the same delivery, a refused file leaves nothing, nothing is passed over in silence."""

import json
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import polars as pl
import pytest

from pipeline.declare.codes import Kind
from pipeline.declare.errors import UnusableInput
from pipeline.declare.formats import LEARNT_LATER
from pipeline.declare.settings import Home
from pipeline.ingest import inbox
from pipeline.storage import deliveries
from pipeline.storage.content_hash import content_hash
from pipeline.storage.disk import write_atomically

NOW = datetime(2024, 6, 1, 8, tzinfo=UTC)
HEADER = "event_id,event_date,event_type,adm3_pcode"
ROWS = [f"e{i},2022-03-04,clash,MMR001001" for i in range(30)]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def events(
    folder: Path, name: str = "events.csv", rows: list[str] | None = None, sidecar: str = ""
) -> tuple[Kind, Path]:
    path = folder / "in" / "clashes" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([HEADER, *(ROWS if rows is None else rows)]) + "\n")
    if sidecar:
        path.with_name(name + ".toml").write_text(sidecar)
    return Kind.CLASHES, path


def landed(home: Home) -> dict[str, bytes]:
    return {p.relative_to(home.root).as_posix(): p.read_bytes() for p in home.root.rglob("*") if p.is_file()}


def test_the_same_content_again_by_name_or_order_is_the_same_delivery(home: Home, tmp_path: Path) -> None:
    first = inbox.deliver(home, [events(tmp_path)], NOW)[0]
    assert first.is_new
    before = landed(home)
    shuffled = [*ROWS[15:], *reversed(ROWS[:15])]
    for file in (events(tmp_path), events(tmp_path, "other.csv"), events(tmp_path, "mixed.csv", shuffled)):
        again = inbox.deliver(home, [file], NOW + timedelta(days=1))[0]
        assert not again.is_new
        assert again.delivery == first.delivery
    assert landed(home) == before


def test_other_content_or_another_reading_of_it_is_another_delivery(home: Home, tmp_path: Path) -> None:
    files = [events(tmp_path), events(tmp_path, "b.csv", ROWS[:-1]), events(tmp_path, "c.csv", [*ROWS, ROWS[0]]),
             events(tmp_path, "d.csv", sidecar='date_format = "%d/%m/%Y"')]  # fmt: skip
    assert len({landing.delivery.delivery_id for landing in inbox.deliver(home, files, NOW)}) == 4
    assert all(landing.is_new for landing in inbox.deliver(Home(tmp_path / "b"), files, NOW))


def test_the_same_file_twice_in_one_go_lands_once(home: Home, tmp_path: Path) -> None:
    both = inbox.deliver(home, [events(tmp_path), events(tmp_path, "copy.csv")], NOW)
    assert [landing.is_new for landing in both] == [True, False]
    assert len(deliveries.in_force(home)) == 1


def test_what_is_landed_is_read_back_and_never_written_again(home: Home, tmp_path: Path) -> None:
    delivery = inbox.deliver(home, [events(tmp_path)], NOW)[0].delivery
    assert deliveries.in_force(home) == [delivery]
    frame = deliveries.read_delivery(home, delivery)
    assert frame["event_id"].to_list() == [f"e{i}" for i in range(30)]
    before = landed(home)
    inbox.deliver(home, [events(tmp_path, "new.csv", ROWS[:5])], NOW + timedelta(days=1))
    assert {k: v for k, v in landed(home).items() if k in before} == before


def test_a_home_whose_path_looks_like_a_pattern(tmp_path: Path) -> None:
    home = Home(tmp_path / "year=2024 [a]*")
    delivery = inbox.deliver(home, [events(tmp_path)], NOW)[0].delivery
    assert deliveries.read_delivery(home, delivery).height == 30


def test_one_refused_file_leaves_nothing_written(home: Home, tmp_path: Path) -> None:
    with pytest.raises(UnusableInput, match=r"bad\.csv"):
        inbox.deliver(home, [events(tmp_path), events(tmp_path, "bad.csv", [])], NOW)
    assert landed(home) == {}


def test_as_of_knows_what_had_come_by_the_end_of_the_day_in_myanmar(home: Home, tmp_path: Path) -> None:
    yangon = timezone(timedelta(hours=6, minutes=30))
    times = [
        datetime(2024, 6, 1, 17, 29, tzinfo=UTC),
        datetime(2024, 6, 1, 5, tzinfo=yangon),
        datetime(2024, 6, 1, 17, 31, tzinfo=UTC),  # a minute past midnight in Yangon
    ]
    for n, time in enumerate(times):
        inbox.deliver(home, [events(tmp_path, f"{n}.csv", ROWS[: n + 1])], time)
    assert [d.file_name for d in deliveries.in_force(home, date(2024, 6, 1))] == ["1.csv", "0.csv"]
    assert len(deliveries.in_force(home)) == 3
    assert deliveries.in_force(home, date(2024, 5, 31)) == []
    frame = deliveries.as_frame(deliveries.in_force(home))
    assert frame["received_at"].to_list() == [date(2024, 6, 1), date(2024, 6, 1), date(2024, 6, 2)]


def test_the_clock_must_say_its_zone_and_its_zone_changes_nothing(home: Home, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="time zone"):
        inbox.deliver(home, [events(tmp_path)], datetime(2024, 6, 1))
    here, there = (inbox.deliver(Home(tmp_path / n), [events(tmp_path)], NOW.astimezone(tz))[0].delivery
                   for n, tz in (("a", UTC), ("b", timezone(timedelta(hours=-9)))))  # fmt: skip
    assert here == there


def test_files_of_one_go_have_an_order(home: Home, tmp_path: Path) -> None:
    files = [events(tmp_path, f"{n}.csv", ROWS[: n + 1]) for n in range(5)]
    inbox.deliver(home, files, NOW)
    assert [d.file_name for d in deliveries.in_force(home)] == [f"{n}.csv" for n in range(5)]


@pytest.mark.parametrize("harm", ["cut", "gone", "swapped"])
def test_a_damaged_landing_is_refused_with_the_way_out(home: Home, tmp_path: Path, harm: str) -> None:
    delivery = inbox.deliver(home, [events(tmp_path)], NOW)[0].delivery
    path = home.deliveries / "clashes" / f"{delivery.delivery_id}.parquet"
    if harm == "cut":
        path.write_bytes(path.read_bytes()[:-50])
    elif harm == "gone":
        path.unlink()
    else:
        deliveries.read_delivery(home, delivery).head(3).write_parquet(path)
    with pytest.raises(UnusableInput, match=rf"events\.csv is damaged or gone.*remove {delivery.delivery_id}\.json"):
        deliveries.read_delivery(home, delivery)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"kind": "clashes"}', "\x00"])
def test_a_damaged_note_of_a_landing_is_refused_by_its_path(home: Home, tmp_path: Path, text: str) -> None:
    delivery = inbox.deliver(home, [events(tmp_path)], NOW)[0].delivery
    note = home.deliveries / "clashes" / f"{delivery.delivery_id}.json"
    note.write_text(text)
    with pytest.raises(UnusableInput, match=rf"{delivery.delivery_id}\.json.*damaged"):
        deliveries.in_force(home)


def test_litter_of_a_killed_run_is_swept_and_landings_stay(home: Home, tmp_path: Path) -> None:
    inbox.deliver(home, [events(tmp_path)], NOW)
    before = landed(home)
    folder = home.deliveries / "clashes"
    (folder / ".abc.parquet.77.part").write_bytes(b"half")
    (folder / "0123456789abcdef.parquet").write_bytes(b"no note")
    deliveries.sweep_litter(home)
    deliveries.sweep_litter(Home(tmp_path / "never"))
    assert landed(home) == before


def test_a_write_that_fails_leaves_neither_file_nor_litter(tmp_path: Path) -> None:
    target = tmp_path / "a.json"
    target.write_text("old")

    def fail(part: Path) -> None:
        part.write_text("half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_atomically(target, fail)
    assert {p.name: p.read_text() for p in tmp_path.iterdir()} == {"a.json": "old"}


def test_invented_and_real_records_never_share_a_home(home: Home, tmp_path: Path) -> None:
    invented = events(tmp_path, "invented.csv", ROWS[:3], sidecar="synthetic = true")
    with pytest.raises(UnusableInput, match="cannot join a home"):
        inbox.deliver(home, [events(tmp_path), invented], NOW)
    assert landed(home) == {}
    inbox.deliver(home, [invented], NOW)
    with pytest.raises(UnusableInput, match=r"real records cannot join.*invented\.csv.*--home"):
        inbox.deliver(home, [events(tmp_path)], NOW)


def test_a_baseline_without_its_day_is_refused(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "hpc.csv"
    path.write_text(
        "township pcode,township,idps,idp returnees/ resettled/ locally integrated\nMMR001001,Myitkyina,5,\n"
    )
    with pytest.raises(UnusableInput, match=r"reference_date = YYYY-MM-DD into hpc\.csv\.toml"):
        inbox.deliver(home, [(Kind.DISPLACEMENT, path)], NOW)
    path.with_name("hpc.csv.toml").write_text("reference_date = 2022-09-09")
    assert inbox.deliver(home, [(Kind.DISPLACEMENT, path)], NOW)[0].delivery.reference_date == "2022-09-09"


def test_notes_of_reader_and_sidecar_are_kept(home: Home, tmp_path: Path) -> None:
    file = events(tmp_path, rows=ROWS, sidecar="odd = 1")
    file[1].write_text(file[1].read_text().replace(HEADER, HEADER + ",note").replace("MMR001001", "MMR001001,x"))
    delivery = inbox.deliver(home, [file], NOW)[0].delivery
    assert len(delivery.notes) == 2
    note = json.loads((home.deliveries / "clashes" / f"{delivery.delivery_id}.json").read_text())
    assert deliveries.in_force(home)[0].notes == tuple(note["notes"]) == delivery.notes


def test_the_files_of_a_folder(tmp_path: Path) -> None:
    found = [events(tmp_path, name) for name in ("b.csv", "a.csv")]
    for other in (".hidden.csv", "~$open.xlsx", "README.md", "c.csv.part", "a.csv.toml"):
        (tmp_path / "in" / "clashes" / other).write_text("")
    (tmp_path / "in" / "boundaries").mkdir()
    for part in ("x.shp", "x.dbf", "x.shx", "x.prj"):
        (tmp_path / "in" / "boundaries" / part).write_text("")
    names = [(kind, path.name) for kind, path in inbox.find_files(tmp_path / "in")]
    assert names == [(Kind.BOUNDARIES, "x.shp"), *((kind, path.name) for kind, path in reversed(found))]


LITTER = ("Thumbs.db", "desktop.ini", ".DS_Store", "~$book.xlsx", "._book.xlsx", ".~lock.book.ods#", "Icon\r")


def test_what_file_managers_leave_is_nobodys_delivery(tmp_path: Path) -> None:
    folder = tmp_path / "in" / "clashes"
    folder.mkdir(parents=True)
    for name in LITTER:
        (folder / name).write_bytes(b"\x00")
    (folder / "__MACOSX").mkdir()
    assert not inbox.holds_files(tmp_path / "in")  # an inbox with nothing else in it is empty
    _, path = events(tmp_path, "thumbs of march.csv")
    assert inbox.holds_files(tmp_path / "in")
    assert [found.name for _, found in inbox.find_files(tmp_path / "in")] == [path.name]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda d: None, "no file to deliver"),
        (lambda d: (d / "clashes" / "old").mkdir(parents=True), "a folder; put the files"),
        (lambda d: (d / "Clashes").mkdir(), "rename it to clashes/"),
        (lambda d: (d / "displacements").mkdir(), "rename it to displacement/"),
        (lambda d: ((d / "clashes").mkdir(), (d / "clashes" / "a.toml").write_text("")), "a sidecar of no file"),
    ],
)
def test_nothing_in_a_folder_is_passed_over_in_silence(tmp_path: Path, make, words: str) -> None:  # type: ignore[no-untyped-def]
    make(tmp_path)
    with pytest.raises(UnusableInput, match=words):
        inbox.find_files(tmp_path)
    with pytest.raises(UnusableInput, match="no such folder"):
        inbox.find_files(tmp_path / "absent")


@pytest.mark.parametrize("what", ["file", "sidecar", "part", "folder"])
def test_a_link_that_leaves_the_folder_is_refused(tmp_path: Path, what: str) -> None:
    inside, outside = tmp_path / "in", tmp_path / "outside"
    events(tmp_path)
    (inside / "boundaries").mkdir()
    outside.mkdir()
    (outside / "secret").write_text("x")
    if what == "folder":
        (inside / "control").symlink_to(outside)
    else:
        links = {"file": "clashes/x.csv", "sidecar": "clashes/events.csv.toml", "part": "boundaries/x.dbf"}
        (inside / links[what]).symlink_to(outside / "secret")
    with pytest.raises(UnusableInput, match="a link that leaves the folder"):
        inbox.find_files(inside)


def test_a_link_within_the_folder_is_a_file(tmp_path: Path) -> None:
    _, path = events(tmp_path)
    path.with_name("again.csv").symlink_to(path)
    assert len(inbox.find_files(tmp_path / "in")) == 2


def test_boundaries_of_a_foreign_ending_are_refused(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "x.dxf"
    path.write_text("0")
    with pytest.raises(UnusableInput, match=r"x\.dxf: boundaries come as"):
        inbox.deliver(home, [(Kind.BOUNDARIES, path)], NOW)


def test_the_hash_tells_a_blank_from_a_missing_cell_and_counts_rows() -> None:
    frame = pl.DataFrame({"row_number": [1, 2], "a": ["x", None]})
    hashed = content_hash(frame, "c")
    assert hashed == content_hash(frame.reverse().with_columns(row_number=pl.Series([8, 9])), "c")
    for other in (frame.with_columns(pl.col("a").fill_null("")), pl.concat([frame, frame]), frame.rename({"a": "b"})):
        assert content_hash(other, "c") != hashed
    assert content_hash(frame, "d") != hashed


@pytest.fixture(scope="module")
def townships_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """330 invented squares of the right code, place and area, laid out as MIMU does."""
    import geopandas as gpd
    import numpy as np
    import shapely
    from pyproj import Transformer

    from geo.boundaries import EQUAL_AREA
    from geo.townships import reference

    side = np.sqrt(reference()["area_km2"].to_numpy()) * 1000
    there = Transformer.from_crs("EPSG:4326", EQUAL_AREA, always_xy=True)
    x, y = there.transform(reference()["label_lon"].to_numpy(), reference()["label_lat"].to_numpy())
    x, y = x - side / 2, y - side / 2
    boxes = shapely.transform(
        shapely.box(x, y, x + side, y + side),
        lambda a, b: there.transform(a, b, direction="INVERSE"),
        interleaved=False,
    )
    frame = gpd.GeoDataFrame(
        {"TS_PCODE": reference()["adm3_pcode"].to_list(), "TS": reference()["adm3_name"].to_list()},
        geometry=boxes,
        crs="EPSG:4326",
    )
    path = tmp_path_factory.mktemp("boundaries") / "townships.geojson"
    frame.to_file(path, driver="GeoJSON")
    return path


def test_boundaries_land_like_any_file_and_again_in_another_order_change_nothing(
    home: Home, townships_file: Path, tmp_path: Path
) -> None:
    first = inbox.deliver(home, [(Kind.BOUNDARIES, townships_file)], NOW)[0].delivery
    assert (first.format, first.source_key, first.rows_count) == ("boundaries", "mimu", 330)
    frame = deliveries.read_delivery(home, first)
    assert frame["adm3_pcode"].n_unique() == 330
    assert frame.null_count().sum_horizontal().item() == 0
    drawn = json.loads(townships_file.read_text())
    drawn["features"].reverse()
    (tmp_path / "other.geojson").write_text(json.dumps(drawn))
    again = inbox.deliver(home, [(Kind.BOUNDARIES, tmp_path / "other.geojson")], NOW)[0]
    assert not again.is_new


def test_boundaries_without_one_of_the_330_are_refused_and_leave_nothing(
    home: Home, townships_file: Path, tmp_path: Path
) -> None:
    drawn = json.loads(townships_file.read_text())
    drawn["features"].pop()
    (tmp_path / "less.geojson").write_text(json.dumps(drawn))
    with pytest.raises(UnusableInput, match=r"less\.geojson.*1 missing"):
        inbox.deliver(home, [events(tmp_path), (Kind.BOUNDARIES, tmp_path / "less.geojson")], NOW)
    assert landed(home) == {}


def test_the_same_file_with_another_sidecar_replaces_its_delivery(home: Home, tmp_path: Path) -> None:
    first = inbox.deliver(home, [events(tmp_path)], NOW)[0].delivery
    again = inbox.deliver(home, [events(tmp_path, sidecar='coverage = "Kachin"\n')], NOW + timedelta(days=1))[0]
    assert again.is_new
    assert [d.coverage for d in deliveries.in_force(home)] == ["Kachin"]
    assert deliveries.in_force(home, first.received_day) == [first]  # the earlier edition can still be made


def test_a_withdrawn_delivery_is_out_of_force_from_then_on(home: Home, tmp_path: Path) -> None:
    kept = inbox.deliver(home, [events(tmp_path)], NOW)[0].delivery
    gone = inbox.deliver(home, [events(tmp_path, "faulty.csv", ROWS[:1])], NOW)[0].delivery
    deliveries.withdraw(home, gone.delivery_id, NOW + timedelta(days=2))
    assert deliveries.in_force(home) == [kept]
    assert len(deliveries.in_force(home, gone.received_day)) == 2
    with pytest.raises(UnusableInput, match=kept.delivery_id):
        deliveries.withdraw(home, gone.delivery_id, NOW)


def test_a_landing_from_before_a_format_learnt_a_column_reads_with_it_blank(home: Home, tmp_path: Path) -> None:
    landed = inbox.deliver(home, [events(tmp_path)], NOW)[0].delivery
    path = home.deliveries / "clashes" / f"{landed.delivery_id}.parquet"
    rows = pl.read_parquet(path)
    rows.drop(LEARNT_LATER, strict=False).write_parquet(path)
    read = deliveries.read_delivery(home, landed)
    assert read.select(rows.columns).equals(rows)
    again = inbox.deliver(home, [events(tmp_path, "again.csv")], NOW + timedelta(days=1))[0]
    assert not again.is_new, "a blank column is no part of what a file is"
    stated = [f"{line},Myitkyina" for line in ROWS]
    path = events(tmp_path, "district.csv", stated)[1]
    path.write_text(path.read_text("utf-8").replace(HEADER, f"{HEADER},adm2_name"), "utf-8")
    assert inbox.deliver(home, [(Kind.CLASHES, path)], NOW + timedelta(days=2))[0].is_new
