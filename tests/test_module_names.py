"""One noun per subject: two modules share a file name only where they are about the same subject, or play one role."""

from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("pipeline", "geo", "expectations", "assets", "reports")
# The same subject in several rooms: `ls */*changes*` shows all of it.
SUBJECTS = {
    "changes", "concordance", "control", "corrections", "database", "dictionary", "displacement", "editions",
    "evidence", "frames", "freshness", "glossary", "hxl", "indices", "intensity", "map", "methods", "neutral_brief",
    "notifications", "publication", "rates", "region", "release", "reliability", "repeated_rows", "retention",
    "reused", "revisions", "run_context", "runs", "scenarios", "scorecard", "shown", "signals", "signs", "spatial",
    "summaries", "towns", "townships", "uncertainty",
}  # fmt: skip
LAYERS = {"raw", "records", "tables"}
ROLES = {"__init__", "events", "fetch", "page", "source"}


def shared(root: Path) -> dict[str, list[str]]:
    """File name -> the modules that bear it, where these are several."""
    found: dict[str, list[str]] = defaultdict(list)
    for room in ROOMS:
        for path in sorted((root / room).rglob("*.py")):
            found[path.stem].append(path.relative_to(root).as_posix())
    return {name: paths for name, paths in found.items() if len(paths) > 1}


def strangers(root: Path) -> dict[str, list[str]]:
    return {name: paths for name, paths in shared(root).items() if name not in SUBJECTS | LAYERS | ROLES}


def test_a_name_is_shared_only_by_one_subject():
    assert strangers(ROOT) == {}


def test_no_subject_is_listed_that_no_two_modules_share():
    assert (SUBJECTS | LAYERS | ROLES) - set(shared(ROOT)) - {"neutral_brief"} == set()


def test_a_second_meaning_of_a_name_is_noticed(tmp_path):
    for name in ("pipeline/figures.py", "reports/figures.py", "geo/townships.py", "reports/townships.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert strangers(tmp_path) == {"figures": ["pipeline/figures.py", "reports/figures.py"]}
