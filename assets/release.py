"""The release asset: the last gate, then files, database, manifest and the atomic move."""

import json
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
from dagster import AssetCheckSpec, AssetExecutionContext, AssetKey, MaterializeResult, asset

from assets import worker
from assets.audit import OWNERS, audited, check_result, checks_folder, key
from assets.context import LOG, IndexRun, as_date
from assets.freshness import RELEASE_POLICY
from assets.hosting import publish_list
from assets.large import is_large
from assets.published import NAMES, tables
from assets.records import DAYS
from assets.release_metadata import release_metadata
from expectations import suite_names
from pipeline.analysis.concordance import leading_ratio
from pipeline.declare import settings
from pipeline.declare.codes import EventClass, Profile, Severity
from pipeline.declare.errors import BlockedRelease
from pipeline.declare.settings import Home
from pipeline.declare.sources import family
from pipeline.declare.tables import Layer
from pipeline.indices.windows import after_period
from pipeline.sources import BY_KEY
from pipeline.storage import held, latest, release_folder, saved_methods, snapshots, withdrawals
from pipeline.storage.deliveries import as_frame
from pipeline.storage.held import Held
from pipeline.storage.latest import Candidate
from pipeline.storage.release_folder import NO_EARLIER, Previous, previous_release
from reports.files.database import about_tables
from reports.files.release_changes import COMPARED
from reports.files.series import series
from reports.files.workbook import WORKBOOK, write_workbook
from reports.release import Release

RELEASE = AssetKey(["release", "published"])


@asset(
    key=RELEASE,
    deps=[key(f"published.{name}") for name in NAMES],
    group_name="release",
    kinds={"python", "duckdb", "html"},
    owners=OWNERS,
    check_specs=[AssetCheckSpec("suite", asset=RELEASE, description="The run as a whole.")],
    freshness_policy=RELEASE_POLICY,
    description="The dated release folder and the analysts' snapshot, moved into place when every check holds.",
)
def release(context: AssetExecutionContext, run: IndexRun) -> Any:
    place, known, last_day = run.place, run.known, run.last_day
    chosen = run.chosen_method
    run_audit = audited(run, "run", as_frame(known), _run_facts(run))
    for failure in run_audit.failed:
        LOG.info("%s: %s: %s", failure["severity"], failure["rule"], failure["note"])
    yield check_result("release.published", run_audit)
    read = run.warehouse.read
    dated = {kind: (read(f"records.{kind}", [day]), day) for kind, day in DAYS.items() if kind != "population"}
    later = after_period(dated, last_day)
    if later:
        LOG.info("note: records dated after the period's end (%s), in no index: %s", last_day, later)
    checks = _all_checks(run)
    _refuse_broken(checks)
    code = release_folder.code_version()
    name = release_folder.release_id(last_day, _parts(run, code), run.chosen_profile)
    refuse_withdrawn(place, name)
    release_folder.sweep_litter(place)
    folder = release_folder.building_folder(place, name, place.held if run.holds else None)
    frames = tables(run)
    boundary, internal = run.boundary_delivery, run.chosen_profile == Profile.INTERNAL
    described = Release(
        release_id=name,
        synthetic=run.synthetic,
        schematic=boundary is None,
        method=chosen.name,
        period_end=last_day,
        as_of=run.knowledge_date,
        generated_from=_sources(run),
        code_version=code,
        methods=run.methods,
        internal=internal,
        base_address=settings.base_address(),
    )
    left = why_latest_stays(run)
    edition = (last_day, run.knowledge_date)
    before = previous_release(place, name, edition, run.synthetic, internal, COMPARED)
    if before.note != NO_EARLIER:
        LOG.info("changes: %s", before.note)
    # Analysts' published tables are those of published/latest; whether a held release moves it is seen later.
    needs_snapshot = not internal and (run.holds or not left)
    snapshot = snapshots.part_of(place)
    _write_files(run, described, frames, folder, checks, before, snapshot if needs_snapshot else None)
    (folder / "checks.json").write_text(json.dumps(checks, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    release_folder.finish(folder, _manifest(run, described, frames, checks, release_folder.hashes(folder), before))
    if run.holds:
        yield _held(run, folder, name)
        return
    final = release_folder.put_in_place(place, folder, name, newest=not left)
    publish_list(place)
    if needs_snapshot and snapshots.to_analysts(place, snapshot, name):
        LOG.info("note: a client had left %s.wal; removed with the database before", place.analysts_database.name)
    held.forget(place, name)
    LOG.info("published %s", final)
    if left:
        LOG.info("note: %s", left)
        context.log.warning(left)
    yield MaterializeResult(
        metadata={
            **release_metadata(final),
            "moved_latest": not left,
            **({"note": left} if left else {}),
        }
    )


def _write_files(
    run: IndexRun,
    described: Release,
    frames: dict[str, pl.DataFrame],
    folder: Path,
    checks: list[dict[str, Any]],
    before: Previous,
    snapshot: Path | None,
) -> None:
    """Write all files of a release but its checks and manifest, and beside it the analysts' `snapshot`, if any.

    The second process draws the report while this one writes the databases and the workbook.
    """
    second = worker.shared()
    most = second.begin(worker.build_most, frames, described, folder, checks, run.place.cache, before.tables)
    database = folder / "township_index.duckdb"
    run.warehouse.snapshot(database, (Layer.PUBLISHED,), described.confidential, about=about_tables(described))
    write_workbook(frames, described, folder / WORKBOOK, series(frames, described))
    if snapshot is not None:
        if is_large(run):
            most()  # one after the other: together they hold more than a run of any size may
        run.warehouse.snapshot(snapshot, tuple(one for one in Layer if one != Layer.PUBLISHED), like=database)
    most()
    second.begin(worker.build_last, frames, described, folder)()


def _refuse_broken(checks: list[dict[str, Any]]) -> None:
    """Raise BlockedRelease where a rule that guards the release does not hold."""
    blocked = [c for c in checks if not c["passed"] and c["severity"] == Severity.CRITICAL]
    if blocked:
        named = "; ".join(f"{c['table']}: {c['rule']}: {c['failed_count']} failed" for c in blocked)
        raise BlockedRelease(f"{named}. The last release is as it was")


def refuse_withdrawn(place: Home, name: str) -> None:
    """Raise BlockedRelease where a release of the same inputs, settings and code was withdrawn: this is the same."""
    gone = withdrawals.of(place, name)
    if gone:
        raise BlockedRelease(
            f"these inputs, settings and code make release {name} again, which was {gone}. Deliver mended records, "
            "withdraw the faulty delivery (township-index withdraw) or correct it (corrections.toml), then run again; "
            f"if the withdrawal was a mistake, remove {place.releases / name} and {place.withdrawn / name} first"
        )


def _held(run: IndexRun, folder: Path, name: str) -> MaterializeResult:
    """Keep a finished release until `publish`; one that is published with the same files already is not kept again."""
    place = run.place
    if release_folder.unchanged(place, folder, name):
        shutil.rmtree(folder)
        snapshots.part_of(place).unlink(missing_ok=True)
        final, note = place.releases / name, "published already with the same files, so there is nothing to hold"
    else:
        if run.chosen_profile == Profile.PUBLIC:
            snapshots.keep(place, snapshots.part_of(place), name)
        asked = Held(name, bool(run.as_of), bool(run.period_end), run.make_latest, run.beside)
        final, note = held.keep(place, folder, asked), "held: nothing was published"
    LOG.info("%s: %s", final, note)
    return MaterializeResult(metadata={**release_metadata(final), "moved_latest": False, "note": note})


def why_latest_stays(run: IndexRun) -> str:
    """What is left as it was although this release is published, why, and how to move it; empty where all moves."""
    if run.beside:
        return "latest and the analysts' database left as before: this job makes editions beside them"
    if run.make_latest:
        return ""
    new = Candidate(run.last_day, run.knowledge_date, bool(run.as_of), bool(run.period_end))
    why = latest.stays(run.place, new, run.history.withdrawn())
    if not why:
        return ""
    kept = "latest" if run.chosen_profile == Profile.INTERNAL else "latest and the analysts' database"
    return f"{why}. {kept} left as before; to move to this release run again with --make-latest (UI: make_latest: true)"


def _parts(run: IndexRun, code: str) -> list[str]:
    """What tells this release from others of the same last day; a release must not take the place of another.

    The day of knowledge too: what was received and withdrawn since stands in the revisions, so a release of the same
    deliveries on a later day holds more.
    """
    mended = [entry.content for entry in run.corrections]
    deliveries = sorted(delivery.delivery_id for delivery in run.known)
    own_method = saved_methods.identity(run.chosen_method)
    address = [settings.base_address()] if settings.base_address() else []  # stands in the pages
    lag = [f"lag {run.lag}"] if run.lag else []
    return [*deliveries, f"{run.knowledge_date}", code, run.method, *own_method, *mended, *address, *lag]


def _run_facts(run: IndexRun) -> dict[str, Any]:
    own = run.warehouse.read("records.clash_days").filter(
        (pl.col("source_key") == run.clash_source) & (pl.col("event_class") == str(EventClass.CLASH))
    )
    return {
        "as_of": run.knowledge_date,
        "schematic": run.boundary_delivery is None,
        "window_start": run.chosen_method.window_start,
        "first_clash": own["event_date"].min(),
        "last_clash": own["event_date"].max(),
        "unnamed_rivals_count": 0 if run.lead.marked else len(run.lead.rivals),
        "leading_ratio": leading_ratio(run.warehouse.read("published.source_concordance"), run.clash_source),
        # An edition of the past is not old: it reaches as far as it was meant to.
        "wanted_until": as_date(run.period_end, "--period-end"),
    }


def _all_checks(run: IndexRun) -> list[dict[str, Any]]:
    """The outcome of every suite of this home, in the order of the tables.

    What an earlier version of the code left of a table that there is no more is none of them.
    """
    suites = suite_names()
    found = []
    for path in sorted(checks_folder(run.place).glob("*.json")):
        if path.name.removesuffix(".json") in suites:
            found += json.loads(path.read_text(encoding="utf-8"))
    return found


def _sources(run: IndexRun) -> tuple[tuple[str, str, str], ...]:
    """(title, licence, citation) of every source in force, the township list among them."""
    stated = {
        (d.source, d.licence, BY_KEY[family(d.source_key)].statement if family(d.source_key) in BY_KEY else "")
        for d in run.known
    }
    fixed = [BY_KEY["reference"]] + ([] if run.boundary_delivery else [BY_KEY["schematic"]])
    return (*sorted(stated), *((s.title, s.licence, s.citation) for s in fixed))


def _manifest(
    run: IndexRun,
    described: Any,
    frames: dict[str, pl.DataFrame],
    checks: list[dict[str, Any]],
    outputs: dict[str, Any],
    before: Previous,
) -> dict[str, Any]:
    for name, frame in frames.items():
        for ending in ("csv", "parquet"):
            outputs.get(f"tables/{name}.{ending}", {})["rows"] = frame.height
    failed = [c for c in checks if not c["passed"]]
    return {
        "release_id": described.release_id,
        "profile": str(run.chosen_profile),
        "synthetic": described.synthetic,
        "notice": " ".join(described.banners),
        "as_of": described.as_of.isoformat(),
        "period_end": described.period_end.isoformat(),
        "method": described.method,
        "methods": [method.name for method in described.methods],
        "publication_lag_days": int(run.chosen_method.publication_lag_days.value),
        **({"saved_method": saved_methods.as_facts(run.chosen_method)} if run.chosen_method.saved else {}),
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "code_version": described.code_version,
        "previous_release": before.release_id,
        "changes_note": before.note,
        "python": sys.version.split()[0],
        "clash_source": run.clash_source,
        "inputs": [
            {
                "delivery_id": d.delivery_id,
                "kind": str(d.kind),
                "name": d.file_name,
                "sha256": d.sha256,
                "rows": d.rows_count,
                "source": d.source,
                "licence": d.licence,
                "received_at": d.received_at,
            }
            for d in run.known
        ],
        "outputs": outputs,
        "checks": {
            "rules": len(checks),
            "passed": len(checks) - len(failed),
            "warnings": [f"{c['table']}: {c['rule']}" for c in failed],
        },
    }


ASSETS = [release]
