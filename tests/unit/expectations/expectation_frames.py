"""Small invented frames that satisfy every suite, built from the declarations, and the facts beside them.

The world: 330 townships in 15 regions, two months, one cumulative method. Every third township is out of
conflict.
"""

from datetime import date

import polars as pl

from expectations import Facts
from pipeline.declare.codes import Metric, Predictor, Signal
from pipeline.declare.tables import TABLES, Table

CODES = tuple(f"MMR{region:03d}{i:03d}" for region in range(1, 16) for i in range(1, 23))
MONTHS = (date(2023, 10, 1), date(2023, 11, 1))
ENDS = (date(2023, 10, 31), date(2023, 11, 26))
METHOD = "isp-2023"
AS_OF = date(2023, 12, 5)
DELIVERY = "0123456789abcdef"
POLARS = {
    "VARCHAR": pl.String,
    "BIGINT": pl.Int64,
    "DOUBLE": pl.Float64,
    "DATE": pl.Date,
    "BOOLEAN": pl.Boolean,
    "BLOB": pl.Binary,
}
DEFAULTS = {
    "VARCHAR": "text",
    "BIGINT": 1,
    "DOUBLE": 1.0,
    "DATE": date(2023, 10, 1),
    "BOOLEAN": True,
    "BLOB": b"shape",
}
BY_NAME = {
    "conflicting_records_count": 0,
    "adm3_pcode": CODES[0],
    "adm2_pcode": "MMR001D001",
    "adm1_pcode": "MMR001",
    "delivery_id": DELIVERY,
    "row_number": 2,
    "month": MONTHS[0],
    "event_date": date(2023, 10, 5),
    "event_date_end": date(2023, 10, 6),
    "method": METHOD,
    "state_region": "Region 001",
    "population_persons": 160_000,
    "received_at": date(2023, 11, 28),
}


def declared(table: Table, rows: int = 1, **columns: object) -> pl.DataFrame:
    """A frame of the table with every column filled by its declaration, except those given."""
    data = []
    for spec in table.specs:
        value = columns.get(spec.name, BY_NAME.get(spec.name, spec.values[0] if spec.values else DEFAULTS[spec.type]))
        if spec.name not in columns and spec.name not in BY_NAME and spec.high is not None:
            value = min(spec.high, value)
        values = value if isinstance(value, list) else [value] * rows
        data.append(pl.Series(spec.name, values, dtype=POLARS[spec.type], strict=False))
    return pl.DataFrame(data)


def region_of(code: str) -> str:
    return f"Region {code[3:6]}"


def townships(full_name: str = "published.townships") -> pl.DataFrame:
    return declared(
        TABLES[full_name],
        330,
        adm3_pcode=list(CODES),
        adm1_pcode=[c[:6] for c in CODES],
        adm2_pcode=[f"{c[:6]}D001" for c in CODES],
        state_region=[region_of(c) for c in CODES],
        area_km2=2_050.0,
    )


def township_index() -> pl.DataFrame:
    frames = []
    for month, (start, end) in enumerate(zip(MONTHS, ENDS, strict=True)):
        place = range(330)
        clashes = [0 if i % 3 == 0 else i % 20 + 1 + month for i in place]
        inside = [n > 0 for n in clashes]
        rank = {n: 1 + sum(other > n for other in clashes) for n in set(clashes)}
        idps = [[None, 0, 500, 40_000][i % 4] for i in place]
        # Every quiet township has a survey: it is reported, but where displaced people live.
        quiet = ["hosting_displaced" if n else "reported_quiet" for n in idps]
        host = [not c and word == "hosting_displaced" for c, word in zip(inside, quiet, strict=True)]
        frames.append(
            declared(
                TABLES["published.township_index"],
                330,
                adm3_pcode=list(CODES),
                month=start,
                period_start=date(2021, 2, 1),
                period_end=end,
                state_region=[region_of(c) for c in CODES],
                in_conflict=inside,
                clashes_count=clashes,
                clashes_month_count=[min(n, 1) for n in clashes],
                clashes_3m_count=[min(n, 2) for n in clashes],
                clashes_12m_count=[min(n, 4) for n in clashes],
                signal="none",
                security_step=[0 if n == 0 else 3 if n >= 10 else 1 for n in clashes],
                security_shown=[
                    word if n == 0 else "high" if n >= 10 else "low" for n, word in zip(clashes, quiet, strict=True)
                ],
                services_shown=["lower" if c else word for c, word in zip(inside, quiet, strict=True)],
                humanitarian_shown=[
                    ("silent" if n is None else word)
                    if not c
                    else "no_data"
                    if n is None
                    else "high"
                    if n >= 10_000
                    else "low"
                    if n
                    else "no_new_idps"
                    for c, n, word in zip(inside, idps, quiet, strict=True)
                ],
                security_class=["not_in_conflict" if n == 0 else "high" if n >= 10 else "low" for n in clashes],
                security_score=[None if h else float(min(n, 50)) for n, h in zip(clashes, host, strict=True)],
                security_high_probability=[None if h else min(n / 30, 1) for n, h in zip(clashes, host, strict=True)],
                security_rank=[rank[n] for n in clashes],
                security_rank_low=[max(1, rank[n] - 20) for n in clashes],
                security_rank_high=[min(330, rank[n] + 120) for n in clashes],
                idps_persons=idps,
                idps_suppressed=False,
                idps_basis=[None if n is None else "stock" for n in idps],
                humanitarian_class=[
                    "not_in_conflict"
                    if not c
                    else "insufficient_data"
                    if n is None
                    else "high"
                    if n >= 10_000
                    else "low"
                    if n
                    else "no_new_idps"
                    for c, n in zip(inside, idps, strict=True)
                ],
                humanitarian_score=[None if n is None else min(n / 1000, 100.0) for n in idps],
                services_records_count=2,
                services_known_count=5,
                services_lost_score=0.5,
                services_lost_min=0.5,
                services_lost_max=0.5,
                services_score=50.0,
                services_certainty=["certain" if c else None for c in inside],
                displacement_class=[
                    "insufficient_data" if n is None else "none" if n == 0 else "high" if n >= 10_000 else "low"
                    for n in idps
                ],
                displacement_change="no_comparison"
                if month == 0
                else ["no_figure" if n is None else "unchanged" for n in idps],
                **{
                    f"services_class{which}": ["lower" if c else "not_in_conflict" for c in inside]
                    for which in ("", "_best", "_worst")
                },
                control_records_count=1,
                control_class="contested",
                exact_share=[0.6 if n else None for n in clashes],
                # Clashes, services and control, and displacement where it is given; a point each but for the clashes,
                # and points for exact clashes and age.
                reporting_share=[0.75 if n is None else 1.0 for n in idps],
                evidence_points_count=[4 if n is None else 5 for n in idps],
                evidence_grade=["B" if n is None else "A" for n in idps],
                control_by_security=["lost" if n >= 10 else "held" for n in clashes],
                control_by_administration="held",
                control_by_observation="contested",
                provisional=False,
                in_publication_lag=False,
            )
        )
    return pl.concat(frames)


# A township of which the state and the resistance each hold a part, and nobody knows of a tenth.
SHARES = {"state_share": 0.2, "contested_share": 0.6, "resistance_share": 0.1, "other_share": 0.0, "unknown_share": 0.1}


def township_control() -> pl.DataFrame:
    """Contested everywhere, as township_index says, by one record of each month's first day; two towns, one lost."""
    said = township_index().select("method", "month", "adm3_pcode", "period_end", "control_records_count")
    return said.with_columns(
        pl.lit("contested").alias("controller"),
        *(pl.lit(share).alias(name) for name, share in SHARES.items()),
        pl.lit("text").alias("control_source"), pl.col("month").alias("control_date"),
        pl.lit(0, pl.Int64).alias("conflicting_records_count"), pl.lit(2, pl.Int64).alias("towns_recorded_count"),
        pl.lit(1, pl.Int64).alias("towns_lost_count"),
    ).select(TABLES["published.township_control"].columns)  # fmt: skip


def town_control() -> pl.DataFrame:
    """Two months: in every region a town in each of the four hands."""
    rows = [
        {"month": month, "period_end": end, "scope": scope, "controller": side, "towns_count": 15 if first else 1}
        for month, end in zip(MONTHS, ENDS, strict=True)
        for first, scope in [(True, "national"), *((False, f"Region {r:03d}") for r in range(1, 16))]
        for side in ("state", "contested", "resistance", "other")
    ]
    frame = pl.DataFrame(rows).with_columns(pl.col("month").alias("newest_event_date"))
    return frame.select(TABLES["published.town_control"].columns)


def index(full_name: str) -> pl.DataFrame:
    """One of the four index tables, cut from the township table."""
    table = TABLES[full_name]
    if full_name == "indices.signals":
        own = {
            c: township_index()[c].to_list() for c in ("adm3_pcode", "month", "clashes_3m_count", "clashes_12m_count")
        }
        return declared(table, 660, **own, **SIGNALS, is_onset=False, is_lull=False)
    whole = township_index().with_columns(
        pl.col("month").alias("reference_date"),
        pl.col("month").alias("survey_date"),
        pl.lit("yes").alias("police_station"),
        pl.lit("yes").alias("gad_office"),
        pl.lit(DELIVERY).alias("delivery_id"),
        pl.lit("text").alias("control_source"),
        pl.lit(0, pl.Int64).alias("conflicting_records_count"),
        *(pl.lit(share).alias(name) for name, share in SHARES.items()),
    )
    if full_name == "indices.humanitarian":
        whole = whole.with_columns(delivery_id=pl.when(pl.col("idps_persons").is_not_null()).then("delivery_id"))
    return whole.select(table.columns)


COUNTED: dict[str, object] = {
    "rows_count": 3, "rows_used_count": 2, "rows_set_aside_count": 1, "rows_contradicted_count": 0,
}  # fmt: skip


def summary(full_name: str) -> pl.DataFrame:
    """National or regional summary, counted independently of the code under test."""
    table, groups = TABLES[full_name], list(TABLES[full_name].key)
    rows = []
    for key, part in township_index().group_by(groups, maintain_order=True):

        def n(column: str, value: object, part: pl.DataFrame = part) -> int:
            return part.filter((pl.col(column) == value) & pl.col("in_conflict")).height

        total, inside, high = part.height, n("in_conflict", True), n("security_class", "high")
        rows.append(
            dict(zip(groups, key, strict=True))
            | {
                "period_start": part["period_start"][0],
                "period_end": part["period_end"][0],
                "townships_count": total,
                "in_conflict_count": inside,
                "in_conflict_share": inside / total,
                "security_high_count": high,
                "security_low_count": n("security_class", "low"),
                "security_high_expected": part["security_high_probability"].sum(),
                "security_high_low": 0,
                "security_high_high": total,
                "humanitarian_high_count": n("humanitarian_class", "high"),
                "humanitarian_low_count": n("humanitarian_class", "low"),
                "humanitarian_no_new_count": n("humanitarian_class", "no_new_idps"),
                "humanitarian_insufficient_count": n("humanitarian_class", "insufficient_data"),
                "services_severe_count": 0,
                "services_severe_certain_count": 0,
                "services_severe_likely_count": 0,
                "services_severe_known_share": 0.0,
                "services_lower_count": n("services_class", "lower"),
                "services_insufficient_count": 0,
                "services_severe_low": 0,
                "services_severe_high": 0,
                "clashes_count": sum(part["clashes_count"]),
                **{
                    name: part[name].sum()
                    for name in (
                        "clashes_month_count",
                        "clashes_3m_count",
                        "clashes_12m_count",
                        "fatalities_persons",
                        "fatalities_low_persons",
                        "fatalities_high_persons",
                    )
                },
                "clashes_possible_count": 3,
                **{f"security_step_{s}_count": (part["security_step"] == s).sum() for s in range(5)},
                **{f"signal_{name}_count": (part["signal"] == name).sum() for name in Signal},
                "alerts_false_expected": 1.5,
                "idps_persons": sum(v for v in part["idps_persons"] if v is not None),
                "idps_reporting_count": sum(v is not None for v in part["idps_persons"]),
                "reporting_share": sum(part["reporting_share"]) / total,
                **{f"evidence_{g.lower()}_count": sum(v == g for v in part["evidence_grade"]) for g in "ABCD"},
                "control_lost_townships_share": high / total,
                "control_lost_area_share": high / total,
                "control_lost_population_share": high / total,
                "in_conflict_estimate": inside + 1.5,
                "in_conflict_estimate_low": inside + 0.5,
                "in_conflict_estimate_high": inside + 9.0,
                "clashes_unallocated_count": 5,
                "provisional": False,
                "in_publication_lag": False,
                "clash_source": "canonical_clashes:text",
            }
        )
    schema = {spec.name: POLARS[spec.type] for spec in table.specs}
    return pl.DataFrame(rows, schema=schema)


def explanations() -> pl.DataFrame:
    """Of the last month: one clash, ten people or half an item from the class above, or below from the highest."""
    rows = []
    above = {
        "security": {"not_in_conflict": "low", "low": "high", "high": "low"},
        "humanitarian": {"not_in_conflict": "low", "no_new_idps": "low", "low": "high", "high": "low"},
        "services": {"not_in_conflict": "lower", "lower": "severe"},
    }
    steps = {"security": (1.0, "clashes"), "humanitarian": (10.0, "displaced people"), "services": (0.5, "items")}
    figures = {"security": "clashes_count", "humanitarian": "idps_persons", "services": "services_lost_score"}
    for row in township_index().filter(pl.col("month") == MONTHS[-1]).iter_rows(named=True):
        for index, figure in figures.items():
            now = row[f"{index}_class"]
            nearest = above[index].get(now)
            step, unit = (1.0, "clashes") if now == "not_in_conflict" else steps[index]
            rows.append(
                {name: row[name] for name in ("method", "month", "adm3_pcode")}
                | {
                    "index_name": index,
                    "value": row[figure],
                    "value_unit": unit,
                    "class_now": now,
                    "nearest_class": nearest,
                    "distance": None if nearest is None else -step if now == "high" else step,
                    "distance_unit": None if nearest is None else unit,
                    "explanation": "One more would change it.",
                    "delivery_ids": DELIVERY,
                }
            )
    table = TABLES["published.explanations"]
    return pl.DataFrame(rows, schema={spec.name: POLARS[spec.type] for spec in table.specs}, strict=False)


def territorial_control() -> pl.DataFrame:
    """The first month by the Security Index, then by administration: known and held in every township.

    By security a class of high is lost; what is lost there is what the administration says otherwise.
    """
    scopes = ["national"] + [f"Region {r:03d}" for r in range(1, 16)]
    totals = [330.0] + [22.0] * 15
    lost = township_index().filter((pl.col("month") == MONTHS[0]) & (pl.col("control_by_security") == "lost"))
    regions = [float(sum(region_of(code) == scope for code in lost["adm3_pcode"])) for scope in scopes[1:]]
    by_administration = declared(
        TABLES["published.territorial_control"],
        16,
        scope=scopes,
        basis="administration",
        lost_share=0.0,
        contested_share=0.0,
        held_share=1.0,
        unknown_share=0.0,
        lost_low=0.0,
        lost_high=0.0,
        lost_expected_share=None,
        lost_interval_low=None,
        lost_interval_high=None,
        lost_value=0.0,
        known_value=totals,
        compared_value=totals,
        differs_from_security_value=[float(lost.height), *regions],
        total_value=totals,
    )
    by_security = declared(
        TABLES["published.territorial_control"],
        16,
        scope=scopes,
        lost_share=0.5,
        contested_share=0.25,
        held_share=0.05,
        unknown_share=0.2,
        lost_low=0.5,
        lost_high=0.7,
        lost_expected_share=0.45,
        lost_interval_low=0.4,
        lost_interval_high=0.65,
        lost_value=[t / 2 for t in totals],
        known_value=[t * 0.8 for t in totals],
        compared_value=None,
        differs_from_security_value=None,
        total_value=totals,
    )
    return pl.concat([by_security, by_administration])


def revisions() -> pl.DataFrame:
    """Two editions of the first month, which is whole: in the earlier one a township of class high was unknown."""
    october = summary("published.national_summary").row(0, named=True)
    clashes = sum(township_index().filter(pl.col("month") == MONTHS[0])["clashes_month_count"])
    inside, high = october["in_conflict_count"], october["security_high_count"]
    return declared(
        TABLES["published.revisions"],
        2,
        edition_date=[date(2023, 11, 5), date(2023, 11, 28)],
        clashes_month_count=[clashes - 11, clashes],
        in_conflict_count=[inside - 1, inside],
        security_high_count=[high - 1, high],
        clashes_month_change=[None, 11],
        in_conflict_change=[None, 1],
        security_high_change=[None, 1],
        townships_reclassified_count=[None, 1],
        clashes_known_share=[(clashes - 11) / clashes, 1.0],
    )


# October has no year before it; from November on two clashes are an alert.
SIGNALS: dict[str, object] = {
    "clashes_year_maximum_count": [None] * 330 + [1] * 330,
    "alert_from_count": [None] * 330 + [2] * 330,
    "alert_false_probability": [None] * 330 + [0.02] * 330,
    "alert_p_value": [None] * 330 + [0.4] * 330,
    "is_alert": [None] * 330 + [False] * 330,
    "alert_confirmed": None,
    "quarter_p_value": [None] * 330 + [0.5] * 330,
    "quarter_change_class": ["no_comparison"] * 330 + ["limited_change"] * 330,
    "clashes_before_count": [None] * 330 + [3] * 330,
}


def township_changes() -> pl.DataFrame:
    """October has no month before; in November every township has as many clashes as in October, none or one."""
    whole = township_index()
    now = whole["clashes_month_count"].to_list()
    return declared(
        TABLES["published.township_changes"],
        660,
        **{
            c: whole[c].to_list()
            for c in ("adm3_pcode", "month", "period_end", "clashes_month_count", "provisional", "in_publication_lag")
        },
        clashes_previous_month_count=[None] * 330 + now[:330],
        change_p_value=[None] * 330 + [1.0] * 330,
        change_class=["no_comparison"] * 330 + ["limited_change"] * 330,
        is_onset=False,
        is_lull=False,
        **SIGNALS,
    )


def change_summary() -> pl.DataFrame:
    towns = [330] + [22] * 15
    return declared(
        TABLES["published.change_summary"],
        32,
        month=[month for month in MONTHS for _ in range(16)],
        period_end=[end for end in ENDS for _ in range(16)],
        scope=["national", *(f"Region {r:03d}" for r in range(1, 16))] * 2,
        townships_count=towns * 2,
        townships_compared_count=[0] * 16 + towns,
        rises_count=[None] * 16 + [0] * 16,
        falls_count=[None] * 16 + [0] * 16,
        changes_by_chance_expected=[None] * 16 + [0.0] * 16,
        onsets_count=0,
        lulls_count=0,
        alerts_count=[None] * 16 + [0] * 16,
        provisional=False,
        in_publication_lag=False,
    )


def neighbours() -> pl.DataFrame:
    """A ring in the order of the codes; the last place is an island, nearest to the first and to the one before."""
    ring = [(CODES[i], CODES[(i + 1) % 330]) for i in range(330)]
    pairs = sorted((*pair, "nearest" if CODES[-1] in pair else "border") for a, b in ring for pair in ((a, b), (b, a)))
    return pl.DataFrame(pairs, schema=["adm3_pcode", "neighbour_pcode", "neighbour_basis"], orient="row")


def hot_spots() -> pl.DataFrame:
    """In each month two hot spots, one cold, one outlier of each kind and one place where nothing can be said."""
    special = [
        ("high_high", "hot", 1.5, 3.0, 0.0002),
        ("low_high", "hot", -0.1, 2.0, 0.0002),
        ("low_low", "cold", 0.4, -2.5, 0.0004),
        ("high_low", "none", -0.5, 0.3, 0.0004),
        ("insufficient_data", "insufficient_data", None, None, None),
    ]
    rows = [*special, *[("not_significant", "none", 0.1, 0.2, 0.4)] * 325]
    cluster, spot, local, z, p = (list(column) for column in zip(*rows, strict=True))
    return pl.concat(
        declared(
            TABLES["published.hot_spots"], 330, month=month, adm3_pcode=list(CODES), local_morans_i=local,
            local_morans_p_value=p, local_cluster=cluster, getis_ord_z=z, getis_ord_p_value=p, hot_spot_class=spot,
        )
        for month in MONTHS
    )  # fmt: skip


def current_intensity() -> pl.DataFrame:
    """Two townships to expect clashes, one of which nothing is said, the others quiet; the same in each month."""

    def column(first: object, second: object, rest: object) -> list[object]:
        return [first, second, None, *[rest] * 327]

    return pl.concat(
        declared(
            TABLES["published.current_intensity"], 330, month=month, adm3_pcode=list(CODES),
            expected_clashes_next_3m=column(9.0, 1.5, 0.02), interval_low=column(2, 0, 0),
            interval_high=column(20, 4, 0), any_probability=column(0.99, 0.6, 0.02),
            four_or_more_probability=column(0.85, 0.1, 0.0), rank=column(1, 2, 3), rank_low=column(1, 1, 14),
            rank_high=column(2, 9, 322),
        )
        for month in MONTHS
    )  # fmt: skip


def scorecard() -> pl.DataFrame:
    """One month's statements of three months ahead, by every predictor and metric."""
    rows = [(str(predictor), str(metric)) for predictor in Predictor for metric in Metric]
    return declared(
        TABLES["published.scorecard"], len(rows), month=MONTHS[0], horizon_months=3, townships_count=330,
        predictor=[predictor for predictor, _ in rows], metric=[metric for _, metric in rows],
        value=[0.5 if predictor == "national_mean" else 0.9 for predictor, _ in rows],
    )  # fmt: skip


def autocorrelation() -> pl.DataFrame:
    return declared(
        TABLES["published.spatial_autocorrelation"], 2, month=list(MONTHS), townships_count=329, morans_i=0.5,
        morans_i_expected=-1 / 328, morans_i_p_value=0.001, permutations_count=999, local_permutations_count=9_999,
        hot_spots_count=2, cold_spots_count=1,
    )  # fmt: skip


def township_rates() -> pl.DataFrame:
    """2,050 km2 and 160,000 people in each place; smoothed half way between the raw and the national rate."""
    counts = township_index().select(
        "method", "month", "adm3_pcode", "clashes_count", "fatalities_persons", "idps_persons"
    )
    clashes, mean = pl.col("clashes_count"), pl.col("clashes_count").mean().over("month")
    return counts.select(
        "method",
        "month",
        "adm3_pcode",
        (clashes / 2.050).alias("clashes_per_1000_km2"),
        ((clashes + mean) / 2 / 2.050).alias("clashes_per_1000_km2_smoothed"),
        (clashes / 1.6).alias("clashes_per_100000_persons"),
        ((clashes + mean) / 2 / 1.6).alias("clashes_per_100000_persons_smoothed"),
        (pl.col("fatalities_persons") / 1.6).alias("fatalities_per_100000_persons"),
        (pl.col("idps_persons") / 1.6).alias("idps_per_100000_persons"),
    )


# The method itself, and each of two choices changed alone.
SCENARIOS = [f"events={events}; threshold={cut}" for events, cut in
             (("clash", "own"), ("clash", "one step lower"), ("all", "own"))]  # fmt: skip


def scenarios() -> pl.DataFrame:
    """Two choices of the Security Index in the first month: the cut moves every third township, the events one.

    The method itself gives the classes of township_index.
    """
    first = township_index().filter(pl.col("month") == MONTHS[0])
    return declared(
        TABLES["published.scenarios"],
        3,
        scenario=SCENARIOS,
        is_baseline=[True, False, False],
        worst_class_count=first.filter(pl.col("security_class") == "high").height,
        townships_moved_count=[0, 110, 1],
        scenario_control_share=[0.5, 0.6, 0.5],
        rank_shift_mean=[0.0, 0.0, 1.5],
    )


def robustness() -> pl.DataFrame:
    """Townships that the cut or the events move keep their class in two of the three scenarios, all others in three."""
    keys = township_index().select("method", "month", "adm3_pcode")
    place = pl.col("adm3_pcode").cum_count().over("month") - 1
    by_cut, by_events = place % 3 == 0, place == 1
    shares = {f"{index}_kept_share": 1.0 for index in ("humanitarian", "services")}
    counts = {f"{index}_scenarios_count": 3 for index in ("security", "humanitarian", "services")}
    texts = {f"{index}_changed_by": pl.lit(None, pl.String) for index in ("humanitarian", "services")}
    return keys.with_columns(
        pl.when(by_cut | by_events).then(0.666667).otherwise(1.0).alias("security_kept_share"),
        pl.when(by_cut)
        .then(pl.lit("threshold=one step lower"))
        .when(by_events)
        .then(pl.lit("events=all"))
        .alias("security_changed_by"),
        **shares,
        **counts,
        **texts,
    ).select(TABLES["published.robustness"].columns)


def sensitivity() -> pl.DataFrame:
    return declared(
        TABLES["published.sensitivity"],
        2,
        choice=["events", "threshold"],
        alternatives_count=1,
        scenarios_count=3,
        townships_moved_count=[1, 110],
        control_share_low=0.5,
        control_share_high=[0.5, 0.6],
    )


def good(full_name: str) -> pl.DataFrame:
    """A frame of that table that breaks no rule."""
    table = TABLES[full_name]
    spatial = {
        "published.neighbours": neighbours,
        "published.hot_spots": hot_spots,
        "published.current_intensity": current_intensity,
        "published.scorecard": scorecard,
        "published.spatial_autocorrelation": autocorrelation,
        "published.township_rates": township_rates,
    }
    if full_name in spatial:
        return spatial[full_name]()
    if table.name == "townships":
        return townships(full_name)
    if full_name == "published.township_index":
        return township_index()
    if full_name.startswith("indices.") and full_name != "indices.event_matches":
        return index(full_name)
    if table.name in ("national_summary", "region_summary"):
        return summary(full_name)
    special: dict[str, dict[str, object]] = {
        "records.displacement": {
            "rows": 330,
            "adm3_pcode": list(CODES),
            "row_number": list(range(2, 332)),
            "idps_new_persons": None,
            "idps_stock_persons": 1_000,
            "returnees_persons": 50,
        },
        "records.population": {"rows": 330, "adm3_pcode": list(CODES), "row_number": list(range(2, 332))},
        "records.accounts": {
            "rows_count": 4,
            "rows_used_count": 2,
            "rows_set_aside_count": 2,
            "rows_contradicted_count": 0,
        },
        "records.set_aside": {"reason": "superseded"},
        "records.repeated_rows": {"rows_count": 1, "reason": "superseded"},
        "records.unallocated_events": {"candidate_pcodes": f"{CODES[0]} {CODES[1]}"},
        "published.deliveries": {
            "rows_count": 3,
            "rows_used_count": 2,
            "rows_set_aside_count": 1,
            "rows_contradicted_count": 0,
        },
        "published.township_month_events": {
            "rows": 330,
            "adm3_pcode": list(CODES),
            "events_count": 3,
            "precise_count": 2,
            "event_class": "clash",
        },
        "indices.event_matches": {"source_a": "acled", "source_b": "ucdp_ged"},
        # Both hold 3 and 4 clashes, one of them the same: nine are estimated, with a variance of ten.
        "published.source_concordance": {
            "source_a": "acled",
            "source_b": "ucdp_ged",
            "months_count": 1,
            "township_months_count": 330,
            "both_count": 1,
            "only_a_count": 1,
            "only_b_count": 2,
            "neither_count": 326,
            "agreement_share": 327 / 330,
            "kappa": 0.4,
            "rank_correlation": 0.5,
            "events_a_count": 3,
            "events_b_count": 4,
            "matched_count": 1,
            "events_estimate": 9.0,
            "events_estimate_low": 6.6,
            "events_estimate_high": 22.3,
            "events_estimate_variance": 10.0,
            "events_estimate_without_chance": 19.0,
            "events_estimate_without_chance_low": 8.0,
            "events_estimate_without_chance_high": 60.0,
            "comparable": False,
        },
        "published.source_matches": {
            "source_a": "acled",
            "source_b": "ucdp_ged",
            "events_a_count": 3,
            "events_b_count": 4,
            "matched_count": 1,
        },
        # All townships, 200 of them stated under one in a hundred and 130 over 99.
        "published.reliability": {
            "rows": 3,
            "probability_bin": ["all", "below_1", "99_or_more"],
            "townships_count": [330, 200, 130],
            "probability_mean": [0.395, 0.005, 0.995],
            "second_high_count": [132, 2, 130],
            "second_high_share": [0.4, 0.01, 1.0],
            "calibration_error": 0.005,
        },
        "published.detection": {
            "rows": 2,
            "scope": ["national", "Region 001"],
            "townships_count": 22,
            "leading_clashes_count": 10,
            "second_clashes_count": 40,
            "detection_ratio": 0.25,
        },
        "records.signs": {
            "sign_basis": "lights_by_year",
            "service_item": "electricity",
            "sign_direction": None,
            "from_date": date(2023, 1, 1),
            "until_date": date(2023, 12, 31),
        },
        # Light that fell to a quarter where quiet townships kept all of theirs, and a list of the same township.
        "published.service_signs": {
            "rows": 2,
            "sign_basis": ["lights_by_year", "statement"],
            "service_item": ["electricity", "gad_office"],
            "from_date": date(2023, 1, 1),
            "until_date": date(2023, 12, 31),
            "sign_direction": "loss",
            "sign_strength": ["strong", "moderate"],
            "light_ratio": [0.25, None],
            "quiet_light_ratio": [1.0, None],
        },
        # Three days of a township: withheld, then 120 and 90 displaced people; new displacement on the last of them.
        "published.displacement_series": {
            "rows": 3,
            "reference_date": [date(2022, 6, 30), date(2022, 12, 31), date(2023, 6, 30)],
            "idps_stock_persons": [None, 120, 90],
            "idps_stock_suppressed": [True, False, False],
            "idps_stock_change_persons": [None, None, -30],
            "idps_new_persons": [None, None, 50],
            "idps_new_suppressed": False,
            "idps_new_change_persons": None,
        },
        "published.comparison": {"our_value": 3.0, "published_value": 1.0, "difference": 2.0},
        "records.control": {name: share for name, share in SHARES.items() if name != "unknown_share"},
        "records.deliveries": {"kind": "clashes", "reference_date": date(2023, 9, 30)},
    }
    if full_name == "published.territorial_control":
        return territorial_control()
    if full_name == "published.township_control":
        return township_control()
    if full_name == "published.town_control":
        return town_control()
    if full_name == "published.revisions":
        return revisions()
    if full_name == "published.explanations":
        return explanations()
    if full_name == "published.township_changes":
        return township_changes()
    if full_name == "published.change_summary":
        return change_summary()
    if full_name == "published.scenarios":
        return scenarios()
    if full_name == "published.robustness":
        return robustness()
    if full_name == "published.sensitivity":
        return sensitivity()
    if full_name not in special and set(table.key) == {"method", "month", "adm3_pcode"}:
        rows = township_index()
        shared = {name: rows[name].to_list() for name in table.columns if name in rows.columns}
        return declared(table, rows.height, **shared)
    given = dict(special.get(full_name, {}))
    return declared(table, int(given.pop("rows", 1)), **given)  # type: ignore[arg-type]


def events() -> pl.DataFrame:
    """Enough events of both months for the township table to be part of them."""
    one = good("published.township_month_events")
    return pl.concat([one.with_columns(pl.lit(month).alias("month")) for month in MONTHS])


def facts(**changed: object) -> Facts:
    given: dict[str, object] = {
        "codes": CODES,
        "as_of": AS_OF,
        "cumulative_methods": frozenset({METHOD}),
        "population": pl.DataFrame({"adm3_pcode": CODES, "population_persons": [160_000] * 330}),
        "rows_count": {DELIVERY: 330},
        "window_start": date(2021, 2, 1),
        "first_clash": date(2021, 2, 3),
        "last_clash": date(2023, 11, 26),
        "leading_ratio": 1.0,
        "published_figures": frozenset({"text"}),
    }
    return Facts(**(given | changed))  # type: ignore[arg-type]


# What tallies of one class and precision on one day have in every township.
TALLIED = {"event_date": "2022-03-04", "event_type": "clash", "geo_precision": "exact"}


def raw(format_name: str, rows: int = 330, **columns: object) -> pl.DataFrame:
    """A raw table of one delivery with a row per township."""
    data: dict[str, object] = {
        "delivery_id": [DELIVERY] * rows,
        "row_number": list(range(2, rows + 2)),
        "problem": [None] * rows,
        "adm3_pcode": [CODES[i % 330] for i in range(rows)],
        "id": [str(i) for i in range(rows)],
        "event_id": [str(i) for i in range(rows)],
        "event_id_cnty": [f"MMR{i}" for i in range(rows)],
        **{name: [word] * rows for name, word in TALLIED.items()},
        "latitude": ["21.5"] * rows,
        "longitude": ["96.1"] * rows,
    }
    data |= columns
    return pl.DataFrame(data, schema_overrides={"problem": pl.String})
