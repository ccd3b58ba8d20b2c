"""The page of the month: at most ten townships that stand out, each with its months, one sentence why, and its people.

The rule stands on the page: townships with an alert come first, then those with a rise or an onset (signals.standing).
In a month without any the page says so, and that this is not calm.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
from markupsafe import Markup

from pipeline.declare.codes import Signal
from reports.draw.charts import draw_few_bars
from reports.months import MONTHLY, apart, clashes_by_month, is_part, national_rows
from reports.release import Release, Unit, mapped_townships, months, published, unit
from reports.site import signals
from reports.site.inputs import Context, Inputs
from reports.site.render import drawn
from reports.text.catalogue import Both, day_both, month_both, same, say
from reports.text.signals import meaning_both, month_words, quarter_words
from reports.text.values import number_both, persons_both, rate_both, signal_both
from reports.text.wording import number

Frames = Mapping[str, pl.DataFrame]
Row = Mapping[str, Any]
SHOWN_MONTHS = 24
_BETTER = (Signal.FALL, Signal.LULL)


@dataclass(frozen=True)
class Standing:
    """A township of the list. `why` is one sentence; `displaced_day` is None where nobody reported."""

    code: str
    name: str
    name_my: str
    unit: Unit
    signal: str
    signal_words: Both
    bars: Markup
    why: Both
    people: Both
    displaced: Both
    displaced_day: Both | None
    grade: Both


def standing(tables: Frames, release: Release, provisional: int = 0) -> tuple[list[Standing], int]:
    """The first ten townships of the rule, and how many there are; the last `provisional` bars are hollow."""
    frame = signals.standing(mapped_townships(tables, release).drop("geometry"))
    row_of = _rows(tables, release, provisional)
    return [row_of(row) for row in frame.head(signals.LISTED).to_dicts()], frame.height


def standing_by_region(tables: Frames, release: Release) -> dict[str, list[Standing]]:
    """State or region -> the first ten of its townships by the same rule; one where none stands out is not there."""
    frame = signals.standing(mapped_townships(tables, release).drop("geometry"))
    row_of = _rows(tables, release, 0)
    parts = frame.partition_by("state_region", as_dict=True, maintain_order=True)
    return {str(name): [row_of(row) for row in own.head(signals.LISTED).to_dicts()] for (name,), own in parts.items()}


def _rows(tables: Frames, release: Release, provisional: int) -> Callable[[Row], Standing]:
    steps, monthly = months(tables, release.method), clashes_by_month(tables, release, "adm3_pcode")
    hollow = max(provisional, int(len(steps) - 1 in apart(tables, release, MONTHLY)))
    earlier = _quarter_before(tables, release, steps)

    def row_of(row: Row) -> Standing:
        counts = [monthly.get((row["adm3_pcode"], step)) for step in steps]
        return _standing(row, steps, counts, hollow, earlier.get(row["adm3_pcode"]))

    return row_of


def _quarter_before(tables: Frames, release: Release, steps: Sequence[date]) -> dict[str, int | None]:
    """P-code -> the clashes of the three months before the last three."""
    if len(steps) < 4:
        return {}
    index = published(tables, "township_index").filter(
        pl.col("method") == release.method, pl.col("month") == steps[-4]
    )  # fmt: skip
    return dict(index.select("adm3_pcode", "clashes_3m_count").iter_rows())


def _standing(
    row: Row, steps: Sequence[date], counts: Sequence[int | None], hollow: int, before: int | None
) -> Standing:
    end = row["period_end"]
    why = month_words(steps, counts, end if is_part(end) else None)
    if row["signal"] == Signal.RISE:  # found in three months: the month alone may not show it
        why = quarter_words(row["clashes_3m_count"], before, end) or why
    grade, day = row["evidence_grade"], row["idps_reference_date"]
    return Standing(
        row["adm3_pcode"], row["adm3_name"], row["adm3_name_my"], unit(row["state_region"]), row["signal"],
        signal_both(row["signal"]), drawn(draw_few_bars(counts[-SHOWN_MONTHS:], hollow)), why,
        number_both(row["population_persons"]), persons_both(row["idps_persons"], row["idps_suppressed"]),
        day_both(day) if day else None, say("not known") if grade is None else same(grade),
    )  # fmt: skip


def summary_words(tables: Frames, release: Release, shown: int, found: int) -> list[Both]:
    """How many townships the rule finds, how many chance alone would give, and for how many it cannot be told."""
    rows = national_rows(tables, release)
    month = max(rows)
    now = rows[month]
    unknown = now[f"signal_{Signal.UNKNOWN}_count"]
    if not found:
        return [
            say("Nothing stands out in {month}: no township has an alert, a rise or an onset. That is not calm: it "
                "says that no month is unlike the ones before it. For {unknown} townships it cannot be told.",
                month=month_both(month), unknown=number_both(unknown))
        ]  # fmt: skip
    said = [
        say("In {month} {found} townships have an alert, a rise or an onset; {shown} of them stand here. For {unknown} "
            "townships it cannot be told, which is not calm.",
            month=month_both(month), found=number(found), shown=number(shown), unknown=number_both(unknown))
    ]  # fmt: skip
    if now["alerts_false_expected"] is not None:
        said.append(
            say("{alerts} are alerts; {chance} would come by chance alone if no township's rate had changed.",
                alerts=number_both(now[f"signal_{Signal.ALERT}_count"]), chance=rate_both(now["alerts_false_expected"]))
        )  # fmt: skip
    return said


def quieter(tables: Frames, release: Release) -> list[tuple[str, Both, Both]]:
    """(signal, words, townships) of what fell, for links into the list."""
    rows = national_rows(tables, release)
    now = rows[max(rows)]
    return [(str(kind), signal_both(kind), number_both(now[f"signal_{kind}_count"])) for kind in _BETTER]


def page(inputs: Inputs) -> list[Context]:
    """month.html: what stands out in the last month."""
    tables, release, recent = inputs.tables, inputs.release, inputs.recent
    listed, found = standing(tables, release, recent["provisional"])
    steps = months(tables, release.method)
    return [{
        "lead": signals.scale_both(tables, release), "said": summary_words(tables, release, len(listed), found),
        "listed": listed, "month": month_both(steps[-1]), "first": month_both(steps[-SHOWN_MONTHS:][0]),
        "recency": recent, "quieter": quieter(tables, release), "mark": release.data_mark,
        "meanings": [(signal_both(kind), meaning_both(kind)) for kind in signals.WORSE],
    }]  # fmt: skip
