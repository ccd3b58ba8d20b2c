"""The charts of the national brief: which figures run over the months, and what is said to who cannot see them.

Not here: how a chart is drawn (brief_figures.py), the change of a single month (brief_changes.py).
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from reports.bilingual import Both, month_both, say
from reports.brief_figures import Line, chart
from reports.release import Release
from reports.slices import published
from reports.windows import MONTHLY, apart
from reports.wording import number

Frames = Mapping[str, pl.DataFrame]


def charts(tables: Frames, release: Release, watermark: Both) -> list[dict[str, Any]]:
    """Month by month: townships in conflict and of class high, and the clashes of each month alone."""
    summary = published(tables, "national_summary").filter(pl.col("method") == release.method).sort("month")
    steps = list(summary["month"])
    clashes = dict(
        published(tables, "township_index")
        .filter(pl.col("method") == release.method)
        .group_by("month")
        .agg(pl.when(pl.col("clashes_month_count").count() > 0).then(pl.col("clashes_month_count").sum()))
        .iter_rows()
    )
    provisional = summary.filter("provisional").height
    counts = [
        Line(say("in conflict"), tuple(summary["in_conflict_count"].to_list())),
        Line(say("class high on security"), tuple(summary["security_high_count"].to_list())),
    ]
    monthly = [Line(say("clashes of the month"), tuple(clashes.get(step) for step in steps))]
    return [
        chart(title, _chart_alt(title, steps, lines, watermark), steps, lines, provisional,
              apart(tables, release, column))
        for title, lines, column in (
            (say("Townships, month by month"), counts, "in_conflict_count"),
            (say("Clashes placed in a township, month by month"), monthly, MONTHLY),
        )
    ]  # fmt: skip


def _chart_alt(title: Both, steps: Sequence[date], lines: Sequence[Line], watermark: Both) -> Both:
    said = [title]
    for line in lines:
        said.append(say(
            "{line}: {value} in {month}; {missing} months not reported.", line=line.words,
            value=None if line.values[-1] is None else number(line.values[-1]), month=month_both(steps[-1]),
            missing=number(sum(value is None for value in line.values)),
        ))  # fmt: skip
    return Both(". ".join([said[0].en, " ".join(w.en for w in said[1:])]) + f" {watermark.en}".rstrip(),
                "။ ".join([said[0].my, " ".join(w.my for w in said[1:])]) + f" {watermark.my}".rstrip())  # fmt: skip
