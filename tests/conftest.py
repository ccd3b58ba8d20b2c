"""Hypothesis without deadlines, for machines that are shared; and the order in which workers take tests."""

import gc
import os
from pathlib import Path

import pytest
from hypothesis import settings
from shared_workers import pytest_addoption, pytest_configure

__all__ = ["pytest_addoption", "pytest_configure"]

# Nothing that is imported is thrown away: until the tests are collected nothing is looked for (two seconds).
gc.disable()
# Threads that wait take the other workers' cores, and small frames cost a fifth more with two of them.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("POLARS_MAX_THREADS", "1")
# So does the one with which Polars' allocator gives back memory ten times a second.
os.environ.setdefault("_RJEM_MALLOC_CONF", "background_thread:false")

settings.register_profile("shared machine", deadline=None, print_blob=True, max_examples=25)
settings.register_profile("quick", deadline=None, print_blob=True, max_examples=5)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "shared machine"))

# Files that `make check` leaves to `make test`: most take more than two seconds of processor time, as measured, for
# each builds a whole site, starts processes, places rows hundreds of times, or draws hundreds of cases.
SLOW = {
    "test_agreement", "test_aliases", "test_assets_fetch", "test_assets_inbox", "test_assets_instance",
    "test_assets_killed", "test_assets_large", "test_assets_notifications", "test_assets_runs",
    "test_assets_standing", "test_assets_worker", "test_boundaries", "test_expectation_rules",
    "test_faults_values", "test_fetching_end_to_end", "test_fuzz_files", "test_fuzz_sums",
    "test_analysis_intensity", "test_index_published", "test_index_reliability", "test_analysis_scenarios",
    "test_ingest_large", "test_notifications_month", "test_records_accounting",
    "test_records_acled", "test_records_answers", "test_records_editions", "test_records_in_force",
    "test_records_parts", "test_records_reasons", "test_records_repeated_rows", "test_records_reports",
    "test_records_running", "test_records_survey", "test_records_versions", "test_records_vetting",
    "test_reports_brief", "test_reports_database", "test_reports_datapackage", "test_reports_geofiles",
    "test_reports_lists", "test_reports_live_map", "test_reports_neutral", "test_reports_release",
    "test_reports_site", "test_reports_tables", "test_reports_workbook", "test_schematic", "test_storage_deliveries",
    "test_storage_disk", "test_storage_repeated_rows", "test_storage_warehouse",
}  # fmt: skip
# Fixtures of tests/unit/reports that build a release with all its pages: what uses them is left to `make test` too.
WHOLE_RELEASES = {"built", "built_hostile"}
# Files of several runs of the whole command.
DEAR = {
    "test_integration_asof", "test_integration_canaries", "test_integration_recorded", "test_integration_second_run",
}  # fmt: skip
SHARED_HOMES = {"golden_home", "planted", "real_home", "sample_home", "small_home"}


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """`make check` does not even import the files that it leaves out."""
    return True if config.option.markexpr == "not slow" and collection_path.stem in SLOW else None


def pytest_collection_finish(session: pytest.Session) -> None:
    """What has been imported stays: it is not looked through again for what could be thrown away."""
    if session.config.option.workers and session.config.option.markexpr != "not slow":
        from expectations import engine  # not above: Polars counts its threads at its import

        engine.load()  # Great Expectations takes three seconds: once for all workers
    gc.freeze()
    gc.enable()


def pytest_unconfigure() -> None:
    """At the end all is thrown away, or DuckDB's bindings list on the screen what was not."""
    gc.unfreeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Runs of the whole command first, or one of them would keep a single worker busy at the end.

    Workers take whole files in the order of their first tests. Foremost one for each home that others share, so that
    no two workers wait for the same home; then the dearest, then those that share none, then the rest, and the quick
    ones last, which leave no worker alone for long.
    """
    begun: set[str] = set()

    def place(item: pytest.Item) -> tuple[int, str]:
        name = item.path.stem
        if item.path.parent.name not in {"integration", "golden"}:
            return (4, "") if name in SLOW else (5, "")
        homes = SHARED_HOMES & set(getattr(item, "fixturenames", ()))
        first = not homes <= begun
        begun.update(homes)
        return (0, "") if first else (1, name) if name in DEAR else (3, "") if homes else (2, "")

    for item in items:
        whole = not WHOLE_RELEASES.isdisjoint(getattr(item, "fixturenames", ()))
        if item.path.parent.name in {"integration", "golden"} or item.path.stem in SLOW or whole:
            item.add_marker(pytest.mark.slow)
    items.sort(key=place)
