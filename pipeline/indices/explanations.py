"""What each class of the last month hangs on: the nearest other class, how far it is, and the deliveries behind it.

Made from the published figures alone, so that no sentence gives away a figure that is rounded or withheld. Not here:
the sentences (sentences.py), and how sure a class is (uncertainty.py).
"""

from dataclasses import asdict

import polars as pl

from pipeline.codes import IndexName, Kind
from pipeline.indices.frames import conform
from pipeline.indices.nearest import service_states
from pipeline.indices.security import counted
from pipeline.indices.sentences import explain_humanitarian, explain_security, explain_services
from pipeline.methods import Method

SEPARATOR = "; "
_SCHEMA = {
    "value": pl.Float64, "value_unit": pl.String, "class_now": pl.String, "nearest_class": pl.String,
    "distance": pl.Float64, "distance_unit": pl.String, "explanation": pl.String,
}  # fmt: skip


def _joined() -> pl.Expr:
    """The deliveries of a group as one text, sorted, each once; null where there is none."""
    ids = pl.col("delivery_id").drop_nulls().unique().sort()
    return pl.when(ids.len() > 0).then(ids.str.join(SEPARATOR)).alias("delivery_ids")


def _clash_deliveries(
    rows: pl.DataFrame, clashes: pl.DataFrame, deliveries: pl.DataFrame, method: Method, source_key: str
) -> pl.DataFrame:
    """adm3_pcode and delivery_ids: those of the clashes counted in the window.

    Without a clash the count rests on the silence of all that the leading source has delivered; where its silence
    does not mean zero (`in_conflict` is null) it rests on nothing.
    """
    window = pl.col("event_date").is_between(pl.lit(rows["period_start"][0]), pl.lit(rows["period_end"][0]))
    events = counted(clashes, method).filter(pl.col("source_key") == source_key, window)
    silent = deliveries.filter(pl.col("source_key") == source_key, pl.col("kind") == Kind.CLASHES.value).select(
        _joined()
    )
    of_clashes = events.group_by("adm3_pcode").agg(_joined())
    return rows.join(of_clashes, on="adm3_pcode", how="left", validate="1:1").select(
        "adm3_pcode",
        pl.when(pl.col("in_conflict").not_()).then(pl.lit(silent.item(), pl.String)).otherwise("delivery_ids")
        .alias("delivery_ids"),
    )  # fmt: skip


def explanations(
    index: pl.DataFrame,
    humanitarian: pl.DataFrame,
    services: pl.DataFrame,
    clashes: pl.DataFrame,
    deliveries: pl.DataFrame,
    method: Method,
    source_key: str,
) -> pl.DataFrame:
    """published.explanations of one method at the last month of `index` (published.township_index).

    Of indices.humanitarian and indices.services only the delivery in force is taken. One row per township and index.
    """
    mine = index.filter(pl.col("method") == method.name)
    rows = mine.filter(pl.col("month") == pl.col("month").max()).sort("adm3_pcode")
    cut = method.thresholds(source_key).security_high.value
    states = service_states(method)
    cumulative = method.window_months is None
    each, led = list(rows.iter_rows(named=True)), bool(source_key)
    said = {
        IndexName.SECURITY: [explain_security(row, cut, cumulative, led) for row in each],
        IndexName.HUMANITARIAN: [explain_humanitarian(row, method.idps_high.value, led) for row in each],
        IndexName.SERVICES: [explain_services(row, method.services_severe.value, states, led) for row in each],
    }
    month = rows["month"].max()
    behind = {
        IndexName.SECURITY: _clash_deliveries(rows, clashes, deliveries, method, source_key),
        **{
            name: frame.filter(pl.col("method") == method.name, pl.col("month") == month).select(
                "adm3_pcode", pl.col("delivery_id").alias("delivery_ids")
            )
            for name, frame in ((IndexName.HUMANITARIAN, humanitarian), (IndexName.SERVICES, services))
        },
    }
    parts = [
        pl.concat(
            [
                rows.select("method", "month", "adm3_pcode", pl.lit(name.value).alias("index_name")),
                pl.DataFrame([asdict(one) for one in made], schema=_SCHEMA),
            ],
            how="horizontal",
        ).join(behind[name], on="adm3_pcode", how="left", validate="1:1")
        for name, made in said.items()
    ]
    return conform(pl.concat(parts), "published.explanations")
