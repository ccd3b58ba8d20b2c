"""One township in the terminal: what is known and what is not, bars to scale, one sentence for a wrong name."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipeline.declare.errors import UnusableInput
from pipeline.declare.settings import Home
from pipeline.show import lines, show, township

RELEASE = {"release_id": "2023-11-26-0123abcd", "method": "isp-2023", "notice": "SYNTHETIC DATA: invented.",
           "citation": "An index.", "licence": "CC BY\x1b 4.0"}  # fmt: skip


def row(month: int, count: int | None, **other: Any) -> dict[str, Any]:
    return {
        "adm3_pcode": "MMR002001", "adm3_name": "Loikaw", "adm3_name_my": "လွိုင်ကော်", "state_region": "Kayah",
        "month": date(2023, month, 1), "period_end": date(2023, 11, 26), "provisional": month == 11,
        "in_publication_lag": False,
        "clashes_month_count": count, "clashes_3m_count": 1234, "clashes_12m_count": None, "signal": "rise",
        "expected_clashes_next_3m": 12.34, "interval_low": 5, "interval_high": 20, "population_persons": 150_000,
        "idps_persons": 12_340, "idps_suppressed": False, "idps_basis": "stock",
        "idps_reference_date": date(2023, 9, 30), "security_shown": "high", "humanitarian_shown": "high",
        "services_shown": "no_data", "control_class": "contested", "evidence_grade": "B", "evidence_security": "A",
        "evidence_humanitarian": "C", "evidence_services": "D", "evidence_control": "C", "data_age_days": 5, **other,
    }  # fmt: skip


def text(*rows: dict[str, Any], months: int = 24) -> str:
    return "\n".join(lines(rows, RELEASE, {"security": "12 clashes make it high."}, months, "#"))


def test_it_says_what_is_known_and_what_is_not() -> None:
    said = text(row(9, 0), row(10, None), row(11, 7))
    for words in (
        "Loikaw (လွိုင်ကော်), Kayah: MMR002001", "SYNTHETIC DATA", "7 in the month, 1,234 in three, not known in twelve",
        "rise", "12.3 clashes to expect, 90 % interval 5 to 20", "12,340 people (stock, 2023-09-30)", "no data",
        "Evidence B of A to D: clashes A, displacement C, services D, control C; newest record 5 days old",
        "Security Index: 12 clashes make it high.", "Cite: An index. Licence: CC BY? 4.0.",
    ):  # fmt: skip
        assert words in said, words


def test_bars_are_to_scale_none_has_no_bar_and_not_known_is_no_zero() -> None:
    said = text(row(8, 50), row(9, 0), row(10, None), row(11, 1), months=3).split("\n")
    assert [line for line in said if line.startswith("  2023")] == [
        "  2023-09   0", "  2023-10   not known", f"  2023-11 ~ {'#' * 50} 1",
    ]  # fmt: skip
    assert [len(line) for line in text(row(8, 50), row(9, 1)).split("\n") if line.startswith("  2023")] == [65, 15]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"idps_suppressed": True, "idps_persons": None}, "fewer than 10 people, withheld"),
        ({"idps_persons": None, "idps_basis": None}, "not reported"),
        ({"data_age_days": None}, "no record of any kind"),
        ({"security_shown": "hosting_displaced"}, "hosting displaced"),
    ],
)
def test_what_is_withheld_or_missing_is_said(changed: dict[str, Any], words: str) -> None:
    assert words in text(row(11, 0, **changed))
    assert "to expect" not in text(row(11, 0, expected_clashes_next_3m=None))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Loikw", r"'Loikw' is neither the P-code nor a name of a township; the nearest: Loikaw"),
        ("zzzzzzzz", "the list stands in tables/townships.csv of a release"),
        ("Minhla", r"2 townships are named 'Minhla'; give the P-code MMR\d{6} \(\w+\) or MMR\d{6} \(\w+\)"),
    ],
)
def test_a_name_that_none_or_several_bear_ends_in_one_sentence(name: str, words: str) -> None:
    with pytest.raises(UnusableInput, match=words):
        township(name)


def test_without_a_release_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(UnusableInput, match="nothing was published in this home yet; run first"):
        show(Home(tmp_path), "Loikaw", 24)
