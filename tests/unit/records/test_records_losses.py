"""What a run says of each file, and which files lost too much to go on with."""

import polars as pl

from pipeline.declare.codes import Reason
from pipeline.records.triage import mostly_lost, shares, told, why_lost

ACCOUNTS = pl.DataFrame(
    {
        "delivery_id": ["a", "b", "c"], "kind": ["clashes", "displacement", "population"],
        "file_name": ["events.csv", "camps.xlsx", "people.csv"], "rows_count": [4, 10, 2],
        "rows_used_count": [1, 4, 1], "rows_set_aside_count": [3, 6, 1],
    }
)  # fmt: skip


def aside(*rows: tuple[str, Reason, str | None]) -> pl.DataFrame:
    said = [{"delivery_id": one, "reason": str(reason), "column_name": column} for one, reason, column in rows]
    return pl.DataFrame(said, schema=dict.fromkeys(("delivery_id", "reason", "column_name"), pl.String))


ASIDE = aside(
    *[("a", Reason.SUPERSEDED, None), ("a", Reason.OUTSIDE_COUNTRY, "country"), ("a", Reason.PRECISION_REGION, None)],
    *[("b", Reason.NAME_WITHOUT_STATE, "adm3_name")] * 5,
    ("b", Reason.INVALID_NUMBER, "idps_stock_persons"),
    ("c", Reason.OUTSIDE_COUNTRY, "longitude"),
)


def test_only_faults_are_losses_and_more_than_half_of_any_kind_is_too_much() -> None:
    judged = shares(ACCOUNTS, ASIDE)
    assert judged["faults_count"].to_list() == [0, 6, 1]
    assert mostly_lost(judged, [])["delivery_id"].to_list() == ["b"]  # half of two rows is not more than half
    assert mostly_lost(judged, ["b"]).is_empty()


def test_what_was_lost_is_told_with_file_share_reason_remedy_and_how_to_accept_it() -> None:
    (said,) = why_lost(mostly_lost(shares(ACCOUNTS, ASIDE), []), ASIDE)
    assert said.startswith(
        "displacement/camps.xlsx: 6 of 10 rows (60%) cannot be used, 5 of them as name_without_state"
    )
    assert "add adm1_name or the P-code" in said
    assert 'kind = "displacement", delivery = "b"' in said
    assert "township-index withdraw b" in said


def test_each_file_has_a_line_and_of_many_only_new_and_faulty_ones() -> None:
    lines = list(told(shares(ACCOUNTS, ASIDE), ASIDE, []))
    assert lines[1] == (
        "displacement/camps.xlsx: 10 rows, 4 used, 6 set aside (5 name_without_state, 1 invalid_number)"
    )
    assert len(lines) == 3
    many = pl.concat([ACCOUNTS.head(1).with_columns(delivery_id=pl.lit(f"d{n}")) for n in range(11)] + [ACCOUNTS])
    files = [line.split(":")[0] for line in told(shares(many, ASIDE), ASIDE, ["d3"])]
    assert files == ["clashes/events.csv", "displacement/camps.xlsx", "population/people.csv"]
