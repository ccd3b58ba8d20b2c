"""Reading what a neutral brief needs: the latest release of a home, and counts from the analysts' snapshot.

Of the snapshot only counts by township, class and span of days go on. The disclosure rules of a public release are
applied again, so that a brief from an internal release says no more than one from a public one.
"""

import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.declare.codes import Absence
from pipeline.declare.errors import UnusableInput
from pipeline.declare.settings import Home
from pipeline.declare.sources import CITED, family
from pipeline.declare.tables import TABLES
from pipeline.indices.disclosure import is_small, shown_persons
from pipeline.neutral_brief import request as asking
from pipeline.neutral_brief.counts import chain, covered, event_counts, recorded_classes
from pipeline.neutral_brief.request import Asked, Cuts, Facts, Material, Wanted, spans
from pipeline.sources import BY_KEY
from pipeline.storage import saved_methods
from pipeline.storage.latest import MANIFEST

_TABLES = (
    "townships", "township_index", "neighbours", "national_summary", "actor_dialogue", "deliveries",
    "township_month_events",
)  # fmt: skip
# Compared between release and snapshot; together they change with any record, period or method that counts here.
_SAME_RUN = ("deliveries", "national_summary", "township_index", "township_month_events")


def read(place: Home, wanted: Wanted) -> Material:
    """The material of a brief.

    Raises UnusableInput where nothing was published, options cannot be used, or release and snapshot are not of the
    same run.
    """
    if bool(wanted.townships.strip()) == bool(wanted.corridor.strip()):
        raise UnusableInput("a brief needs --townships CODES or --corridor FROM,TO, and not both")
    manifest, tables = _release(place)
    snapshot = _snapshot(place)
    _require_same_run(place, tables, snapshot)
    method = manifest["method"]
    summary = tables["national_summary"].filter(pl.col("method") == method).sort("month")
    source_key = summary["clash_source"][-1] or ""
    own = snapshot["records.deliveries"].filter(pl.col("source_key") == source_key)
    if not source_key or own.is_empty():
        raise UnusableInput(f"{place.root}: the release has no source of clashes; deliver one and run again")
    last = date.fromisoformat(manifest["period_end"])
    stretches = covered(
        tables["deliveries"].filter(pl.col("source_key") == source_key, pl.col("kind") == "clashes"), last
    )
    if not stretches:
        raise UnusableInput(f"{place.root}: the clash records of {source_key} bear no dates; run again")
    first_state = summary["period_end"][0]
    start, end = asking.period(wanted.start, wanted.end, stretches[0][0], first_state, last)
    asked = _asked(wanted, tables, start, end)
    # Where the source says that it covers a part of the country, the index knows nothing of the silent rest.
    whole = tables["township_index"].filter(pl.col("method") == method)["in_conflict"].null_count() == 0
    absence = Absence.ZERO if set(own["absence_means"]) == {str(Absence.ZERO)} and whole else Absence.UNKNOWN
    clashes = _with_counts(snapshot["records.clashes"]).filter(
        pl.col("source_key") == source_key, pl.col("event_date") <= last
    )
    rows, recorded = spans(start, end), recorded_classes(clashes)
    state_month, state_day = summary.filter(pl.col("period_end") <= end).select("month", "period_end").row(-1)
    return Material(
        asked=asked,
        facts=_facts(manifest, tables),
        cuts=_cuts(place, manifest, source_key),
        spans=rows,
        events=event_counts(clashes, asked.codes, rows, stretches, absence, recorded),
        clash_source=_title(tables["deliveries"], source_key),
        silence_is_zero=absence == Absence.ZERO,
        lethal_only=family(source_key) in BY_KEY and BY_KEY[family(source_key)].lethal_only,
        recorded=recorded,
        provisional_from=_provisional_from(summary, end),
        places=tables["townships"].sort("adm3_pcode"),
        neighbours=_around(asked.codes, tables["neighbours"]),
        state=_state(tables, method, state_month),
        state_day=state_day,
        sources=_sources(manifest, tables["deliveries"]),
        dialogue=tables["actor_dialogue"].sort("counterpart", "actor"),
    )


def _with_counts(clashes: pl.DataFrame) -> pl.DataFrame:
    """Records of a run before tallies: each of them is one event."""
    return (
        clashes
        if "events_count" in clashes.columns
        else clashes.with_columns(pl.lit(1, pl.Int64).alias("events_count"))
    )


def _release(place: Home) -> tuple[dict[str, Any], dict[str, pl.DataFrame]]:
    """Manifest and tables of the latest release, from one folder: `latest` may move to another meanwhile."""
    folder = place.latest.resolve()
    if not (folder / MANIFEST).is_file():
        if place.internal.is_dir():
            raise UnusableInput(
                f"{place.root}: this home holds internal releases alone, and a brief is made from "
                "a public one; start `township-index run` with the profile public first"
            )
        raise UnusableInput(
            f"{place.root}: nothing was published in this home yet; start `township-index run` first (with --sample "
            "to see an invented one)"
        )
    return json.loads((folder / MANIFEST).read_text(encoding="utf-8")), {
        name: _table(folder / "tables" / f"{name}.parquet", name) for name in _TABLES
    }


def _table(path: Path, name: str) -> pl.DataFrame:
    """A published table with its declared columns; a damaged or older one is told with the remedy."""
    try:
        return pl.read_parquet(path, glob=False, hive_partitioning=False).select(TABLES[f"published.{name}"].columns)
    except (OSError, pl.exceptions.PolarsError) as error:
        cause = str(error).splitlines()[0]
        raise UnusableInput(f"{path}: cannot be read ({cause}); run again to publish the release anew") from error


def _snapshot(place: Home) -> dict[str, pl.DataFrame]:
    from pipeline.storage.warehouse import read_snapshot

    names = ["records.clashes", "records.deliveries", *(f"published.{name}" for name in _SAME_RUN)]
    return {name: read_snapshot(place.analysts_database, name) for name in names}


def _require_same_run(place: Home, tables: dict[str, pl.DataFrame], snapshot: dict[str, pl.DataFrame]) -> None:
    """Raise UnusableInput where the release and the snapshot tell of different runs: their numbers would not agree."""
    for name in _SAME_RUN:
        key = TABLES[f"published.{name}"].key
        columns = list(TABLES[f"published.{name}"].columns)
        other = snapshot[f"published.{name}"]
        if set(columns) - set(other.columns) or not tables[name].sort(key).equals(other.select(columns).sort(key)):
            raise UnusableInput(
                f"{place.analysts_database} is not of the same run as the release {place.latest.resolve().name} (table "
                f"{name} differs); wait until a run that is going on has ended, or run again"
            )


def _asked(wanted: Wanted, tables: dict[str, pl.DataFrame], start: date, end: date) -> Asked:
    places = tables["townships"]
    if not wanted.corridor.strip():
        return Asked(asking.chosen(wanted.townships, places), start, end)
    from geo.neighbours import centres

    first, last = asking.ends(wanted.corridor, places)
    pairs = tables["neighbours"].select("adm3_pcode", "neighbour_pcode").iter_rows()
    codes, length = chain(first, last, pairs, centres(places))
    asking.require_few(codes, "--corridor")
    return Asked(codes, start, end, length)


def _provisional_from(summary: pl.DataFrame, end: date) -> date | None:
    found = summary.filter(pl.col("provisional"), pl.col("month") <= end)["month"].min()
    return found if isinstance(found, date) else None


def _around(codes: tuple[str, ...], neighbours: pl.DataFrame) -> tuple[str, ...]:
    """The neighbours of the townships that are not among them."""
    beside = neighbours.filter(pl.col("adm3_pcode").is_in(list(codes)))["neighbour_pcode"].unique().to_list()
    return tuple(sorted(set(beside) - set(codes)))


def _state(tables: dict[str, pl.DataFrame], method: str, month: date) -> pl.DataFrame:
    """The township's row of the month, with displaced people as the public may see them."""
    persons = pl.col("idps_persons")
    own = tables["township_index"].filter(pl.col("method") == method, pl.col("month") == month)
    return own.with_columns(
        idps_suppressed=pl.col("idps_suppressed") | is_small(persons),
        idps_persons=pl.when(~pl.col("idps_suppressed")).then(shown_persons(persons)),
    ).sort("adm3_pcode")


def _facts(manifest: dict[str, Any], tables: dict[str, pl.DataFrame]) -> Facts:
    return Facts(
        release_id=manifest["release_id"],
        synthetic=manifest["synthetic"],
        schematic=any(str(text).startswith("schematic") for text in tables["townships"]["boundary_source"].unique()),
        method=manifest["method"],
        period_end=date.fromisoformat(manifest["period_end"]),
        as_of=date.fromisoformat(manifest["as_of"]) if manifest.get("as_of") else None,
        code_version=manifest["code_version"],
    )


def _cuts(place: Home, manifest: dict[str, Any], source_key: str) -> Cuts:
    """Raise UnusableInput where a saved method was changed since the release: its codes would be explained wrongly."""
    name = manifest["method"]
    method = next(one for one in saved_methods.of_run(place, name) if one.name == name)
    if method.saved and json.loads(json.dumps(saved_methods.as_facts(method))) != manifest.get("saved_method"):
        raise UnusableInput(f"the saved method {name} was changed since the release was made; run again")
    return Cuts(
        clashes=round(method.thresholds(source_key).security_high.value),
        services_share=method.services_severe.value,
        window_start=method.window_start if method.window_months is None else None,
        window_months=method.window_months,
    )


def _title(deliveries: pl.DataFrame, source_key: str) -> str:
    return str(deliveries.filter(pl.col("source_key") == source_key).sort("delivery_id")["source"][0])


def _sources(manifest: dict[str, Any], deliveries: pl.DataFrame) -> pl.DataFrame:
    """One row per delivery with its citation and checksum, and one per source of ours: shapes, lists, dialogue."""
    sums = {one["delivery_id"]: one["sha256"] for one in manifest["inputs"]}
    stated = [BY_KEY[family(key)].statement if family(key) in BY_KEY else "" for key in deliveries["source_key"]]
    fixed = [BY_KEY["reference"]]
    if not any(str(one["kind"]) == "boundaries" for one in manifest["inputs"]):
        fixed.append(BY_KEY["schematic"])
    rows = deliveries.select("source", "licence", "received_at", "first_date", "last_date", "delivery_id").with_columns(
        citation=pl.Series(stated, dtype=pl.String),
        sha256=pl.Series([sums.get(one, "") for one in deliveries["delivery_id"]], dtype=pl.String),
    )
    quoted = [one for one in CITED if "actor_dialogue" in one.tables]
    ours = pl.DataFrame(
        [
            *({"source": one.title, "licence": one.licence, "citation": one.statement} for one in fixed),
            *({"source": one.title, "licence": one.licence, "citation": one.citation} for one in quoted),
        ]
    )
    return pl.concat([rows, ours], how="diagonal").sort("source", "received_at", "delivery_id", nulls_last=True)
