"""What each class of the last month hangs on: the nearest other class, how far it is, and the deliveries behind it.

Made from the published figures alone, so that no sentence gives away a figure that is rounded or withheld.

The other class that takes the least to reach: on a ladder of counts, and among the states of the five services. One
township's row of the published index -> the nearest other class of each index, in numbers and as a sentence.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import polars as pl

from pipeline.declare.codes import SERVICE_ITEMS, HumanitarianClass, IndexName, Kind, SecurityClass, ServicesClass
from pipeline.declare.columns import COLUMNS
from pipeline.declare.indices import BY_CUT, IndexSpec
from pipeline.declare.methods import ROUNDED_TO_PERSONS, SMALLEST_SHOWN_PERSONS, Method
from pipeline.indices.disclosure import withheld
from pipeline.indices.frames import SHARE_DECIMALS, conform
from pipeline.indices.run_context import RunContext, makes
from pipeline.indices.security import counted
from pipeline.indices.services import classes_by_state

UNKNOWN = ServicesClass.INSUFFICIENT_DATA.value


@dataclass(frozen=True)
class Rung:
    """A class and the counts that have it; `last` is None for the highest."""

    name: str
    first: int
    last: int | None


def ladder(names: tuple[str, str, str], cut: float) -> tuple[Rung, ...]:
    """Classes of a count, from the lowest: none at 0, low from 1 on, high from the cut on.

    A cut of one or less leaves no count for the class between, which then has no rung.
    """
    lowest, middle, highest = names
    high = max(math.ceil(cut), 1)
    rungs = (Rung(lowest, 0, 0), Rung(middle, 1, high - 1), Rung(highest, high, None))
    return tuple(rung for rung in rungs if rung.last is None or rung.last >= rung.first)


def nearest_rung(count: int, now: str, rungs: tuple[Rung, ...]) -> tuple[Rung, int]:
    """The rung nearest to `count` other than that of the class `now`, and how far it is; of two, the higher one.

    The class is given and not read off the count, for a count that was rounded may stand beyond the cut: the
    distance is then 0 and never points away from the rung. Raises ValueError for a class without a rung.
    """
    here = [rung.name for rung in rungs].index(now)
    found = [
        (rung, max(rung.first - count, 0) if place > here else min((rung.last or 0) - count, 0))
        for place, rung in enumerate(rungs)
        if place != here
    ]
    return min(reversed(found), key=lambda one: abs(one[1]))


@dataclass(frozen=True)
class ServiceState:
    """What can become of a township in conflict with so many items known and so much lost of them.

    `nearest` is the class that the smallest change among the known items gives, `halves` that change in halves of an
    item (below zero: less lost). Without a class, `needed` is the number of further items to be known until every
    answer gives one, and `nearest` the class if all answers give the same. `turning` is the least number of unknown
    items that could change a class; None where no answer could.
    """

    now: str
    nearest: str | None
    halves: int | None = None
    needed: int | None = None
    turning: int | None = None


def service_states(method: Method) -> dict[tuple[int, int], ServiceState]:
    """(items known, halves lost) -> what can become of it, by trying every state that can be reached.

    All moves are looked at: each known item may change by halves between in place and lost, so the sum takes every
    value from 0 to 2 for each known item; each unknown one may prove in place, half lost or lost.
    """
    classes = classes_by_state(method)
    return {state: _one_state(*state, classes) for state in classes}


def _one_state(known: int, lost: int, classes: dict[tuple[int, int], str]) -> ServiceState:
    now = classes[known, lost]
    learnt = {
        more: {classes[known + more, lost + halves] for halves in range(2 * more + 1)}
        for more in range(1, len(SERVICE_ITEMS) - known + 1)
    }
    if now == UNKNOWN:
        needed = next((more for more, found in learnt.items() if UNKNOWN not in found), None)
        same = learnt[needed] if needed else set()
        return ServiceState(now, next(iter(same)) if len(same) == 1 else None, needed=needed)
    others = [other - lost for other in range(2 * known + 1) if classes[known, other] != now]
    turning = next((more for more, found in learnt.items() if found != {now}), None)
    if not others:
        return ServiceState(now, None, turning=turning)
    halves = min(others, key=lambda change: (abs(change), -change))
    return ServiceState(now, classes[known, lost + halves], halves=halves, turning=turning)


CLASHES, PERSONS, LOSS = "clashes", "displaced people, rounded to ten", "share lost of the known service items"
ITEMS, KNOWN_ITEMS = "service items", "known service items"
_TOTAL = len(SERVICE_ITEMS)
_SECURITY = (SecurityClass.NOT_IN_CONFLICT.value, SecurityClass.LOW.value, SecurityClass.HIGH.value)
_HUMANITARIAN = (HumanitarianClass.NO_NEW_IDPS.value, HumanitarianClass.LOW.value, HumanitarianClass.HIGH.value)

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Explained:
    """The columns of one explanation; `nearest_class` is never the class itself."""

    value: float | None
    value_unit: str
    class_now: str
    nearest_class: str | None
    distance: float | None
    distance_unit: str | None
    explanation: str


def _words(name: str) -> str:
    """A class as a word of a sentence; the code no_new_idps is no word that a reader should have to know."""
    return "no new displacement" if name == HumanitarianClass.NO_NEW_IDPS else name.replace("_", " ")


def _target(rung: Rung, now: str, rungs: tuple[Rung, ...], cut: float) -> str:
    """The class to reach, with the cut where that is what lies between."""
    at_cut = rungs[-1].name in (rung.name, now)
    return _words(rung.name) + (f" (cut {cut:,.10g})" if at_cut else "")


def explain_security(row: Row, cut: float, cumulative: bool, has_source: bool) -> Explained:
    """Between no clash, low and high by the source's cut; a township that the source does not cover waits for one."""
    now, rungs = row["security_class"], ladder(_SECURITY, cut)
    if now == UNKNOWN and not has_source:
        return Explained(None, CLASHES, now, None, None, None, "No clash source was delivered.")
    if now == UNKNOWN:
        first = rungs[1].name
        said = f"The source's silence here does not mean zero; 1 reported clash would make it {_words(first)}."
        return Explained(None, CLASHES, now, first, 1.0, CLASHES, said)
    rung, gap = nearest_rung(row["clashes_count"], now, rungs)
    number, way = abs(gap), "more" if gap > 0 else "fewer"
    said = f"{number:,} {way} clash{'es' * (number > 1)} would make it {_target(rung, now, rungs, cut)}."
    if gap < 0 and cumulative:
        said += " A cumulative count falls only where the source corrects or deletes records."
    elif gap < 0:
        said += " The count falls as months leave the window, or where the source corrects or deletes records."
    return Explained(float(row["clashes_count"]), CLASHES, now, rung.name, float(gap), CLASHES, said)


def _by_a_clash(row: Row, has_source: bool, value: float | None, unit: str, now: str, then: str) -> Explained:
    """Outside conflict, or where that is not known: a clash brings it in, with the class that its record gives."""
    if row["in_conflict"] is None and (then == now or not has_source):
        said = "Whether it is in conflict is not known, so it has no class."
        return Explained(value, unit, now, None, None, None, said)
    said = f"1 clash would put it in conflict; by the record in force its class would then be {_words(then)}."
    if then == UNKNOWN:
        said = f"1 clash would put it in conflict; without a record that suffices its class would be {_words(then)}."
    return Explained(value, unit, now, then, 1.0, CLASHES, said)


def explain_humanitarian(row: Row, cut: float, has_source: bool) -> Explained:
    """From the figure as shown: rounded, and without a distance where 1 to 9 people are withheld.

    A withheld figure stands for the middle of 1 to 9 where classes are compared. Distances are in tens, but for the
    one person that a reported zero is from the next class: a zero was never rounded.
    """
    now, shown, withheld = row["humanitarian_class"], row["idps_persons"], row["idps_suppressed"]
    value = None if shown is None else float(shown)
    count = SMALLEST_SHOWN_PERSONS // 2 if withheld else shown
    rungs = ladder(_HUMANITARIAN, cut)
    if not row["in_conflict"]:
        by_figure = UNKNOWN if count is None else [rung.name for rung in rungs if count >= rung.first][-1]
        return _by_a_clash(row, has_source, value, PERSONS, now, by_figure)
    if count is None:
        said = "No displacement figure is in force; a report would give it a class."
        return Explained(None, PERSONS, now, None, None, None, said)
    rung, gap = nearest_rung(count, now, rungs)
    order = [one.name for one in rungs]
    way = "more" if order.index(rung.name) > order.index(now) else "fewer"
    target = _target(rung, now, rungs, cut)
    if withheld:
        change = "none at all" if rung.last == 0 else f"a few {way}"
        said = f"1 to 9 displaced people, a figure that is withheld; {change} would make it {target}."
        return Explained(None, PERSONS, now, rung.name, None, None, said)
    distance = gap if shown == 0 else _tens(gap)
    if distance == 0:
        change = "rise" if way == "more" else "fall"
        said = f"A {change} by fewer than {ROUNDED_TO_PERSONS} displaced people would make it {target}."
    elif shown == 0:
        said = f"{distance:,} displaced {'person' if distance == 1 else 'people'} would make it {target}."
    else:
        said = f"About {abs(distance):,} {way} displaced people would make it {target}."
    return Explained(value, PERSONS, now, rung.name, float(distance), PERSONS, said)


def _tens(gap: int) -> int:
    """To the nearest ten, halves away from zero: the figure it is made from is no finer."""
    size = (abs(gap) + ROUNDED_TO_PERSONS // 2) // ROUNDED_TO_PERSONS * ROUNDED_TO_PERSONS
    return size if gap > 0 else -size


def explain_services(
    row: Row, cut: float, states: Mapping[tuple[int, int], ServiceState], has_source: bool
) -> Explained:
    """The least change among the known items, and what the unknown ones could do; `states`: of the services."""
    now, known = row["services_class"], row["services_known_count"]
    # The best case is the sum of halves over twice five items, so the halves come back exactly.
    state = states[known, round(row["services_lost_min"] * 2 * _TOTAL)]
    value = row["services_lost_score"]
    if not row["in_conflict"]:
        return _by_a_clash(row, has_source, value, LOSS, now, state.now)
    unknown = _TOTAL - known
    if state.needed is not None:
        said = f"Needs {state.needed} more known service item{'s' * (state.needed > 1)} to have a class"
        said += f", {_words(state.nearest)} whatever the answer." if state.nearest else ": the answers decide which."
        return Explained(value, LOSS, now, state.nearest, float(state.needed), KNOWN_ITEMS, said)
    if state.halves is None:
        return Explained(value, LOSS, now, None, None, None, "No change of a service item would change its class.")
    way = "more" if state.halves > 0 else "fewer"
    items = f"service item{'s' * (abs(state.halves) != 2)}"
    target = f"{_words(state.nearest or UNKNOWN)} (cut {cut:g} of the known items)"
    said = f"{abs(state.halves) / 2:g} {way} {items} lost would make it {target}."
    unknowns = f"{unknown} unknown item{'s' * (unknown > 1)}"
    if unknown and state.turning is None:
        said += f" Knowing the {unknowns} could not change it."
    elif unknown:
        said += f" Knowing {state.turning} of the {unknowns} could change it too."
    return Explained(value, LOSS, now, state.nearest, state.halves / 2, ITEMS, said)


def explain_cut(row: Row, spec: IndexSpec, cut: float, has_source: bool) -> Explained:
    """Of an index that is made by one cut: how far its figure is from the cut."""
    now, value, unit = row[spec.column], row[spec.quantity], COLUMNS[spec.quantity].unit or spec.quantity
    _, milder, worst = map(str, spec.order)
    if not row["in_conflict"]:
        by_figure = UNKNOWN if value is None else worst if value >= cut else milder
        return _by_a_clash(row, has_source, value, unit, now, by_figure)
    if value is None:
        return Explained(None, unit, now, None, None, None, "No figure is in force; a record would give it a class.")
    # The class below begins one step under the cut: of a count a whole one, of a share its last published decimal.
    step = 1 if COLUMNS[spec.quantity].type == "BIGINT" else 10**-SHARE_DECIMALS
    first = math.ceil(cut) if step == 1 else cut
    nearest, goal, way = (milder, first - step, "fewer") if now == worst else (worst, first, "more")
    gap = round(goal - value, SHARE_DECIMALS)
    said = f"{abs(gap):,.10g} {way} {unit} would make it {_words(nearest)} (cut {cut:,.10g})."
    return Explained(float(value), unit, now, nearest, float(gap), unit, said)


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
    month: date | None = None,
    others: Sequence[pl.DataFrame] = (),
) -> pl.DataFrame:
    """published.explanations of one method at a month of `index` (published.township_index), its last one by default.

    Of indices.humanitarian, indices.services and `others`, the tables of the indices that are made by one cut, only the
    delivery in force is taken. One row per township and index.
    """
    mine = index.filter(pl.col("method") == method.name)
    month = month or mine.select(pl.col("month").max()).item()
    rows = mine.filter(pl.col("month") == month).sort("adm3_pcode")
    cut = method.thresholds(source_key).security_high.value
    states = service_states(method)
    cumulative = method.window_months is None
    each, led = list(rows.iter_rows(named=True)), bool(source_key)
    said = {
        IndexName.SECURITY: [explain_security(row, cut, cumulative, led) for row in each],
        IndexName.HUMANITARIAN: [explain_humanitarian(row, method.idps_high.value, led) for row in each],
        IndexName.SERVICES: [explain_services(row, method.services_severe.value, states, led) for row in each],
        **{spec.name: [explain_cut(row, spec, spec.cut_by(method), led) for row in each] for spec in BY_CUT},
    }
    behind = {
        IndexName.SECURITY: _clash_deliveries(rows, clashes, deliveries, method, source_key),
        **{
            name: frame.filter(pl.col("method") == method.name, pl.col("month") == month).select(
                "adm3_pcode", pl.col("delivery_id").alias("delivery_ids")
            )
            for name, frame in (
                (IndexName.HUMANITARIAN, humanitarian),
                (IndexName.SERVICES, services),
                *zip((spec.name for spec in BY_CUT), others, strict=True),
            )
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


@makes(
    "published.explanations",
    reads=(
        "published.township_index",
        "indices.humanitarian",
        "indices.services",
        "records.clash_days",
        "records.deliveries",
        *(f"indices.{spec.name}" for spec in BY_CUT),
    ),
    checked_against=("published.township_index", "published.deliveries"),
)
def explanations_table(
    run: RunContext,
    index: pl.DataFrame,
    displaced: pl.DataFrame,
    services: pl.DataFrame,
    clashes: pl.DataFrame,
    deliveries: pl.DataFrame,
    *others: pl.DataFrame,
) -> pl.DataFrame:
    # The sentences name no figure closer than the public release does, whatever the profile.
    shown = withheld(index)
    return run.each(
        lambda method: explanations(
            shown, displaced, services, clashes, deliveries, method, run.clash_source, run.leading_month(method), others
        )
    )


MADE = (explanations_table,)
