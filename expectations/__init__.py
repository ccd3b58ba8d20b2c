"""What must hold at every stage, as Great Expectations suites built in Python.

`validate` is the only entry. Structure comes from the declarations in pipeline.declare.tables; the other modules
hold hand-written rules with their reason and severity. Plausibility bands of the data stand here, with
their note; thresholds of a method stand in pipeline.declare.methods.
"""

from collections.abc import Iterable
from itertools import chain

import polars as pl

from expectations import (
    changes,
    concordance,
    control,
    displacement,
    evidence,
    indices,
    intensity,
    publication,
    rates,
    raw,
    records,
    reliability,
    revisions,
    run,
    scenarios,
    shown,
    signals,
    signs,
    spatial,
    summaries,
    towns,
    uncertainty,
)
from expectations.engine import run_in_batches, run_sections
from expectations.rule import Facts, RuleResult, Section
from expectations.structure import nothing_sensitive, structure
from pipeline.declare.tables import TABLES

__all__ = ["Facts", "RuleResult", "suite_names", "validate", "validate_in_batches"]

_SECTIONS: dict[str, tuple[Section, ...]] = {
    **raw.SUITES,
    **records.SUITES,
    **indices.SUITES,
    **publication.SUITES,
    **summaries.SUITES,
    **control.SUITES,
    **towns.SUITES,
    **revisions.SUITES,
    **concordance.SUITES,
    **reliability.SUITES,
    **evidence.SUITES,
    **changes.SUITES,
    **signs.SUITES,
    **spatial.SUITES,
    **intensity.SUITES,
    **rates.SUITES,
    **scenarios.SUITES,
    **run.SUITES,
}
# Beside the rules that these tables have of their own.
for _subject in (uncertainty, signals, shown, displacement):
    for _suite, _more in _subject.SUITES.items():
        _SECTIONS[_suite] = (*_SECTIONS.get(_suite, ()), *_more)


def suite_names() -> tuple[str, ...]:
    """Every suite there is: the raw formats, the declared tables in their order, and the run."""
    return tuple(dict.fromkeys([*raw.SUITES, *TABLES, *run.SUITES]))


def validate(suite: str, frame: pl.DataFrame, *, facts: Facts | None = None) -> list[RuleResult]:
    """Check one frame against the suite of that name ("records.clashes", "raw.ucdp_ged", "run").

    Results come in the order of the rules, whatever the order of rows. Raises ValueError for an unknown
    suite.
    """
    if suite not in suite_names():
        raise ValueError(f"there is no suite {suite!r}; choose one of: {', '.join(suite_names())}")
    return run_sections(suite, _sections(suite, frame), frame, facts or Facts())


def validate_in_batches(suite: str, batches: Iterable[pl.DataFrame], *, facts: Facts | None = None) -> list[RuleResult]:
    """As `validate`, of a table whose rows come in batches: rows of one key in one batch, at least one batch.

    Raises ValueError for an unknown suite, and StopIteration without a batch.
    """
    rows = iter(batches)
    first = next(rows)
    if suite not in suite_names():
        raise ValueError(f"there is no suite {suite!r}; choose one of: {', '.join(suite_names())}")
    return run_in_batches(suite, _sections(suite, first), chain([first], rows), facts or Facts())


def _sections(suite: str, frame: pl.DataFrame) -> list[Section]:
    """Structure and the hand-written rules on the table's own rows share one batch; the rest follow."""
    written = _SECTIONS.get(suite, ())
    table = TABLES.get(suite)
    if table is None:
        return list(written)
    own = [rule for section in written if section.prepare is None for rule in section.rules]
    guard = nothing_sensitive(table, frame)
    first = Section((*structure(table, frame).rules, *([guard] if guard else []), *own))
    return [first, *(section for section in written if section.prepare is not None)]
