"""Every index computed again under every scenario, by the functions that make the indices themselves.

The scenario that is the method itself must give the classes of indices.* or nothing is published.

published.scenarios: what each scenario gives nationally in the last month, beside the method itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.analysis.scenario_grid import (
    OFFICES,
    RECORDS,
    Figures,
    Grid,
    Records,
    Scenario,
    records_of,
    scenario_grid,
)
from pipeline.declare.codes import ControlState, IndexName, SecurityClass
from pipeline.declare.errors import AccountingError
from pipeline.declare.frames import empty
from pipeline.declare.indices import BY_INDEX
from pipeline.declare.methods import Method
from pipeline.declare.scenarios import SOURCE
from pipeline.indices.control import by_administration
from pipeline.indices.cut_class import cut_class
from pipeline.indices.disclosure import is_small, shown_persons
from pipeline.indices.frames import SHARE_DECIMALS, conform, require_known
from pipeline.indices.humanitarian import humanitarian_class
from pipeline.indices.run_context import ClashSource, RunContext
from pipeline.indices.security import security_class
from pipeline.indices.services import services_class
from pipeline.indices.windows import months


@dataclass(frozen=True)
class Outcome:
    """The classes of one index under every scenario.

    `codes` is scenario x month x township, the class's place among the index's codes; months and P-codes in order.
    `applies` is scenario x month: whether the scenario's source covers the month. `quantity` (scenario x township, NaN
    unknown) and `control_share` (per scenario, NaN where there is none) are of the last month.
    """

    grid: Grid
    method: str
    months: list[date]
    places: list[str]
    codes: NDArray[np.uint8]
    applies: NDArray[np.bool_]
    quantity: NDArray[np.float64]
    control_share: NDArray[np.float64]


def outcomes(records: Records, methods: Sequence[Method], made: Mapping[IndexName, pl.DataFrame]) -> list[Outcome]:
    """Every index under every scenario of every method, in the order of methods and indices.

    `made` holds the index tables with the rows of the methods; months after the period of `records` are left out.
    Raises AccountingError where a method's own scenario does not reproduce them or a record stands in no listed
    township, ValueError where a scenario did not apply.
    """
    require_known(records.displacement, records.townships, "records.displacement")
    require_known(records.services, records.townships, "records.services")
    until = {index: table.filter(pl.col("month") <= records.period_end) for index, table in made.items()}
    figures = Figures(records, until)
    keys = [source.source_key for source in records.alternatives]
    return [
        _outcome(records, figures, scenario_grid(index, method, keys), method, until[index])
        for method in methods
        for index in IndexName
    ]


def _outcome(records: Records, figures: Figures, grid: Grid, method: Method, made: pl.DataFrame) -> Outcome:
    days = months(method, records.period_end)["month"].to_list()
    places = records.townships["adm3_pcode"].sort().to_list()
    values = pl.Enum([one.value for one in BY_INDEX[grid.index].classes])
    codes = _codes(grid, figures, values).reshape(len(grid.scenarios), len(days), len(places))
    _require_baseline(grid, method, made, codes[0], values)
    sources = {one.source_key: one for one in records.sources}
    leading = grid.scenarios[0].source_key
    applies = [[s.source_key == leading or sources[s.source_key].covers(day) for day in days] for s in grid.scenarios]
    return Outcome(
        grid,
        method.name,
        days,
        places,
        codes,
        np.array(applies),
        _quantities(grid, figures, len(places)),
        _control_shares(grid, figures, codes[:, -1]),
    )


def _codes(grid: Grid, figures: Figures, values: pl.Enum) -> NDArray[np.uint8]:
    """Scenario x row: every class by the rule of the index itself, as its position in `values`."""
    rules = [_rule(grid.index, scenario, grid.scenarios[0], figures) for scenario in grid.scenarios]
    coded = figures.frame.select(
        rule.cast(values).to_physical().cast(pl.UInt8).alias(str(number)) for number, rule in enumerate(rules)
    )
    return np.array([series.to_numpy() for series in coded])


def _rule(index: IndexName, scenario: Scenario, own: Scenario, figures: Figures) -> pl.Expr:
    """The index's own rule with the numbers that the scenario's method really holds."""
    method, clashes = scenario.method, pl.col(figures.clashes(scenario))
    if index == IndexName.SECURITY:
        return security_class(clashes, method.thresholds(scenario.source_key).security_high.value)
    if index == IndexName.HUMANITARIAN:
        people, shown = pl.col(figures.people(scenario)), pl.col(figures.people(own))
        known = _as_published(people, shown, own.method.idps_high.value)
        return humanitarian_class(clashes > 0, known, method.idps_high.value)
    spec = BY_INDEX[index]
    if spec.cut:
        return cut_class(spec, clashes > 0, pl.col(figures.quantity(scenario, spec)), spec.cut_by(method))
    lost, known = (pl.col(figures.answers(scenario, name)) for name in ("lost_halves", "services_known_count"))
    return services_class(clashes > 0, lost, known, method.services_severe.value, method.services_known_minimum.value)


def _as_published(persons: pl.Expr, own: pl.Expr, own_cut: float) -> pl.Expr:
    """A figure no closer than the release shows it: rounded, one of 1 to 9 as one.

    The exact number would show through a class at another cut. Only the figure of the method itself (`own`) is known
    to lie on a side of the method's cut, by its published class, and keeps it; another figure that is shown alike
    takes that side too, and one that is published nowhere (another basis, an older report) has no more than itself
    rounded.
    """
    rounded, own_rounded = (
        pl.when(is_small(one)).then(pl.lit(1)).otherwise(shown_persons(one)).cast(pl.Float64) for one in (persons, own)
    )
    sided = (
        pl.when(own >= own_cut)
        .then(pl.max_horizontal(rounded, pl.lit(own_cut)))
        .otherwise(pl.min_horizontal(rounded, pl.lit(own_cut - 1)))
    )
    return pl.when(rounded == own_rounded).then(sided).otherwise(rounded)


def _quantities(grid: Grid, figures: Figures, last: int) -> NDArray[np.float64]:
    """Scenario x township in the last month: what townships are ranked by, NaN where it is not known.

    Clashes, displaced people as shown, the mean loss over the known items, or the figure that is cut.
    """
    found: dict[str, NDArray[np.float64]] = {}
    names = []
    for scenario in grid.scenarios:
        if grid.index == IndexName.SECURITY:
            name = figures.clashes(scenario)
            value = pl.col(name)
        elif grid.index == IndexName.HUMANITARIAN:
            name = figures.people(scenario)
            value = shown_persons(pl.col(name))
        elif BY_INDEX[grid.index].cut:
            name = figures.quantity(scenario, BY_INDEX[grid.index])
            value = pl.col(name)
        else:
            name, known = (figures.answers(scenario, item) for item in ("lost_halves", "services_known_count"))
            value = pl.when(pl.col(known) > 0).then(pl.col(name) / (2 * pl.col(known)))
        if name not in found:
            found[name] = figures.frame.tail(last).select(value.cast(pl.Float64)).to_series().to_numpy()
        names.append(name)
    return np.array([found[name] for name in names])


def _control_shares(grid: Grid, figures: Figures, codes: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Share of townships lost in the last month: class high, or both offices closed; NaN where nothing is known.

    No index but Security and Services is a basis of control.
    """
    values = list(BY_INDEX[grid.index].classes)
    if grid.index == IndexName.SECURITY:
        known = codes != values.index(SecurityClass.INSUFFICIENT_DATA)
        high = (codes == values.index(SecurityClass.HIGH)).mean(axis=1).round(SHARE_DECIMALS)
        return np.asarray(np.where(known.any(axis=1), high, np.nan), dtype=np.float64)
    if grid.index != IndexName.SERVICES:
        return np.full(len(grid.scenarios), np.nan)
    last, shares = figures.frame.tail(codes.shape[1]), {}
    for name in {tuple(figures.answers(s, office) for office in OFFICES) for s in grid.scenarios}:
        offices = last.select(pl.col(c).alias(office) for c, office in zip(name, OFFICES, strict=True))
        shares[name] = administration_lost_share(offices)
    found = [shares[tuple(figures.answers(s, office) for office in OFFICES)] for s in grid.scenarios]
    return np.array([np.nan if share is None else share for share in found], dtype=np.float64)


def administration_lost_share(offices: pl.DataFrame) -> float | None:
    """Share of the townships of a frame with both offices closed; null where the state of none is known.

    The national lost_share of the administration basis, for surveys that a scenario takes to be in force.
    """
    states = offices.select(by_administration().alias("state"))["state"]
    if (states == ControlState.UNKNOWN).all():
        return None
    return round(int((states == ControlState.LOST).sum()) / states.len(), SHARE_DECIMALS)


def _require_baseline(
    grid: Grid, method: Method, made: pl.DataFrame, codes: NDArray[np.uint8], values: pl.Enum
) -> None:
    """Raise AccountingError unless the scenario that is the method itself gives the classes of the index table."""
    mine = made.filter(pl.col("method") == method.name).sort("month", "adm3_pcode")
    stored = mine[f"{grid.index}_class"].cast(values).to_physical().cast(pl.UInt8).to_numpy()
    if stored.size != codes.size:
        raise AccountingError(f"indices.{grid.index}: {stored.size} rows of {method.name}, its scenarios {codes.size}")
    wrong = mine.filter(pl.Series(stored != codes.reshape(-1)))
    if not wrong.is_empty():
        month, place = wrong.row(0, named=True)["month"], wrong.row(0, named=True)["adm3_pcode"]
        raise AccountingError(
            f"indices.{grid.index}: the scenario that is {method.name} itself gives another class in {wrong.height} "
            f"rows, for example {place} in {month}; scenarios must be computed as the index is"
        )


SCENARIOS = "published.scenarios"
RANK_DECIMALS = 4


def scenarios(found: Sequence[Outcome]) -> pl.DataFrame:
    """One row per method, index and scenario whose source covers the last month.

    `rank_shift_mean` is the mean over townships of |rank in the method - rank in the scenario| (OECD/JRC handbook 2008,
    step 7), ranks by the index's own quantity, ties at their average rank, among the townships known in both.
    """
    frames = [_rows(outcome) for outcome in found]
    return conform(pl.concat([empty(SCENARIOS), *frames]), SCENARIOS)


def _worst(index: IndexName) -> int:
    """The place of the worst class among all codes of the index."""
    spec = BY_INDEX[index]
    return list(spec.classes).index(spec.worst)


def _rows(outcome: Outcome) -> pl.DataFrame:
    codes, worst = outcome.codes[:, -1], _worst(outcome.grid.index)
    month: date = outcome.months[-1]
    frame = pl.DataFrame(
        {
            "method": outcome.method,
            "index_name": outcome.grid.index.value,
            "scenario": [scenario.text for scenario in outcome.grid.scenarios],
            "month": month,
            "is_baseline": [n == 0 for n in range(len(codes))],
            "worst_class_count": (codes == worst).sum(axis=1),
            "townships_moved_count": (codes != codes[0]).sum(axis=1),
            "scenario_control_share": outcome.control_share,
            "rank_shift_mean": rank_shifts(outcome.quantity),
        }
    ).with_columns(pl.col("scenario_control_share", "rank_shift_mean").fill_nan(None))
    kept = frame.filter(pl.Series(outcome.applies[:, -1]))
    return kept.select(empty(SCENARIOS).columns).cast(dict(empty(SCENARIOS).schema))  # type: ignore[arg-type]


def rank_shifts(quantity: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean absolute shift of ranks of every row against the first; NaN where fewer than two are known in both."""
    return np.array([_rank_shift(quantity[0], values) for values in quantity])


def _rank_shift(own: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    both = ~(np.isnan(own) | np.isnan(other))
    if both.sum() < 2:
        return float("nan")
    first, second = (pl.Series(values[both]).rank("average").to_numpy() for values in (own, other))
    return float(np.abs(first - second).mean().round(RANK_DECIMALS))


def sentence(run: RunContext, *tables: pl.DataFrame) -> str:
    """How many scenarios each index has, and why a choice has no alternative; the same for every method."""
    records = records_of(run, *tables[: len(RECORDS)])
    keys = [source.source_key for source in records.alternatives]
    grids = [scenario_grid(index, run.methods[0], keys) for index in IndexName]
    counts = ", ".join(f"{grid.index} {len(grid.scenarios)}" for grid in grids)
    without = sorted({choice for grid in grids for choice in grid.without_alternative})
    why = {SOURCE: why_no_source(run.sources)}
    return f"Scenarios: {counts} per method" + "".join(
        f"; no alternative for {choice}: {why.get(choice, 'none is declared')}" for choice in without
    )


def why_no_source(sources: Sequence[ClashSource]) -> str:
    """Why no other source than the first, the leading one, can lead a scenario."""
    others = sources[1:]
    if not others:
        return "one source of clashes was delivered"
    starts = (f"{one.source_key} starts in {one.first_month:%B %Y}" for one in others if one.first_month)
    return f"no other source of clashes goes back to the coup ({', '.join(starts) or 'none has an event'})"
