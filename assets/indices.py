"""Index assets: every method of the run, every month, all 330 townships in one pass."""

from collections.abc import Callable

import polars as pl
from dagster import AssetsDefinition, MaterializeResult

from assets.audit import store, table_asset
from assets.context import IndexRun
from pipeline.analysis.event_matching import event_matches
from pipeline.declare.methods import Method
from pipeline.indices.control import control
from pipeline.indices.humanitarian import humanitarian
from pipeline.indices.security import security
from pipeline.indices.services import services
from pipeline.records.parsing import trusted_silence
from pipeline.storage import deliveries as landed
from pipeline.storage.lead_source import uncovered


def _security(run: IndexRun, method: Method) -> pl.DataFrame:
    read = run.warehouse.read
    return security(
        read("records.clashes"), read("records.townships"), method, run.last_day, run.clash_source, run.clash_absence,
        uncovered(run.clash_deliveries),
    )  # fmt: skip


def _humanitarian(run: IndexRun, method: Method) -> pl.DataFrame:
    read = run.warehouse.read
    known = trusted_silence(landed.as_frame(run.known), read("records.set_aside"))
    return humanitarian(
        read("records.displacement"), _of(read("indices.security"), method), known, read("records.townships"), method,
        run.last_day,
    )  # fmt: skip


def _services(run: IndexRun, method: Method) -> pl.DataFrame:
    read, known = run.warehouse.read, landed.as_frame(run.known)
    return services(
        read("records.services"), _of(read("indices.security"), method), known, read("records.townships"), method,
        run.last_day,
    )  # fmt: skip


def _control(run: IndexRun, method: Method) -> pl.DataFrame:
    read, known = run.warehouse.read, landed.as_frame(run.known)
    return control(read("records.control"), read("records.townships"), method, known, run.last_day)


def _of(frame: pl.DataFrame, method: Method) -> pl.DataFrame:
    return frame.filter(pl.col("method") == method.name)


def _index(
    name: str, compute: Callable[[IndexRun, Method], pl.DataFrame], reads: tuple[str, ...], description: str
) -> AssetsDefinition:
    table = f"indices.{name}"

    @table_asset(
        table, group="indices", deps=(*reads, "records.townships", "records.accounts"), description=description
    )
    def index(run: IndexRun) -> MaterializeResult:
        frame = pl.concat([compute(run, method) for method in run.methods])
        security = [read for read in reads if read == "indices.security"]
        facts = {
            "as_of": run.knowledge_date,
            "cumulative_methods": run.cumulative_methods,
            "related": {read: run.warehouse.read(read) for read in security},
        }
        return store(run, table, frame, facts)

    return index


@table_asset(
    "indices.event_matches",
    group="indices",
    deps=("records.clashes", "records.accounts"),
    description="Clashes of two sources that may be the same; no row where one source was delivered.",
)
def matches(run: IndexRun) -> MaterializeResult:
    frame = event_matches(run.warehouse.read("records.clashes"), run.last_day)
    return store(run, "indices.event_matches", frame, {"as_of": run.knowledge_date})


ASSETS = [
    _index("security", _security, ("records.clashes",), "Security Index: clashes per township, class, score, P(high)."),
    _index(
        "humanitarian",
        _humanitarian,
        ("records.displacement", "indices.security"),
        "Humanitarian Crisis Index: newest displacement report in force, on its stated basis.",
    ),
    _index(
        "services",
        _services,
        ("records.services", "indices.security"),
        "Public Service Provision Index: loss over five items with bounds for the unknown ones.",
    ),
    _index("control", _control, ("records.control",), "Observed controller in force per township."),
    matches,
]
