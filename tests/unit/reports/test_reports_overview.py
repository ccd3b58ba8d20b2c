"""Key figures, moves between classes, downloads and the dataset in JSON-LD: worked by hand, honest where empty."""

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipeline.declare.codes import IndexName
from pipeline.declare.indices import INDICES
from reports.files.metadata import dataset, in_page
from reports.months import beside, earlier
from reports.national_brief.changes import change_rows
from reports.site.blocks import Words
from reports.site.changes import Move, changed, moved, moves, since_release
from reports.site.downloads import files
from reports.site.evidence import comparison_with_notes
from reports.site.overview import headline_both, national, tiles
from reports.site.regions import Regions
from reports.site.spatial import clusters
from reports.site.uncertainty import depends, hangs, how_sure
from reports.text.catalogue import Both, catalogue
from reports.text.values import change, told

SINCE = date(2021, 4, 1)


def classes(tables, *, now: str, then: str | None, column: str = "security_class") -> dict[str, pl.DataFrame]:
    """One township of the class `then` in April and `now` in May; all others stay."""
    first = (pl.col("adm3_pcode") == "MMR001001") & (pl.col("method") == "isp-2023")
    may = pl.col("month") == date(2021, 5, 1)
    still = [pl.lit(spec.order[-2]).alias(spec.column) for spec in INDICES]
    frame = tables["township_index"].with_columns(still).with_columns(
        pl.when(first & may).then(pl.lit(now)).when(first).then(pl.lit(then)).otherwise(column).alias(column)
    )  # fmt: skip
    return {**tables, "township_index": frame}


@pytest.mark.parametrize(("then", "now", "kind"), [
    ("low", "high", "▲ more severe"), ("high", "not_in_conflict", "▼ less severe"),
    ("low", "insufficient_data", "◇ not known now"), ("insufficient_data", "high", "◆ known now, not before"),
    (None, "low", "◆ known now, not before"),
])  # fmt: skip
def test_a_move_is_named_by_what_it_means(tables, release, then, now, kind) -> None:
    found = moves(classes(tables, now=now, then=then), release, SINCE)
    assert [(one.code, one.kind.en) for one in found] == [("MMR001001", kind)]


@pytest.mark.parametrize(("index", "before", "now", "kind"), [
    (IndexName.HUMANITARIAN, "not_in_conflict", "high", "◆ in conflict now, not before"),
    (IndexName.SERVICES, "not_in_conflict", "insufficient_data", "◆ in conflict now, not before"),
    (IndexName.HUMANITARIAN, "low", "not_in_conflict", "◇ no longer in conflict"),
    (IndexName.SECURITY, "not_in_conflict", "low", "▲ more severe"),
    (IndexName.HUMANITARIAN, "low", "high", "▲ more severe"),
])  # fmt: skip
def test_a_first_clash_is_no_newer_report_of_displacement(index, before, now, kind) -> None:
    assert Move("MMR001001", "a", "b", "c", index, before, now).kind.en == kind


def test_a_class_that_stays_is_no_move_and_an_unknown_month_none(tables, release) -> None:
    world = classes(tables, now="low", then="low")
    assert moves(world, release, SINCE) == []
    assert moved(world, release, 1)["grid"] is None
    assert moved(world, release, 12) == {"since": None, "caution": None, "moves": [], "grid": None}


def test_changes_since_a_release(tables) -> None:
    assert "no earlier release" in str(since_release(None).sentences[0])
    frame = pl.DataFrame({
        "table": ["a"] * 60, "method": [None] * 60, "month": [date(2021, 2, 1)] * 60, "adm3_pcode": ["MMR001001"] * 60,
        "column": ["x"] * 59 + ["y"], "before": [None, *["1"] * 59], "after": ["2"] * 60, "kind": ["revised"] * 60,
    })  # fmt: skip
    board = since_release(frame)
    assert board.sentences[0].en.startswith("60 cells")
    assert [row[-1] for row in board.grids[0].rows] == ["59", "1"]
    assert len(board.grids[1].rows) == 50
    assert {str(row[5]) for row in board.grids[1].rows} <= {"1", "not reported"}
    other = frame.with_columns(
        pl.when(pl.col("column") == "y").then(pl.lit("rows")).otherwise("column").alias("column"),
        kind=pl.lit("other_days"), after=pl.lit("suppressed"),
    )  # fmt: skip
    said = [str(words) for words in since_release(other).sentences]
    assert said[0].startswith("59 cells"), "a month that one release lacks is no cell with another value"
    assert said[1].startswith("60 of these are of a month that runs to another day")
    assert said[2].endswith("“rows”: 1.")
    assert str(since_release(other).grids[1].rows[0][6]) == "fewer than 10"
    assert "No cell" in str(since_release(frame.clear()).sentences[0])
    with pytest.raises(ValueError, match=r"lack the column\(s\) kind"):
        since_release(frame.drop("kind"))


def test_changes_are_arrow_number_and_word_in_both_languages() -> None:
    assert change(5, 3).both == Both("▲ +2 up", "▲ +2 တိုး")
    assert change(41.0, 42.5, points=True).both.en == "▼ \u22121.5 percentage points down"
    assert (change(12, 5).way, change(12, 5).words.en) == ("up", "+7 up"), "the brief draws the arrow itself"
    assert (change(3, 3).way, change(3, 3).both.en) == ("same", "■ 0 no change")
    for one in (change(None, 3), change(0, None)):
        assert (one.way, one.both.en) == ("", "no comparison"), "none known before is no rise from zero"


def test_a_month_is_set_beside_the_one_before_and_twelve_before() -> None:
    assert earlier(date(2024, 1, 1), 1) == date(2023, 12, 1)
    assert earlier(date(2023, 11, 1), 12) == date(2022, 11, 1)
    rows = {date(2023, month, 1): {"n": month} for month in (1, 2, 4)}
    assert beside(rows) == ({"n": 4}, None, None)
    assert beside({date(2022, 4, 1): {"n": 0}, **rows, date(2023, 3, 1): {"n": 3}}) == ({"n": 4}, {"n": 3}, {"n": 0})


def test_the_same_reports_are_not_called_no_change(tables, release) -> None:
    index = tables["township_index"].with_columns(
        idps_persons=pl.lit(100), idps_reference_date=pl.lit(date(2021, 3, 1)), idps_suppressed=pl.lit(False)
    )
    may, first = pl.col("month") == date(2021, 5, 1), pl.col("adm3_pcode") == "MMR001001"
    newer = index.with_columns(idps_reference_date=pl.when(may).then(date(2021, 5, 1)).otherwise("idps_reference_date"))
    fewer = index.with_columns(idps_persons=pl.when(may & first).then(None).otherwise("idps_persons"))
    summary = {}
    for name in ("national_summary", "region_summary"):
        people = pl.when(may).then(250).otherwise(100).alias("idps_persons")
        summary[name] = tables[name].with_columns(people, idps_reporting_count=pl.lit(90))
    for frame, words in ((index, "no newer report"), (newer, "up"), (fewer, "no comparison: other townships report")):
        world = {**tables, **summary, "township_index": frame}
        rows = [row for group in national(world, release)["groups"] for row in group["rows"]]
        table = next(row for row in rows if row["words"].en.startswith("Displaced people"))["changes"][0]
        tile = next(tile for tile in tiles(world, release) if tile.key == "displaced").moves[0][1]
        brief = next(row for row in change_rows(world, release)[1] if row[0].en.startswith("Displaced people"))[2]
        lines = [line for _, group in Regions(world, release).facts("Kachin").groups for line in group]
        region = next(line.month for line in lines if line.words.en.startswith("Displaced people"))
        assert all(said.en.endswith(words) for said in (table, tile, brief["words"], region)), words


def test_a_window_that_ends_in_a_part_of_a_month_is_not_set_beside_a_whole_one(tables, release) -> None:
    summary = tables["national_summary"].with_columns(
        period_start=pl.col("month").dt.offset_by("-11mo"), period_end=pl.lit(date(2021, 5, 26)),
        clashes_count=pl.when(pl.col("month") == date(2021, 5, 1)).then(90).otherwise(100),
    )  # fmt: skip
    part = {**tables, "national_summary": summary}
    whole = {**tables, "national_summary": summary.with_columns(period_end=pl.lit(date(2021, 5, 31)))}
    cumulative = {**tables, "national_summary": summary.with_columns(period_start=pl.lit(date(2021, 2, 1)))}
    fall = "▼ −10 down"
    total = fall.removeprefix("▼ ")  # a total since a fixed day has no arrow
    for world, words in ((part, "no comparison: part of a month"), (whole, fall), (cumulative, total)):
        tile = next(tile for tile in tiles(world, release) if tile.key == "clashes").moves[0][1]
        rows = [row for group in national(world, release)["groups"] for row in group["rows"]]
        row = next(row for row in rows if row["words"].en.startswith("Clashes placed"))["changes"][0]
        brief = next(row for row in change_rows(world, release)[1] if row[0].en.startswith("Clashes placed"))[2]
        assert tile.en == row.en == words
        said = brief if isinstance(brief, Both) else brief["words"]
        assert said.en == words.removeprefix("▼ ")
        assert bool(moved(world, release, 1)["caution"]) == (world is part)


def test_tiles_say_what_is_not_known(tables, release) -> None:
    summary = tables["national_summary"].with_columns(
        in_conflict_count=pl.lit(213), services_insufficient_count=pl.lit(213), services_severe_count=pl.lit(0),
        idps_persons=pl.lit(None, pl.Int64),
    )  # fmt: skip
    found = {tile.key: tile for tile in tiles({**tables, "national_summary": summary}, release)}
    assert found["services-severe"].figure.en == "insufficient data", "not zero townships"
    assert "no month is known" in found["services-severe"].line
    assert found["displaced"].figure.en == "not reported"
    assert len(found) == 6


def test_the_headline_is_in_both_languages(tables, release) -> None:
    first, *_ = headline_both(tables, release)
    assert re.search("[က-႟]", first.my)


def test_each_note_of_the_comparison_is_said_once(tables) -> None:
    frame = tables["comparison"].with_columns(note=pl.lit("First. Second one."))
    found = comparison_with_notes({**tables, "comparison": frame})
    assert found["notes"] == ["First.", "Second one."]
    assert {tuple(row["notes"]) for row in found["rows"]} == {(1, 2)}


def test_headings_of_the_sections_have_their_burmese(tables, release) -> None:
    def missing(words: Words) -> bool:
        return isinstance(words, str) and words not in catalogue()

    boards = [section(tables, release) for section in (how_sure, depends, hangs, clusters, changed)]
    grids = [grid for board in boards if board for grid in board.grids]
    assert grids
    assert [w for grid in grids for w in (grid.caption, *(words for words, _ in grid.header)) if missing(w)] == []
    assert told("no such phrase") == "no such phrase"


def test_every_link_of_the_downloads_stands_on_the_disk(built: Path, tables) -> None:
    listed = [file for group in files(tables, built).values() for file in group]
    late = {"township_index.duckdb", "manifest.json", "checks.json"}  # written by the step that publishes
    assert {file.path for file in listed if not (built / file.path).is_file()} == late
    text = (built / "report/downloads.html").read_text(encoding="utf-8")
    for file in listed:
        assert f'href="../{file.path}"' in text
    on_disk = {
        p.relative_to(built).as_posix()
        for p in built.rglob("*")
        if p.suffix not in {".html", ".css", ".js", ".png"} and p.is_file()
    }
    # The list of townships names the files of api/townships/; the drawings and the icon are parts of pages.
    beside = ("api/townships/MMR", "report/locators/", "report/icon.svg")
    on_disk = {path for path in on_disk if not path.startswith(beside)}
    assert on_disk <= {file.path for file in listed}
    assert {file.size.en for file in listed if file.path in late} == {"written last"}


def test_the_dataset_has_what_a_search_engine_asks_for(built: Path, tables, release, invented) -> None:
    told_root = json.loads((built / "dataset.jsonld").read_text(encoding="utf-8"))
    assert told_root["@type"] == "Dataset"
    assert 50 <= len(told_root["description"]) <= 5000
    assert told_root["creator"]["name"]
    assert all(entry["name"] for entry in told_root["license"])
    assert (told_root["version"], told_root["dateModified"]) == (release.release_id, "2023-12-05")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d/2023-11-26", told_root["temporalCoverage"])
    assert told_root["spatialCoverage"] == {"@type": "Place", "name": "Myanmar"}
    page = (built / "report/index.html").read_text(encoding="utf-8")
    told_page = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)[1])
    for told_here, folder in ((told_root, built), (told_page, built / "report")):
        for one in told_here["distribution"]:
            target = (folder / one["contentUrl"]).resolve()
            assert target.is_file() or target.name == "township_index.duckdb", one
    assert {**told_page, "distribution": 0} == {**told_root, "distribution": 0}
    assert dataset(tables, invented)["name"].startswith("SYNTHETIC DATA")
    assert dataset(tables, invented)["description"].startswith("SYNTHETIC DATA")
    assert "dateModified" not in dataset(tables, replace(release, as_of=None))


def test_the_dataset_cannot_end_its_script() -> None:
    text = in_page({"a": "</script><script>alert(1)\u202e&"})
    assert not set(text) & set("<>&\u202e")
    assert json.loads(text)["a"].startswith("</script>")
