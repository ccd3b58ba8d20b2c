"""The numbers of a run that are plotted: one name each, of the newest month, gaps for unknown."""

from datetime import date

import polars as pl

from pipeline.analysis.run_metrics import _NATIONAL, PLOTTED, run_metrics
from pipeline.declare.tables import TABLES

DAY = date(2024, 1, 31)


def test_every_plotted_column_is_declared():
    assert {*_NATIONAL.values()} <= {*TABLES["published.national_summary"].columns}
    assert {*PLOTTED} <= {*TABLES}


def test_the_newest_month_of_the_leading_method_is_plotted_and_unknown_left_out():
    frame = pl.DataFrame(
        {
            "method": ["isp-2023", "isp-2023", "rolling-12m"],
            "month": [date(2023, 12, 1), date(2023, 11, 1), date(2023, 12, 1)],
            "in_publication_lag": [False] * 3,
            **{column: [7, 5, 3] for column in _NATIONAL.values()},
        }
    ).with_columns(idps_persons=pl.lit(None, pl.Int64))
    found = run_metrics("published.national_summary", frame, "isp-2023", DAY)
    assert found["townships_in_conflict"] == 7
    assert {*found} == {*_NATIONAL} - {"idps_persons"}
    assert run_metrics("published.national_summary", frame, "other", DAY) == {}
    late = frame.with_columns(in_publication_lag=pl.col("month") == date(2023, 12, 1))
    assert run_metrics("published.national_summary", late, "isp-2023", DAY)["townships_in_conflict"] == 5


def test_set_aside_rows_are_counted_by_kind_and_none_is_zero():
    frame = pl.DataFrame({"kind": ["clashes", "clashes", "control"]})
    found = run_metrics("records.set_aside", frame, "isp-2023", DAY)
    assert (found["set_aside_clashes_rows"], found["set_aside_control_rows"]) == (2, 1)
    assert found["set_aside_services_rows"] == 0


def test_the_age_of_each_kind_is_counted_from_its_newest_record():
    frame = pl.DataFrame(
        {"kind": ["clashes", "clashes", "signs"], "last_date": [date(2023, 12, 31), date(2024, 1, 21), None]}
    )
    found = run_metrics("published.deliveries", frame, "isp-2023", DAY)
    assert found == {"deliveries": 3, "age_clashes_days": 10}
    assert run_metrics("published.townships", frame, "isp-2023", DAY) == {}
