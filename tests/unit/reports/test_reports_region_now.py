"""What a state's page begins with: three months, signals with their townships, what has no class, towns by holder."""

from datetime import date

import polars as pl
import pytest

from reports.release import unit
from reports.site.region_now import RegionsNow
from reports.site.regions import Regions
from reports.text.values import NO_DATA

ROW = {
    "state_region": "Kayah", "period_start": date(2021, 2, 1), "period_end": date(2021, 5, 31), "clashes_3m_count": 74,
    "clashes_12m_count": 146, "signal_alert_count": 1, "signal_none_count": 4, "signal_unknown_count": 2,
    "alerts_false_expected": 0.586, **{f"security_step_{step}_count": 5 - step for step in range(5)},
}  # fmt: skip


@pytest.fixture(scope="module")
def kayah(tables: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Demoso has an alert, all others are silent, and each of the seven townships is to expect half a clash."""
    demoso = pl.col("adm3_pcode") == "MMR002002"
    index = tables["township_index"].with_columns(
        signal=pl.when(demoso).then(pl.lit("alert")).otherwise(pl.lit("none")), clashes_3m_count=pl.lit(3),
        security_shown=pl.when(demoso).then(pl.lit("high")).otherwise(pl.lit("silent")),
    )  # fmt: skip
    ahead = tables["current_intensity"].with_columns(
        expected_clashes_next_3m=pl.lit(0.5), interval_low=pl.lit(0), interval_high=pl.lit(2)
    )
    towns = tables["town_control"].filter(pl.col("scope") == "Kayah").with_columns(towns_count=pl.lit(4))
    return {**tables, "township_index": index, "current_intensity": ahead, "town_control": towns}


def test_the_region_begins_with_now(kayah, release) -> None:
    before = {"clashes_3m_count": 22, "clashes_12m_count": 77}
    said = [one.en for one in RegionsNow(kayah, release).sentences(unit("Kayah").both, ROW, before)]
    assert said[0] == (
        "In the three months to 31 May 2021 the records count 74 clashes in Kayah, after 22 in the three months "
        "before; the year before these three months had 77, or 19.2 in three months."
    )
    assert said[1] == "Signals of the month, townships: alert: 1 (Demoso); no signal: 4; unknown: 2."
    assert said[2] == "By chance alone 0.6 alerts would come."
    assert "3.5 clashes are to be expected" in said[3]
    assert "silent: nobody reports: 6. That is not calm" in said[-1]


def test_cells_of_the_list_refuse_where_nobody_reports(kayah, release) -> None:
    cells = RegionsNow(kayah, release).cells()
    assert [str(one.words) for one in cells["MMR002002"]] == ["3", "alert", "0.5 (0 to 2)"]
    assert cells["MMR002001"][2].look == NO_DATA and str(cells["MMR002001"][2].words) == "not known"


def test_towns_are_counts_and_stand_only_where_records_are(kayah, release) -> None:
    now = RegionsNow(kayah, release)
    months = now.towns("Kayah")
    assert str(months[0][0]) == "May 2021"
    assert [str(cell.words) for cell in months[0][1]] == ["4", "0", "0", "0"]
    assert now.towns("Shan") == []


def test_observed_control_leads_and_has_its_exact_share(kayah, release) -> None:
    shares = {"lost_share": 0.894, "held_share": 0.096, "contested_share": 0.0, "unknown_share": 0.01}
    held = kayah["territorial_control"].with_columns(pl.lit(value).alias(name) for name, value in shares.items())
    facts = Regions({**kayah, "territorial_control": held}, release).facts("Kayah")
    assert facts.now[1].en.startswith(
        "By control records in force the state's side holds 10 % of the area and others 89 %"
    )
    bases = [str(row[0]) for row in facts.control]
    assert bases[0] == "By observed control records" and bases[-1].startswith("By heavy fighting since 2021")
    assert "controls" in " ".join(one.en for one in facts.headline)
