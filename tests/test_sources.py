"""Every source has a whole folder, and every list that is made from the sources holds each of them."""

import re
from datetime import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assets import fetch as fetch_assets
from expectations.raw import SUITES
from pipeline import fetch
from pipeline.cli import app
from pipeline.declare.codes import Kind
from pipeline.declare.frames import is_declared
from pipeline.declare.methods import CLASH_SOURCE_ORDER, METHODS
from pipeline.declare.scenarios import SECURITY_STEPS
from pipeline.fetching.keys import NAMES
from pipeline.sources import BY_KEY, BY_NAME, DOWNLOADS, FORMATS, SOURCES, of_kind, parsers, source_of_format
from tests.fuzz.records import MAKE

ROOT = Path(__file__).resolve().parent.parent / "pipeline" / "sources"
FOLDERS = sorted(path for path in ROOT.iterdir() if path.is_dir() and path.name != "__pycache__")
CLASH_SOURCES = [source for source in SOURCES if any(known.kind == Kind.CLASHES for known in source.formats)]
ONLINE = [source for source in SOURCES if source.download]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_folder_declares_its_sources_and_says_how_they_are_read(folder: Path) -> None:
    assert (folder / "__init__.py").read_text() == "", "what is here is said in the README"
    module = __import__(f"pipeline.sources.{folder.name}.source", fromlist=["source"])
    declared = [value for value in vars(module).values() if value in SOURCES]
    assert declared, f"{folder.name}/source.py declares no source of the tuple SOURCES"
    assert any(source.download for source in declared) == (folder / "fetch.py").exists()
    text = (folder / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (.+)$", text, re.M)[0] == "What is read"
    assert "## Traps" in text
    steps = [int(number) for number in re.findall(r"^(\d+)\. ", text, re.M)]
    assert steps == list(range(1, len(steps) + 1))
    assert len(steps) >= 3


def test_every_source_of_the_tuple_has_a_folder_and_a_key_of_its_own() -> None:
    modules = [__import__(f"pipeline.sources.{folder.name}.source", fromlist=["source"]) for folder in FOLDERS]
    assert all(any(source in vars(module).values() for module in modules) for source in SOURCES)
    assert len(BY_KEY) == len(SOURCES)
    assert len(BY_NAME) == len(FORMATS)


@pytest.mark.parametrize("name", BY_NAME)
def test_a_format_is_read_by_one_function_mirrored_and_checked(name: str) -> None:
    known = BY_NAME[name]
    assert known in source_of_format(name).formats
    assert known in of_kind(known.kind)
    assert set(known.required) | set(known.any_of) | set(known.versioned) | set(known.key) <= set(known.columns)
    assert set(known.terms) | set(known.cells) <= set(known.columns)
    tables = (parsers.EVENTS, parsers.REPORTS, parsers.FLOWS)
    own_report = name in (f"canonical_{known.kind}", "canonical_towns") and known.kind != Kind.CLASHES
    assert sum(name in table for table in tables) == (0 if own_report else 1)
    assert (name in parsers.EVENTS) == (known.kind == Kind.CLASHES)
    assert (name in parsers.FLOWS) == known.flows
    assert is_declared("raw", name)
    assert f"raw.{name}" in SUITES
    assert name in MAKE


@pytest.mark.parametrize("source", CLASH_SOURCES, ids=lambda source: source.key)
def test_a_source_of_clashes_has_a_place_a_meaning_of_silence_and_keys(source) -> None:
    assert source.key in CLASH_SOURCE_ORDER
    assert source.provisional_days > 0
    assert all(known.key or known.deletions for known in source.formats)
    for method in METHODS.values():
        assert method.thresholds(source.key)
    # A step belongs to a cut of its own: where the default's cut holds, its step does too.
    own_cuts = all(source.key in method.security for method in METHODS.values())
    assert set(source.security_steps) == (set(SECURITY_STEPS) if own_cuts and source.security_steps else set())
    for window, step in source.security_steps.items():
        assert SECURITY_STEPS[window][source.key] is step


@pytest.mark.parametrize("source", ONLINE, ids=lambda source: source.key)
def test_a_download_has_a_function_an_asset_a_schedule_and_known_keys(source) -> None:
    download = source.download
    assert DOWNLOADS[download.name] is download
    assert download.name in fetch.CONNECTORS
    assert set(download.keys) <= set(NAMES)
    assert all(re.fullmatch(r"[a-z0-9.-]+/.*", host) for host in download.hosts)
    assert download.name in {asset.key.path[-1].replace("_", "-") for asset in fetch_assets.ASSETS}
    at = time.fromisoformat(download.daily_at)
    schedule = next(one for one in fetch_assets.SCHEDULES if download.name.replace("-", "_") in one.name)
    assert schedule.cron_schedule == f"{at.minute} {at.hour} * * *"


def test_the_downloads_and_their_functions_are_the_same_ones_and_the_help_names_them() -> None:
    assert set(fetch.CONNECTORS) == set(DOWNLOADS)
    assert len({download.daily_at for download in DOWNLOADS.values()}) == len(DOWNLOADS)
    said = " ".join(CliRunner().invoke(app, ["fetch", "--help"]).output.split())
    assert all(re.search(rf"\b{name}\b", said) for name in DOWNLOADS)
