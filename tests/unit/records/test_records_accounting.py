"""Nothing is dropped in silence: rows in = rows used + rows set aside, from the file to the records."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from records_frames import gazetteer, reported
from shared_examples import examples

from pipeline.declare.codes import Kind, Reason
from pipeline.declare.errors import AccountingError, UnusableInput
from pipeline.declare.frames import conform, raw_columns
from pipeline.declare.settings import Home
from pipeline.ingest import inbox
from pipeline.records.clashes import current_clashes
from pipeline.records.events import canonical_events
from pipeline.records.parsing import with_delivery
from pipeline.records.triage import Triage, accounts
from pipeline.sources import BY_NAME
from pipeline.storage import deliveries
from tests.fuzz.records import TABLE_OF

NOW = datetime(2024, 6, 1, 8, tzinfo=UTC)


def lines(*numbers: int, delivery: str = "d", **more: object) -> pl.DataFrame:
    return pl.DataFrame(
        {"delivery_id": [delivery] * len(numbers), "row_number": list(numbers), "day": [None] * len(numbers)},
        schema={"delivery_id": pl.String, "row_number": pl.Int64, "day": pl.Date},
    )


def test_a_row_may_become_several_records_and_is_used_once() -> None:
    counted = accounts(lines(2, 3, 4), lines(2, 2, 3), lines(4), "test")
    assert counted.select("rows_count", "rows_used_count", "rows_set_aside_count").rows() == [(3, 2, 1)]
    only_aside = accounts(lines(2), lines(), lines(2), "test")
    assert only_aside.select("rows_used_count", "rows_set_aside_count").rows() == [(0, 1)]


@pytest.mark.parametrize(
    ("used", "aside", "came", "fault"),
    [
        (lines(2), lines(3), lines(2, 3, 4), "1 lost"),
        (lines(2, 9), lines(3), lines(2, 3), "1 invented"),
        (lines(2), lines(3, 9), lines(2, 3), "1 invented"),
        (lines(2, 3), lines(3), lines(2, 3), "1 used and set aside at once"),
        (lines(2), lines(3, 3), lines(2, 3), "1 set aside twice"),
        (lines(2), lines(3), lines(2, 3, 3), "1 came in twice"),
        (lines(2), lines(3, delivery="other"), lines(2, 3), "1 lost, 1 invented"),
    ],
)
def test_a_row_lost_invented_or_counted_twice_raises(
    used: pl.DataFrame, aside: pl.DataFrame, came: pl.DataFrame, fault: str
) -> None:
    with pytest.raises(AccountingError, match=f"clashes: .*{fault}"):
        accounts(came, used, aside, "clashes")


_CELLS = {
    "event_id": ["a", "b", "c", "", "\u200b", "1.0"],
    "event_date": ["2022-03-04", "2022-03-05T10:00Z", "2022-02-31", "0025-01-01", "2999-01-01", "03/04/2022", ""],
    "event_date_end": ["", "", "2022-03-06", "2020-01-01", "x"],
    "event_type": ["clash", "Battles", "skirmish", ""],
    "fatalities": ["", "3", "1,234", "-1", "inf", "၁"],
    "geo_precision": ["", "exact", "district", "region", "country", "village"],
    "deleted": ["", "", "true", "perhaps"],
    "reference_date": ["2023-01-01", "2023-01-02", "", "2023-02-30"],
    "survey_date": ["2023-01-01", "2023-01-02", "", "1900-01-01"],
    "adm3_pcode": ["MMR001001", "mmr013008", "MMR013045", "MMR999999", "", "-"],
    "adm3_name": ["", "Myitkyina", "Htantabin", "Waingmaw", "နာမည်"],
    "adm1_name": ["", "Kachin", "Yangon", "Nowhere"],
    "longitude": ["", "93.2", "0", "10.35", "nan", "130"],
    "latitude": ["", "10.35", "0", "93.2", "20", "x"],
    "updated_at": ["", "2024-01-01", "2024-01-01T10:00:00+06:30", "later"],
    "controller": ["state", "Resistance", "", "both"],
    "item": ["electricity", "police_station, gad_office", "Communications", "", "roads"],
    "from": ["2022-03-04", "2022-03", "2022-02-31", "", "2999-01-01"],
    "until": ["", "2022-04-01", "2020-01-01", "x"],
    "clashes_count": ["", "0", "7", "1,000", "-5", "2.5", "n/a"],
    "sign": ["loss", "None", "", "perhaps", "LOSS"],
}
_COUNT = ["", "0", "7", "1,000", "-5", "2.5", "nan", "70000000", "၁၂", "n/a"]
_ANSWER = ["yes", "NO", "", "partial", "perhaps"]
_DAMAGE = st.sampled_from(["", "", "", "cut", "more", "nul", "blank"])


@st.composite
def _files(draw: st.DrawFn, kind: Kind) -> list[str]:
    known = BY_NAME[f"canonical_{kind}"].columns
    files = []
    for _ in range(draw(st.integers(1, 2))):
        out = [",".join([*known, "more"])]
        for _ in range(draw(st.integers(1, 25))):
            cells = [
                draw(
                    st.sampled_from(
                        _CELLS.get(c, _COUNT if c.endswith("persons") else ["", "x"] if c not in _SERVICES else _ANSWER)
                    )
                )
                for c in known
            ]
            row = ",".join(f'"{cell}"' for cell in [*cells, ""])
            damage = draw(_DAMAGE) if len(out) > 20 else ""
            out.append({"cut": '"x"', "more": row + ",1", "nul": row + "\x00", "blank": "\n" + row}.get(damage, row))
        files.append("\n".join(out) + "\n")
    return files


_SERVICES = {"police_station", "gad_office", "electricity", "water_supply", "salaries"}


def _made(kind: Kind, raw: pl.DataFrame) -> Triage:
    if kind == Kind.CLASHES:
        made = current_clashes([canonical_events(raw)], gazetteer())
        unallocated = made.unallocated["events_count"].sum()
        coarse = [r for r in made.set_aside["reason"] if r.startswith("precision_")]
        assert unallocated == len(coarse)
        return Triage(made.records, made.set_aside)
    return reported(kind, **{f"canonical_{kind}": raw})


@pytest.mark.parametrize("kind", [k for k in Kind if k != Kind.BOUNDARIES])
@examples(3)
@given(data=st.data())
def test_whatever_is_delivered_every_row_is_used_or_set_aside(kind: Kind, data: st.DataObject) -> None:
    files = data.draw(_files(kind))
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder) / "home")
        paths = [Path(folder) / f"{n}.csv" for n in range(len(files))]
        for path, text in zip(paths, files, strict=True):
            path.write_text(text, encoding="utf-8")
        try:
            inbox.deliver(home, [(kind, path) for path in paths], NOW)
        except UnusableInput:
            return
        known = deliveries.in_force(home)
        columns = list(raw_columns(f"canonical_{kind}"))
        raw = pl.concat(
            deliveries.read_delivery(home, d).with_columns(delivery_id=pl.lit(d.delivery_id)).select(columns)
            for d in known
        )
    try:
        made = _made(kind, with_delivery(raw, deliveries.as_frame(known)))
    except UnusableInput:
        return
    _, day = TABLE_OF[kind]
    counted = accounts(raw, made.kept.with_columns(pl.col(day).alias("day")), made.set_aside, str(kind))
    assert counted["rows_count"].sum() == sum(d.rows_count for d in known) == raw.height
    assert (counted["rows_count"] == counted["rows_used_count"] + counted["rows_set_aside_count"]).all()
    assert set(made.set_aside["reason"]) <= set(Reason)
    assert made.kept["adm3_pcode"].str.contains(r"^MMR\d{6}$").all()
    kept = conform(made.kept, f"records.{kind}")
    assert kept[day].null_count() == 0
    conform(made.set_aside, "records.set_aside")
