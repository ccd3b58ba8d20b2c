"""A method calibrated and saved in a home heads a run there, beside the shipped ones and never instead of them."""

import json
import re
from datetime import date
from pathlib import Path

import pytest
from integration_homes import Command, Small, fingerprint, query, release_query, rows_of

from pipeline.declare.settings import Home
from pipeline.storage import release_folder, saved_methods

pytestmark = pytest.mark.integration
# Invented margins, far from those of the sample.
FIGURES = (
    "figure,value,unit,reference_date,source\n"
    "security_high,60,townships,2021-06-30,An office\n"
    "humanitarian_high,20,townships,2021-06-30,An office\n"
    "services_severe,30,townships,2021-06-30,An office\n"
)


def test_a_saved_method_heads_a_run_and_leaves_the_shipped_ones_as_they_were(
    own_small_home: Small, tmp_path: Path, command: Command
) -> None:
    home = own_small_home.home
    before = (home / "published" / "latest").resolve()
    figures = tmp_path / "figures.csv"
    figures.write_text(FIGURES)
    untouched = fingerprint(home)
    command("run", "--home", home, "--method", "own").refused("unknown method 'own'", "isp-2023, rolling-12m")
    assert fingerprint(home) == untouched

    said = command("calibrate", "--to", figures, "--home", home, "--save", "own")
    said.published()
    assert "SYNTHETIC DATA" in said.out
    reached = {
        figure: int(count)
        for figure, count in re.findall(
            r"^  (security_high|humanitarian_high|services_severe) .* (\d+)$", said.out, re.M
        )
    }
    ran = command("run", "--home", home, "--method", "own", shown="methods.html")
    ran.published()
    assert "National table, own," in ran.out

    after = (home / "published" / "latest").resolve()
    manifest = json.loads((after / "manifest.json").read_text())
    assert after.name != before.name
    assert (manifest["method"], manifest["methods"]) == ("own", ["isp-2023", "rolling-12m", "own"])
    assert manifest["saved_method"]["base"] == "isp-2023"
    assert manifest["saved_method"]["release_id"] == before.name
    assert manifest["saved_method"]["synthetic"] is True
    # What the saved method holds is part of the release's id.
    parts = [*sorted(one["delivery_id"] for one in manifest["inputs"]), manifest["as_of"], manifest["code_version"],
             "own", *saved_methods.identity(saved_methods.read(Home(home), "own"))]  # fmt: skip
    assert after.name == release_folder.release_id(date.fromisoformat(manifest["period_end"]), parts)
    # The run gives the margins that the search promised.
    own = [row for row in rows_of(after / "tables" / "national_summary.csv") if row["method"] == "own"][-1]
    columns = {"security_high": "security_high_count", "humanitarian_high": "humanitarian_high_count",
               "services_severe": "services_severe_count"}  # fmt: skip
    assert {figure: int(own[column]) for figure, column in columns.items()} == reached
    # The shipped methods' rows, and the published figures beside isp-2023, are byte for byte the same.
    shipped = "SELECT * FROM published.{} WHERE method <> 'own' ORDER BY ALL"
    for table in ("township_index", "national_summary", "territorial_control"):
        then = query(before / "township_index.duckdb", shipped.format(table))
        assert release_query(home, shipped.format(table)).equals(then)
    assert (after / "tables/comparison.csv").read_bytes() == (before / "tables/comparison.csv").read_bytes()
    page = (after / "report" / "methods.html").read_text()
    assert "Where the cuts of own come from" in page
    assert manifest["saved_method"]["figures_sha256"] in page
    assert "and mean nothing elsewhere" in page
