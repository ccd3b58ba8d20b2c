"""The command `brief` as a user runs it on the sample: files, words, numbers, refusals, and the Dagster job."""

import json
import re
import shutil
from pathlib import Path

import neutral_phrases
import polars as pl
import pytest
from integration_homes import Command, analysts_query, fingerprint, rows_of
from playwright.sync_api import expect

from pipeline.declare.settings import HOME_VARIABLE
from pipeline.declare.sources import CITED
from pipeline.sources import SOURCES

pytestmark = pytest.mark.integration
CORRIDOR = ("--corridor", "Amarapura,MMR015001", "--from", "2023-05-10", "--to", "2023-10-31")


@pytest.fixture
def brief_home(sample_home: Path, tmp_path: Path) -> Path:
    """What a brief reads of the sample home and nothing else of it: a copy that a test may change."""
    home, release = tmp_path / "home", (sample_home / "published" / "latest").resolve()
    target = home / "published" / release.name
    shutil.copytree(release / "tables", target / "tables", ignore=shutil.ignore_patterns("*.csv"))
    shutil.copy(release / "manifest.json", target)
    (home / "published" / "latest").symlink_to(release.name, target_is_directory=True)
    (home / "warehouse").mkdir()
    shutil.copy(sample_home / "warehouse" / "township_index.duckdb", home / "warehouse")
    return home


def allowed(home: Path) -> neutral_phrases.Allowed:
    """The values of this home that may stand in a brief, read from its release."""
    tables = home / "published" / "latest" / "tables"
    manifest = json.loads((home / "published" / "latest" / "manifest.json").read_text(encoding="utf-8"))
    places = pl.read_parquet(tables / "townships.parquet")
    dialogue = pl.read_parquet(tables / "actor_dialogue.parquet").drop("reference_date")
    own = [text for one in SOURCES for text in (one.title, one.licence, one.citation, one.statement) if text]
    own += [text for one in CITED for text in (one.title, one.licence, one.citation)]
    inputs = [one[key] for one in manifest["inputs"] for key in ("source", "licence")]
    return neutral_phrases.Allowed(
        townships=frozenset([*places["adm3_name"], *places["adm3_name_my"]]),
        sources=frozenset([*own, *inputs]),
        releases=frozenset([manifest["release_id"], manifest["method"], manifest["code_version"]]),
        dialogue=frozenset(text for row in dialogue.rows() for text in row if text),
    )


def test_a_brief_of_a_corridor(brief_home: Path, command: Command, reader) -> None:
    home = brief_home
    before = fingerprint(home / "published")
    outcome = command("brief", *CORRIDOR, "--home", home)
    assert outcome.code == 0, outcome.err
    assert outcome.err == ""
    folder = Path(outcome.out.splitlines()[-1])
    assert folder.parent == home / "briefs"
    assert sorted(path.name for path in folder.iterdir()) == [
        "brief.html",
        "brief.pdf",
        "brief_my.html",
        "brief_my.pdf",
        "data.csv",
    ]
    assert fingerprint(home / "published") == before
    html = (folder / "brief.html").read_text(encoding="utf-8")
    assert allowed(home).strangers(neutral_phrases.texts(html)) == []
    _names_nobody(home, folder, html)
    _counts_as_the_records(home, rows_of(folder / "data.csv"))

    page = reader.open(folder / "brief.html")
    assert page.locator(".banner").first.inner_text().startswith("SYNTHETIC DATA")
    page.locator("#language [data-language=my]").click()
    expect(page.locator("html")).to_have_attribute("lang", "my")
    assert page.evaluate("document.fonts.check('16px \"Noto Sans Myanmar\"', 'မြန်မာ')")
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

    made = fingerprint(folder)
    shutil.rmtree(folder)
    again = command("brief", *CORRIDOR, "--home", home, env={"PYTHONHASHSEED": "7", "TZ": "Pacific/Auckland"})
    assert again.out == outcome.out
    assert fingerprint(folder) == made


def _names_nobody(home: Path, folder: Path, html: str) -> None:
    """No party of an event outside the dialogue table, no event's id, day or number of a point in any byte."""
    parties = analysts_query(home, "SELECT DISTINCT actor1 AS a FROM records.clashes WHERE a IS NOT NULL")[
        "a"
    ].to_list()
    outside = re.sub(r'<section id="dialogue".*?</section>', "", html, flags=re.DOTALL)
    ids = analysts_query(home, "SELECT event_id AS a FROM records.clashes LIMIT 500")["a"].to_list()
    csv = (folder / "data.csv").read_text(encoding="utf-8")
    assert [name for name in [*parties, *ids] if len(name) > 3 and (name in outside or name in csv)] == []
    columns = csv.splitlines()[0].split(",")
    assert not {"latitude", "longitude", "site", "actor", "event_date"} & set(columns)


def _counts_as_the_records(home: Path, rows: list[dict[str, str]]) -> None:
    """A township's clashes of the period against a count of the records by another way."""
    found = [
        row for row in rows
        if row["section"] == "events" and row["item"] == "clash_count" and row["adm3_pcode"]
        and (row["period_start"], row["period_end"]) == ("2023-05-10", "2023-10-31")
    ]  # fmt: skip
    assert len(found) >= 3
    for row in found:
        wanted = analysts_query(
            home,
            "SELECT count(*)::BIGINT AS n FROM records.clashes WHERE event_class = 'clash' AND "
            f"adm3_pcode = '{row['adm3_pcode']}' AND event_date BETWEEN '2023-05-10' AND '2023-10-31'",
        )["n"][0]
        assert int(row["value"]) == wanted
    assert sum(int(row["value"]) for row in found) > 0


def test_what_cannot_be_briefed_is_refused_and_leaves_nothing(
    brief_home: Path, command: Command, tmp_path: Path
) -> None:
    home = brief_home
    command("brief", "--townships", "Loikow", "--home", home).refused("nearest: Loikaw")
    command("brief", "--townships", "Loikaw", "--home", tmp_path / "empty").refused("township-index run")
    assert not (home / "briefs").exists()
    assert not (tmp_path / "empty").exists()
    summary = home / "published" / "latest" / "tables" / "national_summary.parquet"
    frame = pl.read_parquet(summary)
    frame.with_columns(clashes_count=pl.col("clashes_count") + 1).write_parquet(summary)
    command("brief", "--townships", "Loikaw", "--home", home).refused("not of the same run", "national_summary")


def test_the_job_makes_the_same_brief(
    brief_home: Path, command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dagster import DagsterInstance

    from pipeline.definitions import defs

    monkeypatch.setenv(HOME_VARIABLE, str(brief_home))
    config = {"townships": "Loikaw,MMR002002", "from": "2023-09-01", "lang": "en"}
    with DagsterInstance.ephemeral() as instance:
        outcome = defs.resolve_job_def("neutral_brief").execute_in_process(
            run_config={"ops": {"brief": {"config": config}},
                        "loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            instance=instance,
        )  # fmt: skip
    stated = outcome.asset_materializations_for_node("brief")[0].metadata
    folder = Path(stated["path"].value)
    assert Path(stated["brief.pdf"].value) == folder / "brief.pdf"
    asked = ("--townships", "Demoso,Loikaw", "--from", "2023-09-01", "--lang", "en", "--home", brief_home)
    made = command("brief", *asked, "--out", tmp_path / "out")
    assert made.code == 0, made.err
    assert fingerprint(tmp_path / "out" / folder.name) == fingerprint(folder)
