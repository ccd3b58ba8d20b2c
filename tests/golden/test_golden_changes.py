"""Changes from month to month, worked by hand on the golden townships' invented records."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from test_golden_townships import DEMOSO, EAST, PALETWA, TONZANG, golden_home, release_query

pytestmark = pytest.mark.integration
__all__ = ["golden_home"]

QUIET = {
    "change_class": "limited_change", "is_onset": False, "is_lull": False, "is_alert": False,
    "quarter_change_class": "limited_change", "alert_confirmed": None,
}  # fmt: skip
# The source holds January 2021 and nothing before: a year and a quarter are known from April 2022 on.
EARLY = {
    "clashes_before_count": None, "quarter_p_value": None, "quarter_change_class": "no_comparison",
    "alert_from_count": None, "alert_false_probability": None, "is_alert": None, "clashes_year_maximum_count": None,
}  # fmt: skip
WHOLE = {"provisional": False, "in_publication_lag": False}
CUT = {"period_end": date(2023, 11, 15), "provisional": True, "in_publication_lag": False}
# this month, the month before, most in the twelve months before
CHANGES: dict[tuple[str, str], dict[str, Any]] = {
    # D11 and D12 in 15 days, none in the 31 of October: 2 x (15/46)^2. D7 (November 2022) and others give a maximum
    # of one a month, so two are an alert; D10 in August is less than six months ago.
    (DEMOSO, "2023-11-01"): {
        **QUIET, **CUT, "clashes_month_count": 2, "clashes_previous_month_count": 0, "change_p_value": 0.212665,
        "clashes_year_maximum_count": 1, "is_alert": True,
        # D7 to D10 from November 2022 to October 2023: 4.5 x 15/365 are expected, with 1.5 x 380/365 of it as
        # variance; two or more. The rise that would confirm it may still come.
        "alert_from_count": 2, "alert_false_probability": 0.034250, "alert_p_value": 0.034250,
        # Two in 76 days, D7 to D10 in the 365 before: 76/441 x 6 = 1.034 expected; (2 - 1.034 - 0.5) / 1.275.
        "clashes_3m_count": 2, "clashes_before_count": 4, "quarter_p_value": 0.357395,
    },
    (DEMOSO, "2021-02-01"): {
        **QUIET, **WHOLE, "period_end": date(2021, 2, 28), "clashes_month_count": 0,
        "clashes_previous_month_count": None, "change_p_value": None, "change_class": "no_comparison",
        # Of two months nothing is told but that this one begins nothing, and that D14 of January makes it no lull.
        **EARLY, "is_lull": False, "alert_p_value": 1.0, "clashes_3m_count": None,
    },
    # None and none. Quiet since April, but P3 and P4 are two clashes in the year before August, and not twelve.
    (PALETWA, "2023-11-01"): {
        **QUIET, **CUT, "clashes_month_count": 0, "clashes_previous_month_count": 0, "change_p_value": 1.0,
        "clashes_year_maximum_count": 1,
        # P3 and P4: 2.5 x 15/365. None after two, 0.345 expected and less than a half away: no distance.
        "alert_from_count": 2, "alert_false_probability": 0.017664, "alert_p_value": 1.0,
        "clashes_3m_count": 0, "clashes_before_count": 2, "quarter_p_value": 0.5,
    },
    # H2, the first since H1 in January: April to September are six quiet months. One of one in 31 of 61 days: 2 x 0.508
    # and so at most 1.
    (EAST, "2023-10-01"): {
        **QUIET, "period_end": date(2023, 10, 31), "clashes_month_count": 1,
        "clashes_previous_month_count": 0, "change_p_value": 1.0, "is_onset": True, "clashes_year_maximum_count": 1,
        # H1 in the year: 1.5 x 31/365; two or more, and one or more. 92 of 457 days: (1 - 0.403 - 0.5) / 0.781.
        "alert_from_count": 2, "alert_false_probability": 0.023241, "alert_p_value": 0.094153,
        "clashes_3m_count": 1, "clashes_before_count": 1, "quarter_p_value": 0.450430,
        "in_publication_lag": False,
        "provisional": True,  # D13 of 2023-11-16 is the last event, and own records settle within 30 days
    },
    (EAST, "2023-11-01"): {
        **QUIET, **CUT, "clashes_month_count": 0, "clashes_previous_month_count": 1, "change_p_value": 1.0,
        "clashes_year_maximum_count": 1,
        # H1 and H2 in the year. H2 in the 76 days, H1 before: (1 - 0.345 - 0.5) / 0.736.
        "alert_from_count": 2, "alert_false_probability": 0.017664, "alert_p_value": 1.0,
        "clashes_3m_count": 1, "clashes_before_count": 1, "quarter_p_value": 0.416451,
    },
    # T1 to T10 after six quiet months, the first that are known: 2 x (31/62)^10.
    (TONZANG, "2021-08-01"): {
        **QUIET, **WHOLE, "period_end": date(2021, 8, 31), "clashes_month_count": 10,
        "clashes_previous_month_count": 0, "change_p_value": 0.001953, "change_class": "rise",
        **EARLY, "is_onset": True, "alert_p_value": None, "clashes_3m_count": 10,
    },
    # And all of them in the 31 of 61 days before: 2 x (31/61)^10.
    (TONZANG, "2021-09-01"): {
        **QUIET, **WHOLE, "period_end": date(2021, 9, 30), "clashes_month_count": 0,
        "clashes_previous_month_count": 10, "change_p_value": 0.002298, "change_class": "fall", **EARLY,
        "alert_p_value": 1.0, "clashes_3m_count": 10,  # none or more are certain at any rate
    },
    # Three quiet months after ten clashes since February: two more before it would make a lull, and are not known.
    (TONZANG, "2021-11-01"): {
        **QUIET, **WHOLE, "period_end": date(2021, 11, 30), "clashes_month_count": 0,
        "clashes_previous_month_count": 0, "change_p_value": 1.0, **EARLY, "is_lull": None,
        "alert_p_value": 1.0, "clashes_3m_count": 0,
    },
    # March 2021 to February 2022 are known, and hold ten.
    (TONZANG, "2022-05-01"): {
        **QUIET, **WHOLE, "period_end": date(2022, 5, 31), "clashes_month_count": 0,
        "clashes_previous_month_count": 0, "change_p_value": 1.0, "clashes_year_maximum_count": 10,
        # May 2021 to April 2022 hold the ten: 10.5 x 31/365, eleven or more. March 2021 to February 2022 too, and of
        # 92 of 457 days 2.01 are expected: 1.513 / 1.747.
        "alert_from_count": 11, "alert_false_probability": 0.000074, "alert_p_value": 1.0,
        "clashes_3m_count": 0, "clashes_before_count": 10, "quarter_p_value": 0.193323,
    },
}  # fmt: skip


@pytest.mark.parametrize("cell", CHANGES, ids=" ".join)
@pytest.mark.parametrize("method", ["isp-2023", "rolling-12m"])
def test_every_column_of_a_change(golden_home: Path, cell: tuple[str, str], method: str) -> None:
    code, month = cell
    row = release_query(
        golden_home,
        f"""FROM published.township_changes WHERE adm3_pcode = '{code}' AND method = '{method}'
            AND month = DATE '{month}'""",
    ).row(0, named=True)
    expected = {"method": method, "month": date.fromisoformat(month), "adm3_pcode": code, **CHANGES[cell]}
    assert set(row) == set(expected), "every column is worked by hand"
    assert row == {k: pytest.approx(v, abs=6e-7) if isinstance(v, float) else v for k, v in expected.items()}


SUMMARY = {
    # Two clashes in 15 and 31 days, or one, cannot be called a change whichever way they fall: nothing by chance.
    ("national", "2023-11-01"): (330, 330, 0, 0, 0.0, 0, 0, 1, True, False),
    ("Kayah", "2023-11-01"): (7, 7, 0, 0, 0.0, 0, 0, 1, True, False),
    # Tonzang's ten in two equal months: none, one, nine or ten of them would be called a change: 22 of 1,024.
    # No lull and no alert can be told of all townships half a year after the start.
    ("national", "2021-08-01"): (330, 330, 1, 0, 0.0215, 1, None, None, False, False),
    ("Chin", "2021-08-01"): (9, 9, 1, 0, 0.0215, 1, None, None, False, False),
    ("national", "2021-02-01"): (330, 0, None, None, None, 0, None, None, False, False),
}


@pytest.mark.parametrize("cell", SUMMARY, ids=" ".join)
def test_change_summary(golden_home: Path, cell: tuple[str, str]) -> None:
    row = release_query(
        golden_home,
        f"""SELECT * EXCLUDE (method, month, scope, period_end) FROM published.change_summary
            WHERE method = 'isp-2023' AND scope = '{cell[0]}' AND month = DATE '{cell[1]}'""",
    ).row(0)
    assert row == SUMMARY[cell]
