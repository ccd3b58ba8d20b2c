"""The scenarios of an index: the method itself and each alternative of each choice alone, as methods really changed.

Each scenario says what was asked of it and is read back from the method it is computed with; one that did not apply
raises.

What every scenario is made from: records, clash sources with the months they cover, and figures made once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import cached_property

import polars as pl

from pipeline.declare.choice import Choice
from pipeline.declare.codes import IndexName
from pipeline.declare.methods import COUP, Method, SourceThresholds
from pipeline.declare.scenarios import (
    CHOICES,
    LOWEST_CUT,
    SECURITY_STEPS,
    SMALLEST_STEP,
    SOURCE,
    WHY_OTHER_SOURCE,
    WINDOW,
    WINDOWS,
    Decision,
    Level,
    shown,
)
from pipeline.declare.sources import family
from pipeline.indices import humanitarian, services
from pipeline.indices.run_context import ClashSource, RunContext
from pipeline.indices.security import by_month, classes, in_period
from pipeline.indices.windows import grid
from pipeline.records.parsing import trusted_silence


@dataclass(frozen=True)
class Scenario:
    """The settings asked for, and the method and clash source that the index is computed with."""

    settings: tuple[tuple[str, str], ...]
    method: Method
    source_key: str

    @property
    def text(self) -> str:
        return "; ".join(f"{choice}={level}" for choice, level in self.settings)


@dataclass(frozen=True)
class Grid:
    """The scenarios of one index and method: first the method itself, then one a single change.

    The single changes stand in the order of the choices and of their levels.
    """

    index: IndexName
    choices: tuple[Decision, ...]  # with the levels in use, the method's own first
    scenarios: tuple[Scenario, ...]

    @property
    def single_changes(self) -> tuple[str, ...]:
        """ "choice=alternative" of every scenario behind the first."""
        return tuple(f"{choice.name}={level.name}" for choice in self.choices for level in choice.levels[1:])

    @property
    def without_alternative(self) -> tuple[str, ...]:
        return tuple(choice.name for choice in self.choices if len(choice.levels) == 1)


def scenario_grid(
    index: IndexName,
    method: Method,
    source_keys: Sequence[str],
) -> Grid:
    """The method and each alternative of each choice alone; `source_keys` with the leading source first.

    Raises ValueError where an alternative names a field that a method does not have, leaves the method as it is, bears
    the name of another, or where a scenario's settings read back from its method are not those asked for.
    """
    choices = tuple(_in_use(decision, method, source_keys) for decision in CHOICES[index])
    baseline = Scenario(tuple((choice.name, choice.levels[0].name) for choice in choices), method, source_keys[0])
    alone = (_changed(baseline, choice, level) for choice in choices for level in choice.levels[1:])
    scenarios = (baseline, *alone)
    for scenario in scenarios:
        require_applied(scenario, choices, source_keys)
    return Grid(index, choices, scenarios)


def require_applied(scenario: Scenario, choices: Sequence[Decision], source_keys: Sequence[str]) -> None:
    """Raise ValueError unless the method and source of the scenario are the ones its settings say."""
    used = tuple((choice.name, _read(choice, scenario, choices)) for choice in choices)
    if scenario.source_key not in source_keys:
        raise ValueError(f"scenario {scenario.text!r}: source {scenario.source_key!r} was not delivered")
    if used != scenario.settings:
        pairs = zip(scenario.settings, used, strict=True)
        wrong = [f"{name}: asked {asked!r}, used {found!r}" for (name, asked), (_, found) in pairs if asked != found]
        raise ValueError(f"scenario {scenario.text!r} did not apply: {'; '.join(wrong)}")


def _in_use(decision: Decision, method: Method, source_keys: Sequence[str]) -> Decision:
    """The decision with the method's own level first and the alternatives behind it, each checked by itself."""
    if decision.name == SOURCE:
        levels = tuple(Level(key, WHY_OTHER_SOURCE) for key in source_keys)
    elif decision.reads:
        levels = _own_first(decision, method)
    else:
        levels = _steps_in_use(decision, method, source_keys)
    used = replace(decision, levels=levels)
    if len({level.name for level in levels}) != len(levels):
        raise ValueError(f"choice {decision.name}: two alternatives bear one name")
    return used


def _own_first(decision: Decision, method: Method) -> tuple[Level, ...]:
    known = {one.name for one in fields(Method)}
    unknown = {name for level in decision.levels for name in level.fields} | {decision.reads}
    if unknown - known:
        raise ValueError(f"choice {decision.name}: a method has no field {', '.join(sorted(unknown - known))}")
    own = getattr(method, decision.reads)
    others = [level for level in decision.levels if _value(level.fields[decision.reads]) != _value(own)]
    mine = [level for level in decision.levels if level not in others]
    if len(mine) > 1:
        raise ValueError(f"choice {decision.name}: alternative {mine[1].name!r} leaves the method as it is")
    # The own level sets nothing: the method stays what it is, also where its values were calibrated elsewhere.
    first = mine[0] if mine else Level(shown(own), "The method's own.", decision.levels[0].fields)
    return (replace(first, fields={name: getattr(method, name) for name in first.fields}), *others)


def _value(value: object) -> object:
    """What a field holds without its reason: two reasons for one number are one alternative."""
    return value.value if isinstance(value, Choice) else value


def _changed(baseline: Scenario, choice: Decision, level: Level) -> Scenario:
    """The baseline with one alternative applied."""
    method, source_key = baseline.method, baseline.source_key
    if choice.name == SOURCE:
        source_key = level.name
    elif level.steps:
        method = replace(method, security=_moved(method, level.steps))
    else:
        method = replace(method, **level.fields)  # type: ignore[arg-type]
    asked = tuple((name, level.name if name == choice.name else own) for name, own in baseline.settings)
    return Scenario(asked, method, source_key)


def _window(method: Method) -> str:
    for level in WINDOWS.levels:
        if level.fields["window_months"] == method.window_months:
            return level.name
    return shown(method.window_months)


def _step(method: Method, source_family: str, cut: float) -> Choice:
    """The declared step of a window and source family, from a stated cut; one clash where that is too small for it.

    A source of no family of its own takes the step of the default. Raises ValueError for a window without steps.
    """
    steps = SECURITY_STEPS.get(_window(method))
    if steps is None:
        raise ValueError(f"no step of the security cut is declared for the window {_window(method)!r}")
    step = steps.get(source_family, steps["default"])
    return step if cut - step.value >= LOWEST_CUT else SMALLEST_STEP


def _moved(method: Method, steps: int) -> dict[str, SourceThresholds]:
    """The cuts of every source family, so many steps away."""
    moved = {}
    for name, stated in method.security.items():
        cut = stated.security_high.value
        step = _step(method, name, cut)
        # A family that is not in use may have no step below; in use it has, or the alternative is left out.
        value = max(cut + steps * step.value, LOWEST_CUT)
        moved[name] = replace(stated, security_high=Choice(value, step.why))
    return moved


def _steps_in_use(decision: Decision, method: Method, source_keys: Sequence[str]) -> tuple[Level, ...]:
    """The cut's own level and its steps; none below where the leading source's cut is the lowest already."""
    own = method.thresholds(source_keys[0]).security_high.value
    levels = [level for level in decision.levels if level.steps >= 0 or own > LOWEST_CUT]
    return tuple(sorted(levels, key=lambda level: level.steps != 0))


def _read(choice: Decision, scenario: Scenario, choices: Sequence[Decision]) -> str:
    """The name of the level that the scenario's method and source really hold; "" where it is none of them."""
    if choice.name == SOURCE:
        return scenario.source_key
    if choice.reads:
        return _level_read(choice, scenario.method).name
    (windows,) = (one for one in choices if one.name == WINDOW)
    window = _level_read(windows, scenario.method)
    if not window.fields:
        return ""
    stated = replace(scenario.method, **window.fields)  # type: ignore[arg-type]
    stated_cut, cut = (one.thresholds(scenario.source_key).security_high.value for one in (stated, scenario.method))
    step = _step(scenario.method, family(scenario.source_key), stated_cut).value
    return next((one.name for one in choice.levels if stated_cut + one.steps * step == cut), "")


def _level_read(choice: Decision, method: Method) -> Level:
    value = _value(getattr(method, choice.reads))
    found = (one for one in choice.levels if _value(one.fields[choice.reads]) == value)
    return next(found, Level("", "None of the alternatives.", {}))


OFFICES = ("police_station", "gad_office")


@dataclass(frozen=True)
class Records:
    """What the indices are made from; `sources` with the leading one first."""

    clashes: pl.DataFrame
    displacement: pl.DataFrame
    services: pl.DataFrame
    deliveries: pl.DataFrame
    townships: pl.DataFrame
    period_end: date
    sources: tuple[ClashSource, ...]

    @cached_property
    def alternatives(self) -> tuple[ClashSource, ...]:
        """The leading source, and the others as far as they cover any month from the coup on."""
        return (self.sources[0], *(one for one in self.sources[1:] if one.covers(COUP.replace(day=1))))


class Figures:
    """Counts, people and answers that scenarios are made from, as columns of one frame, each made once.

    A method returns the name of a column; it is named after the fields of the scenario's method that it depends on, so
    that scenarios, indices and methods share it. Rows are by month and township.
    """

    def __init__(self, records: Records) -> None:
        self._records = records
        self._columns: dict[str, pl.Series] = {}

    @property
    def frame(self) -> pl.DataFrame:
        return pl.DataFrame([series.alias(name) for name, series in self._columns.items()])

    def clashes(self, scenario: Scenario) -> str:
        """Clashes in the window; null where silence is unknown."""
        method, records, key = scenario.method, self._records, scenario.source_key
        name = f"clashes {method.counted_classes} {method.precision} {method.window_months} {key}"
        if name not in self._columns:
            (source,) = (one for one in records.sources if one.source_key == key)
            events = in_period(records.clashes, records.townships, method, records.period_end)
            monthly = by_month(events, method, key).select("adm3_pcode", "month", "clashes")
            frame = classes(
                monthly, records.townships, method, records.period_end, key, source.absence, source.uncovered
            )
            self._columns[name] = frame.sort("month", "adm3_pcode")["clashes_count"]
        return name

    def people(self, scenario: Scenario) -> str:
        """Displaced people in force by the first basis of the method that has a figure: the exact number."""
        method, records, days = scenario.method, self._records, scenario.method.displacement_stale_days.value
        name = f"people {method.idps_bases} {days}"
        if name not in self._columns:
            for basis in method.idps_bases:
                if f"persons_{basis} {days}" not in self._columns:
                    rows = grid(method, records.period_end, records.townships)
                    found = humanitarian.in_force(
                        records.displacement, records.deliveries, records.townships, rows, basis, days
                    ).sort("month", "adm3_pcode")
                    self._columns[f"persons_{basis} {days}"] = found[f"persons_{basis}"]
            held = pl.DataFrame(
                [self._columns[f"persons_{basis} {days}"].alias(f"persons_{basis}") for basis in method.idps_bases]
            )
            self._columns[name] = held.select(humanitarian.first_of(method.idps_bases, "persons")).to_series()
        return name

    def answers(self, scenario: Scenario, item: str) -> str:
        """Of the survey in force: services_known_count, lost_halves, police_station or gad_office."""
        method, records, days = scenario.method, self._records, scenario.method.services_stale_days.value
        name = f"{item} {days}"
        if name not in self._columns:
            rows = grid(method, records.period_end, records.townships)
            found = services.in_force(records.services, records.deliveries, rows, days).sort("month", "adm3_pcode")
            wanted = found.select(*OFFICES, *services.tallies())
            self._columns |= {f"{series.name} {days}": series for series in wanted}
        return name


# The tables that the indices are made from, in the order of `records_of`.
RECORDS = ("records.clash_days", "records.displacement", "records.services", "records.townships", "records.set_aside")


def records_of(
    context: RunContext,
    clashes: pl.DataFrame,
    displacement: pl.DataFrame,
    services: pl.DataFrame,
    townships: pl.DataFrame,
    set_aside: pl.DataFrame,
) -> Records:
    """What the indices of a run are made from, to compute them again."""
    known = trusted_silence(context.deliveries, set_aside)
    return Records(clashes, displacement, services, known, townships, context.last_day, context.sources)
