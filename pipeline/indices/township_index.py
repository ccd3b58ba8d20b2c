"""The published index: one row per method, month and township, from the indices side by side.

Not here: any merging of the three indices into one; the profile of three is the result.
"""

from collections.abc import Sequence
from datetime import date

import polars as pl

from pipeline.declare.codes import UNREACHED, Profile
from pipeline.declare.indices import BY_CUT, INDICES
from pipeline.declare.methods import Method
from pipeline.indices.control import with_states
from pipeline.indices.cut_class import published_columns
from pipeline.indices.disclosure import disclose
from pipeline.indices.evidence import evidence_grades
from pipeline.indices.frames import SHARE_DECIMALS, conform, join_all
from pipeline.indices.humanitarian import displacement_change
from pipeline.indices.run_context import RunContext, makes
from pipeline.indices.shown import is_reported, with_shown
from pipeline.indices.signals import signal_of

_TABLE = "published.township_index"


def township_index(
    security: pl.DataFrame,
    humanitarian: pl.DataFrame,
    services: pl.DataFrame,
    control: pl.DataFrame,
    clashes: pl.DataFrame,
    townships: pl.DataFrame,
    method: Method,
    source_key: str,
    unallocated: pl.DataFrame,
    settled_until: date | None = None,
    in_lag: pl.Expr | None = None,
    profile: Profile = Profile.PUBLIC,
    *,
    signals: pl.DataFrame,
    others: Sequence[pl.DataFrame] = (),
) -> pl.DataFrame:
    """published.township_index of one method: the indices joined 1:1, with names, evidence grade and control states.

    `others` are the tables of the indices that are made by one cut, in the order of BY_CUT.

    A month that ends after `settled_until` is provisional; without it none is. `in_lag` says which months are in the
    publication lag, where only what got worse can be told; without it none is.
    Displaced people stand as `disclosure` says of the profile: rounded, but for an internal release.
    `clashes` (all sources), the leading `source_key` and its `unallocated` events (records.unallocated_events) are
    needed for the grade and the age of the data. Without evidence that a count of none means quiet there is no
    security score and no probability.
    Raises AccountingError when the indices do not hold the same rows.
    """
    frame = security.filter(pl.col("method") == method.name)
    grades = evidence_grades(security, humanitarian, services, control, clashes, method, source_key, unallocated)
    dated = humanitarian.rename({"reference_date": "idps_reference_date"})
    for index, dropped, what in (
        (dated, ["delivery_id"], "humanitarian"),
        (services, ["survey_date", "delivery_id"], "services"),
        (control, ["reference_date"], "control"),
        (grades, ["clash_sources_count"], "grades"),
        (signals, [], "signals"),
    ):
        mine = index.filter(pl.col("method") == method.name).drop(dropped)
        frame = join_all(frame, mine, f"security and {what}")
    for spec, index in zip(BY_CUT, others, strict=True):
        mine = index.filter(pl.col("method") == method.name)
        frame = join_all(frame, published_columns(_TABLE, mine, frame.columns), f"security and {spec.name}")
    names = townships.select("adm3_pcode", "adm3_name", "adm1_name", "state_region")
    named = frame.join(names, on="adm3_pcode", how="left", validate="m:1")
    provisional = pl.col("period_end") > pl.lit(settled_until, pl.Date) if settled_until else pl.lit(False)
    lagging = pl.lit(False) if in_lag is None else in_lag
    named = with_states(named.with_columns(provisional.alias("provisional"), lagging.alias("in_publication_lag")))
    found = with_shown(disclose(named, method, profile), method).join(
        townships.select("adm3_pcode", "population_persons"), on="adm3_pcode", how="left", validate="m:1"
    )
    reached = (pl.col("clashes_12m_count") > 0) | is_reported(method)
    # Of the figure as shown: of an exact one the share would give it back.
    share = (pl.col("idps_persons") / pl.col("population_persons")).clip(upper_bound=1).round(SHARE_DECIMALS)
    return conform(
        found.sort("adm3_pcode", "month").with_columns(
            *(
                pl.when(~pl.col("security_shown").is_in(UNREACHED)).then(name).alias(name)
                for name in ("security_score", "security_high_probability")
            ),
            signal_of(reached, pl.col("in_publication_lag")).alias("signal"),
            pl.when(pl.col("population_persons") > 0).then(share).alias("idps_population_share"),
            displacement_change(["adm3_pcode"]).alias("displacement_change"),
        ),
        _TABLE,
    )


@makes(
    _TABLE,
    reads=(
        *(f"indices.{spec.name}" for spec in INDICES),
        "indices.control",
        "indices.signals",
        "records.clash_days",
        "records.unallocated_events",
        "records.townships",
    ),
    checked_against=("indices.security",),
)
def township_index_table(run: RunContext, *tables: pl.DataFrame) -> pl.DataFrame:
    *parts, clashes, coarse, townships = tables

    def of(method: Method) -> pl.DataFrame:
        security, displaced, services, *others, control, signals = (
            part.filter(pl.col("method") == method.name) for part in parts
        )
        return township_index(
            security, displaced, services, control, clashes, townships, method, run.clash_source, coarse,
            settled_until=run.settled_until, in_lag=run.in_lag(method), profile=run.profile, signals=signals,
            others=others,
        )  # fmt: skip

    return run.each(of)


MADE = (township_index_table,)
