"""Rise and fall beyond chance, onset, lull, alert; and how many townships each month."""

import re
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from shared_examples import examples

from pipeline.analysis import changes
from pipeline.analysis.changes import chance_of_change, change_p_values, change_summary, township_changes
from pipeline.declare import signals
from pipeline.declare.choice import Choice
from pipeline.declare.errors import AccountingError
from pipeline.declare.frames import empty
from pipeline.declare.tables import FORMULAS
from pipeline.indices.signals import of_counts

A, B, C = "MMR001001", "MMR001002", "MMR002001"
STARTS = [date(2021 + month // 12, month % 12 + 1, 1) for month in range(1, 61)]


def index(counts: dict[str, list[int | None]], cut: date | None = None, method: str = "isp-2023") -> pl.DataFrame:
    """township_index of these months' clashes from February 2021 on; the last month may be cut."""
    rows = []
    for place, series in counts.items():
        for number, count in enumerate(series):
            end = STARTS[number + 1] - timedelta(days=1)
            last = cut if cut and number == len(series) - 1 else end
            rows.append(
                {"method": method, "month": STARTS[number], "adm3_pcode": place, "period_start": date(2021, 2, 1),
                 "period_end": last, "clashes_month_count": count, "provisional": last != end,
                 "in_publication_lag": False}
            )  # fmt: skip
    schema = {name: kind for name, kind in empty("published.township_index").schema.items() if name in rows[0]}
    return pl.DataFrame(rows, schema=schema)


def changed(frame: pl.DataFrame) -> pl.DataFrame:
    """published.township_changes of an index, with the signals of its own counts: nothing before is known."""
    told = []
    for (method,), own in frame.partition_by("method", as_dict=True).items():
        counts = own.sort("adm3_pcode", "month").select(
            "adm3_pcode", "month", pl.col("clashes_month_count").alias("count"),
            (pl.col("period_end") - pl.col("month")).dt.total_days().add(1).alias("days"),
        )  # fmt: skip
        told.append(of_counts(counts, counts.select("month").unique(), str(method)))
    return township_changes(frame, pl.concat(told))


def series(counts: list[int | None], column: str, cut: date | None = None) -> list[object]:
    return changed(index({A: counts}, cut))[column].to_list()


def p_of(now: int, before: int, days: int, days_before: int) -> float:
    one = [np.array([float(v)]) for v in (now, before, days, days_before)]
    return float(change_p_values(*one)[0])


@pytest.mark.parametrize(
    ("now", "before", "days", "days_before", "expected"),
    [
        (6, 0, 30, 30, 2 / 64),  # six of six in one of two equal months, twice
        (5, 0, 30, 30, 2 / 32),
        (0, 6, 30, 30, 2 / 64),
        (3, 3, 30, 30, 1.0),
        (0, 0, 30, 31, 1.0),
        (2, 0, 15, 31, 2 * (15 / 46) ** 2),
        (1, 3, 10, 30, 1.0),  # as many a day
        (9, 1, 30, 30, 2 * (1 + 10) / 2**10),
    ],
)
def test_p_value_by_hand(now, before, days, days_before, expected):
    assert p_of(now, before, days, days_before) == pytest.approx(expected, rel=1e-12)


@given(st.integers(0, 400), st.integers(0, 400), st.integers(1, 31), st.integers(28, 31))
@examples(60)
def test_p_value_is_twice_the_smaller_tail_of_scipys_binomial(now, before, days, days_before):
    drawn = stats.binom(now + before, days / (days + days_before))
    expected = min(1.0, 2 * min(drawn.cdf(now), drawn.sf(now - 1)))
    assert p_of(now, before, days, days_before) == pytest.approx(expected, rel=1e-7, abs=1e-300)


@given(st.integers(0, 60), st.integers(0, 60), st.integers(28, 31), st.integers(28, 31))
@examples(40)
def test_exchanging_the_months_keeps_the_p_value(now, before, days, days_before):
    assert p_of(now, before, days, days_before) == pytest.approx(p_of(before, now, days_before, days), rel=1e-9)


def test_rise_fall_and_limited_change():
    found = changed(index({A: [0, 10, 9, 0, 3]}))
    # Of no month before; 0 to 10; 10 to 9; 9 to 0; 0 to 3: 2 (31/62)^3 and the like is a quarter.
    assert found["change_class"].to_list() == ["no_comparison", "rise", "limited_change", "fall", "limited_change"]
    assert found["clashes_previous_month_count"].to_list() == [None, 0, 10, 9, 0]
    # 31 of the 59 days of February and March: 2 (31/59)^10 = 2 x 0.00160.
    assert found["change_p_value"].to_list()[:2] == [None, pytest.approx(2 * (31 / 59) ** 10, abs=1e-6)]


def test_a_cut_month_is_compared_by_its_days():
    whole, cut = [20, 20, 8], date(2021, 4, 5)
    assert series(whole, "change_class")[-1] == "fall"
    assert series(whole, "change_class", cut)[-1] == "limited_change"  # 8 in 5 days is more a day than 20 in 31
    assert series([20, 20, 12], "change_class", cut)[-1] == "rise"


def test_an_unknown_month_is_compared_with_nothing():
    assert series([9, None, 9, 0], "change_class") == ["no_comparison"] * 3 + ["fall"]


def test_onset_after_six_known_quiet_months():
    assert series([0] * 6 + [1, 0, 1], "is_onset") == [False] * 6 + [True, False, False]
    assert series([0] * 5 + [1], "is_onset") == [False] * 5 + [None]  # five quiet months are known, the sixth not
    assert series([1] + [0] * 5 + [1, 0, 0], "is_onset")[6] is False
    assert series([1] + [0] * 6 + [2], "is_onset")[7] is True
    assert series([0] * 3 + [None] + [0] * 3 + [1], "is_onset")[7] is None


def test_lull_after_a_year_with_fighting():
    assert series([12, 0, 0, 0], "is_lull") == [False, False, False, True]
    assert series([11, 0, 0, 0], "is_lull")[3] is None  # what lay before is not known
    assert series([11, *[0] * 14], "is_lull")[-1] is False
    year = [1] * 12
    assert series([*year, 0, 0, 0, 0], "is_lull")[12:] == [False, False, True, False]  # eleven in the year before
    assert series([12, None, 0, 0], "is_lull")[3] is None
    assert series([12, 0, 0, 0, *[0] * 12], "is_lull")[-2:] == [True, False]  # more than a year ago


def test_a_cut_month_makes_no_lull_but_goes_on_with_one():
    cut = date(2021, 5, 2)
    assert series([12, 0, 0, 0], "is_lull", cut)[3] is not True  # two months and two days
    assert series([12, 0, 0, 0, 0], "is_lull", date(2021, 6, 2))[4] is True
    assert series([12, 0, 0, 0, 1], "is_lull", date(2021, 6, 2))[4] is False


def test_alert_above_the_maximum_of_a_known_year():
    year = [0, 3, 1] * 4
    assert series([*year, 6], "is_alert") == [None] * 12 + [True]
    assert series([*year, 4], "clashes_year_maximum_count") == [None] * 12 + [3]
    assert series([*year, 3], "is_alert")[-1] is False
    assert series([*[0] * 12, 1], "is_alert")[-1] is False  # one clash is an onset
    assert series([*[0] * 12, 2], "is_alert")[-1] is True
    assert series([9, *year, 6], "is_alert")[-1] is True  # thirteen months ago is another year
    assert series([*year[:-1], None, 4], "is_alert")[-1] is None


def test_a_gap_in_the_months_is_refused():
    frame = index({A: [1, 2, 3]})
    with pytest.raises(AccountingError, match=r"1 series .* isp-2023 MMR001001"):
        changed(frame.filter(pl.col("clashes_month_count") != 2))
    with pytest.raises(AccountingError):
        changed(pl.concat([frame, frame.head(1)]))


months = st.lists(st.one_of(st.none(), st.integers(0, 15)), min_size=1, max_size=20)


@given(months, months)
@examples(8)
def test_townships_methods_and_row_order_do_not_touch_each_other(one, two):
    two = (two * 20)[: len(one)]
    both = pl.concat([index({A: one, B: two}), index({A: two}, method="rolling-12m")])
    mixed = changed(both.sample(fraction=1, shuffle=True, seed=1))
    assert mixed.equals(changed(both))
    assert mixed.filter(method="isp-2023", adm3_pcode=A).equals(changed(index({A: one})))


@given(months, st.integers(1, 10))
@examples(8)
def test_more_clashes_in_the_last_month_never_undo_a_rise_an_onset_or_an_alert(one, more):
    before = changed(index({A: one})).row(-1, named=True)
    after = changed(index({A: [*one[:-1], (one[-1] or 0) + more]})).row(-1, named=True)
    assert after["is_lull"] is False
    for flag in ("is_onset", "is_alert"):
        assert not (before[flag] is True and after[flag] is False)
    assert not (before["change_class"] == "rise" and after["change_class"] != "rise")
    assert not (before["change_class"] == "limited_change" and after["change_class"] == "fall")


@pytest.mark.parametrize("both", [0, 5, 6, 9, 40])
@pytest.mark.parametrize("share", [0.5, 31 / 61, 5 / 36])
def test_chance_of_a_change_adds_up_every_outcome_the_test_would_call_one(both, share):
    expected = sum(
        stats.binom.pmf(k, both, share)
        for k in range(both + 1)
        if 2 * min(stats.binom.cdf(k, both, share), stats.binom.sf(k - 1, both, share)) < 0.05
    )
    found = chance_of_change(np.array([3, both]), np.array([0.5, share]))
    assert found[1] == pytest.approx(expected, rel=1e-9)
    assert expected <= 0.05


def test_summary_counts_townships_by_scope(hand):
    changes = changed(index({A: [0] * 6 + [8], B: [8] * 6 + [0], C: [0] * 7}))
    summary = change_summary(changes, hand.townships())
    last = {row["scope"]: row for row in summary.filter(month=date(2021, 8, 1)).to_dicts()}
    assert set(last) == {"national", "Kachin", "Kayah"}
    for scope, compared in (("national", 3), ("Kachin", 2)):
        row = last[scope]
        assert (row["rises_count"], row["falls_count"], row["townships_compared_count"]) == (1, 1, compared)
        # Eight clashes in two months of 31 days: none or eight of them is a change; 1, at 2 (1 + 8) / 256, is none.
        assert row["changes_by_chance_expected"] == pytest.approx(2 * 2 / 256, abs=1e-4)
        assert (row["onsets_count"], row["alerts_count"]) == (1, None)  # no twelve months are known
    assert (last["Kayah"]["rises_count"], last["Kayah"]["changes_by_chance_expected"]) == (0, 0.0)
    first = summary.filter(month=date(2021, 2, 1), scope="national").row(0, named=True)
    assert (first["rises_count"], first["townships_compared_count"], first["lulls_count"]) == (None, 0, None)


def test_without_counts_nothing_is_told(hand):
    changes = changed(index({A: [None] * 3, B: [None] * 3}))
    assert set(changes["change_class"]) == {"no_comparison"}
    assert changes.select("is_onset", "is_lull", "is_alert").null_count().row(0) == (6, 6, 6)
    assert change_summary(changes, hand.townships())["rises_count"].null_count() == 6


def test_the_words_state_the_numbers_used():
    """What the methods page says, NAME = number, against the choices themselves."""
    words = " ".join(f"{f.formula} {f.why} {f.limits}" for f in FORMULAS["Change from month to month"])
    stated = dict(re.findall(r"([A-Z]+(?:_[A-Z]+)*) = ([\d.]*\d)", words))
    used = {name: found for name, found in ({**vars(changes), **vars(signals)}).items() if isinstance(found, Choice)}
    assert {name: float(number) for name, number in stated.items()} == {n: c.value for n, c in used.items()}
    assert all(len(choice.why) > 40 for choice in used.values())
