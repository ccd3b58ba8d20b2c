"""The Humanitarian Crisis Index: which figure is in force, on which basis, and what silence means."""

from datetime import date

import polars as pl
import pytest

from pipeline.declare.errors import AccountingError

A, B, C = "MMR001001", "MMR001002", "MMR002001"
FEB = date(2021, 2, 10)


@pytest.fixture
def result(hand):
    """Row of township A in March 2021, with one clash there, from the displacement rows given."""

    def run(*rows, **given):
        delivered = hand.deliveries(**given.pop("d1", {}))
        records = hand.records("records.displacement", *rows)
        made = hand.chain(
            given.pop("clashes", hand.clashes((A, FEB))), displacement=records, deliveries=delivered, **given
        )
        return hand.at(made["humanitarian"], given.get("place", A))

    return run


def new(persons, day=FEB, **more):
    return {"reference_date": day, "idps_new_persons": persons, **more}


def stock(persons, day=FEB, **more):
    return {"reference_date": day, "idps_stock_persons": persons, **more}


@pytest.mark.parametrize(
    ("persons", "expected"),
    [(0, "no_new_idps"), (1, "low"), (9_999, "low"), (10_000, "high"), (None, "insufficient_data")],
)
def test_class_at_and_below_the_cut(result, persons, expected):
    assert result(new(persons))["humanitarian_class"] == expected


def test_new_goes_before_newer_stock_and_is_never_added(result):
    row = result(new(5), stock(700, date(2021, 3, 1)))
    assert (row["idps_persons"], row["idps_basis"], row["reference_date"]) == (5, "new", FEB)


def test_stock_where_nothing_new_is_reported(result):
    row = result(new(None), stock(700))
    assert (row["idps_persons"], row["idps_basis"]) == (700, "stock")


def test_a_figure_of_the_future_is_not_used(result):
    assert result(new(5, date(2021, 4, 1)))["idps_persons"] is None


@pytest.mark.parametrize(("day", "expected"), [(date(2019, 4, 1), 5), (date(2019, 3, 31), None)])
def test_a_figure_holds_730_days(result, day, expected):
    assert result(new(5, day))["idps_persons"] == expected


def test_a_blank_does_not_displace_an_older_figure(result):
    assert result(new(5), new(None, date(2021, 3, 1)))["idps_persons"] == 5


def test_on_one_day_the_newest_delivery_then_the_later_line_counts(result):
    assert result(new(5, delivery_id="d2"), new(6))["idps_persons"] == 5
    assert result(new(5), new(6))["idps_persons"] == 6


def test_parts_of_a_retired_code_are_added_to_the_own_row(result):
    row = result(new(5), new(6), new(100, placed_by="crosswalk"), new(20, placed_by="crosswalk"))
    assert row["idps_persons"] == 126
    apart = result(new(5, delivery_id="d2"), new(100, placed_by="crosswalk"))
    assert apart["idps_persons"] == 5


def test_silence_means_zero_only_where_the_delivery_says_so(hand):
    records = hand.records("records.displacement", new(5), new(None, adm3_pcode=B))
    both = hand.clashes((A, FEB), (B, FEB), (C, FEB))
    zero = hand.chain(both, displacement=records, deliveries=hand.deliveries(absence_means="zero"))["humanitarian"]
    assert hand.at(zero, C)["humanitarian_class"] == "no_new_idps"
    assert (hand.at(zero, C)["idps_basis"], hand.at(zero, C)["reference_date"]) == ("new", FEB)
    assert hand.at(zero, B)["humanitarian_class"] == "insufficient_data"  # asked about, not answered
    unknown = hand.chain(both, displacement=records)["humanitarian"]
    assert hand.at(unknown, C)["humanitarian_class"] == "insufficient_data"


def test_silence_of_a_delivery_by_period_adds_nothing_to_what_was_counted_before(hand):
    march = date(2021, 3, 5)
    records = hand.records("records.displacement", new(70, delivery_id="d2"), new(5, march, adm3_pcode=B))
    both = hand.clashes((A, FEB), (B, FEB), (C, FEB))
    said = hand.deliveries(absence_means="zero").with_columns(pl.lit("one").alias("source"))
    records = records.with_columns(pl.lit("one").alias("source"))
    for new_is, expected in (("period", 70), (None, 0)):
        known = said.with_columns(pl.lit(new_is, pl.String).alias("new_is"))
        made = hand.chain(both, displacement=records, deliveries=known)["humanitarian"]
        assert (hand.at(made, A)["idps_persons"], hand.at(made, A)["reference_date"]) == (expected, march)
        assert hand.at(made, C)["idps_persons"] == 0


def test_zero_by_silence_stands_at_the_day_of_the_delivery_on_its_basis(hand):
    records = hand.records("records.displacement", stock(5))
    delivered = hand.deliveries(absence_means="zero", reference_date=date(2021, 3, 5))
    row = hand.at(hand.chain(hand.clashes((C, FEB)), displacement=records, deliveries=delivered)["humanitarian"], C)
    assert (row["idps_persons"], row["idps_basis"], row["reference_date"]) == (0, "stock", date(2021, 3, 5))


def test_outside_conflict_the_figure_shows_and_the_class_does_not(result, hand):
    row = result(new(20_000), clashes=hand.clashes())
    assert (row["idps_persons"], row["humanitarian_class"]) == (20_000, "not_in_conflict")
    unknown = result(new(20_000), clashes=hand.clashes(), source_key="")
    assert unknown["humanitarian_class"] == "insufficient_data"


def test_record_outside_the_listed_townships_is_not_lost_in_silence(result):
    with pytest.raises(AccountingError, match=r"records\.displacement: column adm3_pcode: 1 rows"):
        result(new(5, adm3_pcode="MMR018999"))


def test_a_figure_delivered_late_never_overwrites_a_newer_statement_on_its_basis(result):
    said, late = new(5, updated_at="2021-02-12T00:00:00.000000Z"), new(6, updated_at="2021-02-11T00:00:00.000000Z")
    for rows in ((said, late | {"delivery_id": "d2"}), (late, said | {"delivery_id": "d2"})):
        assert result(*rows)["idps_persons"] == 5
    # Without a time of its own, and of another source, what came last holds as before.
    assert result(said, new(6, delivery_id="d2"))["idps_persons"] == 6
    assert result(said, late | {"delivery_id": "d2", "source": "other"})["idps_persons"] == 6
    # A newer statement that is silent on the figure does not take it away.
    assert result(late, new(None, delivery_id="d2", updated_at=said["updated_at"]))["idps_persons"] == 6


def test_the_parts_of_one_delivery_go_together_whatever_their_times(result):
    part = {"placed_by": "crosswalk"}
    one, other = new(5, updated_at="2021-02-11", **part), new(7, updated_at="2021-02-12", row_number=9, **part)
    assert result(one, other)["idps_persons"] == 12
