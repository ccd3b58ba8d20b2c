"""What a person reads before a held release is published: classes, figures, records, files and rules that differ."""

import json

import polars as pl
import pytest

from reports.release_diff import TABLES, Side, diff, lines

MANIFEST = {
    "release_id": "a", "period_end": "2021-05-31", "as_of": "2021-06-01", "method": "isp-2023", "code_version": "1",
    "inputs": [{"delivery_id": "d1", "kind": "clashes", "name": "one.csv"}],
    "outputs": {"x.csv": {"sha256": "1"}, "gone.csv": {"sha256": "2"}},
}  # fmt: skip
CHECKS = [{"table": "t", "rule": "r", "passed": True}, {"table": "t", "rule": "old", "passed": False}]


@pytest.fixture(scope="module")
def before(tables: dict[str, pl.DataFrame]) -> Side:
    own = {
        "township_index": classed(tables["township_index"], "high"),
        "national_summary": tables["national_summary"].with_columns(clashes_count=pl.lit(5_000, pl.Int64)),
    }
    return Side(MANIFEST, CHECKS, {name: own.get(name, tables[name]) for name in TABLES})


def classed(index: pl.DataFrame, word: str) -> pl.DataFrame:
    """One township with a class in all months."""
    own = (pl.col("adm3_pcode") == "MMR001001") & (pl.col("method") == "isp-2023")
    return index.with_columns(security_class=pl.when(own).then(pl.lit(word)).otherwise("security_class"))


def changed(before: Side) -> Side:
    """The class of one township in every month, and one national figure."""
    index, nation = before.tables["township_index"], before.tables["national_summary"]
    newest = pl.col("month") == pl.col("month").max()
    count = pl.when(newest).then(pl.col("clashes_count") + 1000).otherwise("clashes_count").alias("clashes_count")
    tables = {
        **before.tables,
        "township_index": classed(index, "low"),
        "national_summary": nation.with_columns(count),
    }
    return Side({**MANIFEST, "release_id": "b"}, CHECKS, tables)


def test_the_same_release_differs_in_nothing(before: Side) -> None:
    found = diff(before, before)
    assert (found["classes"], found["values"]) == ([], [])
    assert all(one["before"] == one["after"] for one in found["figures"])
    assert {name for part in ("inputs", "files", "rules") for names in found[part].values() for name in names} == set()
    text = "\n".join(lines(found))
    assert "Values that differ, all months and methods: none" in text
    assert text.count("the same") == 3


def test_a_class_of_the_newest_month_is_named_and_the_others_counted(before: Side) -> None:
    found = diff(before, changed(before))
    (one,) = found["classes"]
    assert (one["adm3_pcode"], one["column"], one["before"], one["after"]) == (
        "MMR001001",
        "security_class",
        "high",
        "low",
    )
    assert found["month"] == str(before.tables["township_index"]["month"].max())
    months = before.tables["township_index"]["month"].n_unique()
    counted = {(one["table"], one["kind"]): one["values_count"] for one in found["values"]}
    assert counted["township_index", "reclassified"] == months
    text = "\n".join(lines(found))
    assert "1 differ, in 1 townships" in text
    assert "security_class: high -> low" in text
    json.dumps(found)


def test_national_figures_stand_before_and_after(before: Side) -> None:
    found = diff(before, changed(before))
    (one,) = [figure for figure in found["figures"] if figure["before"] != figure["after"]]
    assert one["column"] == "clashes_count", one
    assert (one["before"], one["after"]) == (5_000, 6_000)
    assert f"{one['figure']}: 5,000 -> 6,000" in "\n".join(lines(found))


def test_records_files_and_rules(before: Side) -> None:
    after = Side(
        {
            **MANIFEST, "release_id": "b",
            "inputs": [{"delivery_id": "d2", "kind": "clashes", "name": "two.csv"}],
            "outputs": {"x.csv": {"sha256": "9"}, "new.csv": {"sha256": "3"}},
        },
        [{"table": "t", "rule": "r", "passed": False}, {"table": "t", "rule": "new", "passed": False}],
        before.tables,
    )  # fmt: skip
    found = diff(before, after)
    assert found["inputs"] == {"added": ["clashes/two.csv (d2)"], "removed": ["clashes/one.csv (d1)"]}
    assert found["files"] == {"added": ["new.csv"], "removed": ["gone.csv"], "changed": ["x.csv"]}
    assert found["rules"] == {
        "failed_now": ["t: new", "t: r"], "hold_now": [], "added": ["t: new"], "removed": ["t: old"],
    }  # fmt: skip
    text = "\n".join(lines(found))
    assert "  failed now: t: r" in text
    assert "  added: clashes/two.csv (d2)" in text


def test_releases_without_a_month_in_common_are_compared_all_the_same(before: Side) -> None:
    later = {
        name: frame.with_columns(pl.col("month").dt.offset_by("10y")) if "month" in frame.columns else frame
        for name, frame in before.tables.items()
    }
    found = diff(before, Side(MANIFEST, CHECKS, later))
    assert (found["month"], found["classes"]) == (None, [])
    assert "no month in common" in "\n".join(lines(found))
