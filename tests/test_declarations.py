"""The declarations agree with each other and with what is made from them."""

import os
import re
from pathlib import Path

import polars as pl
import pytest

from pipeline import sources
from pipeline.declare import codes, database, frames, methods
from pipeline.declare.columns import COLUMNS
from pipeline.declare.tables import TABLES, Layer, layer
from pipeline.sources import FORMATS
from pipeline.sources.ucdp.events import UCDP_TYPES
from pipeline.storage.warehouse import ddl

ROOT = Path(__file__).resolve().parent.parent
# Table: its columns, as users were promised them. RENEW=1 adds what is new and never takes away: a table or a column
# that goes breaks somebody's query, is taken out by hand and belongs into the CHANGELOG.
PROMISED = ROOT / "tests" / "promised_columns.txt"
SENSITIVE = re.compile(r"latitude|longitude|(^|_)lat$|(^|_)lon$|site|actor1|actor2|event_id|notes?_text|headline")


def test_published_tables_hold_what_users_were_promised_and_promise_what_they_hold():
    promised = dict(line.split(": ", 1) for line in PROMISED.read_text(encoding="utf-8").splitlines())
    found = {f"{table.name}.{column}" for table in layer(Layer.PUBLISHED) for column in table.columns}
    known = {f"{name}.{column}" for name, columns in promised.items() for column in columns.split()}
    assert known - found == set(), "promised, and in no published table"
    if os.environ.get("RENEW"):
        lines = [f"{table.name}: {' '.join(table.columns)}\n" for table in layer(Layer.PUBLISHED)]
        PROMISED.write_text("".join(lines), encoding="utf-8")
        known = found
    assert found - known == set(), (
        "promised to nobody yet: RENEW=1 .venv/bin/python -m pytest tests/test_declarations.py"
    )


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda t: t.full_name)
def test_keys_are_required_columns_of_the_table(table):
    assert set(table.key) <= set(table.columns)
    assert not set(table.key) & table.nullable
    assert len(set(table.columns)) == len(table.columns)


def test_a_view_names_each_column_once():
    for view in database.VIEWS:
        names = [column.name for column in view.columns]
        assert len(set(names)) == len(names), view.name
    # An index that is made by one cut may be made from a figure that stands in the view already.
    assert [column.name for column in database._columns("month, fatalities_persons, month")] == [
        "month", "fatalities_persons",
    ]  # fmt: skip


def test_no_column_is_declared_and_never_used():
    used = {name for table in TABLES.values() for name in table.columns}
    used |= {name for known in FORMATS for name in known.columns} | {"extra", "attributes"}
    assert set(COLUMNS) - used == set()


@pytest.mark.parametrize("column", COLUMNS.values(), ids=lambda c: c.name)
def test_a_column_says_what_it_means(column):
    assert len(column.meaning) > 10
    assert column.type in {"VARCHAR", "BIGINT", "DOUBLE", "DATE", "BOOLEAN", "BLOB"}
    if column.name.endswith(("_count", "_persons", "_share", "_km2", "_score")):
        assert column.unit, "a number has a unit"
    if column.name.endswith("_share"):
        assert (column.low, column.high) == (0, 1)


@pytest.mark.parametrize("table", layer(Layer.PUBLISHED), ids=lambda t: t.name)
def test_no_published_column_could_name_a_site_or_a_person(table):
    assert [name for name in table.columns if SENSITIVE.search(name)] == []


def test_ddl_carries_key_required_columns_and_comments():
    create, *comments = ddl("published.national_summary", "x")
    assert 'PRIMARY KEY ("method", "month")' in create
    assert '"townships_count" BIGINT NOT NULL' in create
    assert '"idps_persons" BIGINT,' in create
    assert len(comments) == 1 + len(TABLES["published.national_summary"].columns)


def test_an_empty_frame_has_the_declared_types():
    frame = frames.empty("published.township_index")
    assert frame.schema["month"] == pl.Date
    assert frame.columns == list(TABLES["published.township_index"].columns)


@pytest.mark.parametrize("method", methods.METHODS.values(), ids=lambda m: m.name)
def test_every_choice_of_a_method_has_its_reason(method):
    choices = [c for c in vars(method).values() if isinstance(c, methods.Choice)]
    choices += [c for t in method.security.values() for c in (t.security_high, t.security_goalpost)]
    assert len(choices) >= 10
    assert all(len(choice.why) > 15 for choice in choices)
    assert "default" in method.security


def test_unknown_method_names_those_that_exist():
    assert methods.method("isp-2023") is methods.ISP_2023
    with pytest.raises(methods.UnusableInput, match="rolling-12m"):
        methods.method("isp")


def test_every_format_has_a_source_and_every_reason_a_remedy():
    for known in FORMATS:
        assert sources.source_of_format(known.name).licence
    assert set(codes.REASON_REMEDY) == set(codes.Reason)


def test_no_published_figure_stands_in_shipped_code():
    """The calibration lives in the sample's script; the pipeline knows none of these numbers."""
    figures = re.compile(r"(?<![\d.])(221|12[_,]?238)(?![\d.])")
    shipped = [
        p
        for package in ("pipeline", "geo", "expectations", "assets", "reports")
        for p in (ROOT / package).rglob("*.py")
    ]
    found = [
        f"{p.name}: {line.strip()}" for p in shipped for line in p.read_text().splitlines() if figures.search(line)
    ]
    assert found == []


def test_the_events_table_names_the_classes_that_a_source_never_records():
    coded = set(UCDP_TYPES.values())
    assert set(sources.BY_KEY["ucdp_ged"].event_classes) == coded
    assert sources.unrecorded_classes("ucdp_ged") == (codes.EventClass.OTHER,)
    assert sources.unrecorded_classes("canonical_clashes:a-team") == sources.unrecorded_classes("nobody") == ()
    said = "UCDP Georeferenced Event Dataset never records the class other."
    assert said in TABLES["published.township_month_events"].comment
