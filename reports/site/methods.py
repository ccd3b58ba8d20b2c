"""What the methods page shows, gathered from the declarations: formulas, choices, rules, sources, limits, peers.

The page grows with the declarations; nothing here says how a figure is computed.

How others define what they count, with ours as the last row.
"""

import re
from collections.abc import Mapping
from typing import Any

import polars as pl

from pipeline.declare.choices import alternatives, named_choices, named_rules
from pipeline.declare.columns import COLUMNS
from pipeline.declare.methods import Method
from pipeline.declare.settings import REFERENCE
from pipeline.declare.sources import Source, family
from pipeline.declare.tables import FORMULAS, Formula, Layer, layer
from pipeline.sources import BY_KEY, SOURCES
from reports.files.dictionary import choice_rows, window_words
from reports.release import Release, is_lethal_only, latest
from reports.site.blocks import Board
from reports.site.evidence import comparison, figure_words, source_names
from reports.site.inputs import Context, Inputs
from reports.site.uncertainty import depends
from reports.text.signals import MEANINGS
from reports.text.wording import day, label, number

HEADER = ("Who", "When", "Unit", "What is counted", "Rule", "What is missing", "How sure", "Read in")
PEER_COLUMNS = (
    "peer", "year", "unit_of_analysis", "what_is_counted", "rule", "missing_treated", "uncertainty_given",
    "link_title", "link",
)  # fmt: skip


def peers() -> list[dict[str, str]]:
    """The reference table; ValueError where a column or the name of a peer is missing."""
    frame = pl.read_csv(REFERENCE / "peer_definitions.csv", infer_schema=False, glob=False)
    if tuple(frame.columns) != PEER_COLUMNS or frame["peer"].null_count():
        raise ValueError(
            f"data/reference/peer_definitions.csv must hold {', '.join(PEER_COLUMNS)}, and a name in each row"
        )
    return frame.with_columns(pl.all().fill_null("")).to_dicts()


def ours(method: Method, clash_source: str | None, year: int) -> Mapping[str, str]:
    """This release in the same columns, from its method and the thresholds of the source that leads."""
    cuts = method.thresholds(clash_source or "default")
    source = BY_KEY.get(family(clash_source)) if clash_source else None
    counted = " and ".join(kind.value.replace("_", " ") for kind in method.counted_classes)
    return {
        "peer": "This release",
        "year": str(year),
        "unit_of_analysis": "township",
        "what_is_counted": f"{counted} events of {source.title if source else 'no source'}; people newly displaced, "
        "else all displaced; five items of public service",
        "rule": f"inside townships in conflict: security high from {number(cuts.security_high.value)} clashes, "
        f"displacement high from {number(method.idps_high.value)} people, services severe from "
        f"{method.services_severe.value:g} of the items lost; every number with its reason on this page",
        "missing_treated": "unknown is never zero; insufficient data is a class of its own; services have bounds",
        "uncertainty_given": "probability of a class, intervals of ranks and of the share lost, scenarios, grade of "
        "the evidence",
        "link_title": "this page",
        "link": "",
    }


Frames = Mapping[str, pl.DataFrame]
# What each word of the pages means, in the order in which a reader meets them; the formulas say how it is computed.
WORDS: tuple[tuple[str, str, str], ...] = (
    (
        "clash",
        "An event in which armed actors fight and people die, as the leading source records it. Fighting without "
        "a death is no clash of a source that records deadly events alone.",
        "fatalities_persons",
    ),
    (
        "certain, possible",
        "Certain is a clash placed in one township. Possible is a clash placed in none that may have "
        "happened in this township, because it is one of a few candidates; possible ones are never added over places.",
        "clashes_possible_count",
    ),
    (
        "now",
        "The clashes of the month, of three and of twelve months, whatever the window of the method.",
        "clashes_3m_count",
    ),
    (
        "signal",
        "What the month says beside the township's own past, the first that holds: "
        + "; ".join(f"{kind} - {meaning}" for kind, meaning in MEANINGS.items())
        + ".",
        "signal",
    ),
    (
        "expected",
        "Clashes to expect in the next three months as they are recorded and placed, by recent and long-run "
        "clashes of the township and of its neighbours; also called current intensity.",
        "expected_clashes_next_3m",
    ),
    (
        "heavy fighting since 2021",
        "Class high of the Security Index: as many clashes since 1 February 2021 as its cut. "
        "ISP-Myanmar published it as control lost. It counts clashes, cannot fall, and is not who controls a place.",
        "control_lost_townships_share",
    ),
    ("step", "Five steps of the same count, 0 to 4, for what two classes do not tell apart.", "security_step"),
    (
        "probability of high",
        "The chance that another record of the same months, as selective as this one, would also "
        "say high. Not a statement about the coming months, nor about what no record would hold.",
        "security_high_probability",
    ),
    (
        "control, as observed",
        "Who holds a township by records of control, each with its day; contested and unknown are states of their own.",
        "control_class",
    ),
    (
        "certain, likely (services)",
        "Certain is a class that holds whatever the unknown answers are; likely is one by "
        "the mean of the known answers.",
        "services_certainty",
    ),
    (
        "quiet, silent, hosting",
        "Quiet, as reported: no clash, and records of another kind report. Silent: no clash, and "
        "nobody reports. Hosts displaced people: no clash is known and displaced people live there. None is calm.",
        "security_shown",
    ),
    (
        "unseen",
        "Townships that had clashes which nobody recorded, at least: Chao's lower bound from the townships seen "
        "with one and with two clashes.",
        "in_conflict_estimate",
    ),
)
_NUMBERS = ("BIGINT", "DOUBLE")


def anchor(words: str) -> str:
    """An id for a heading: letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")


def method_context(tables: Frames, release: Release) -> dict[str, Any]:
    """Everything that methods.html.j2 asks for but the methods themselves."""
    spec = release.spec(release.method)
    source = latest(tables, "national_summary", release.method)["clash_source"].item()
    own = [ours(spec, source, release.period_end.year)] if spec else []
    told = {one.formula for group in FORMULAS.values() for one in group}  # a rule that is a formula stands there
    return {
        "topics": [_topic(words, group) for words, group in FORMULAS.items()],
        "computed": computed_columns(),
        "fitted": _fitted(release),
        "choices": [
            {"name": f"{one.name.strip('_').replace('_', ' ').lower()}", "value": f"{one.choice.value:g}",
             "why": one.choice.why, "module": one.module}
            for one in named_choices()
        ],
        "rules": [{"name": _rule_words(one.name), "text": one.text} for one in named_rules() if one.text not in told],
        "alternatives": [{"index": label(one.index_name), "choice": one.choice.replace("_", " "), "name": one.name,
                          "why": one.why} for one in alternatives()],
        "sensitivity": _short(depends(tables, release)),
        "sources": [_source(one) for one in SOURCES],
        "leading": source_names(tables).get(source, source) if source else None,
        "words": WORDS, "first_limits": first_limits(tables, release), "limits": _limits(release),
        "comparison": comparison(tables),
        "peers": [*peers(), *own],
        "peer_header": HEADER,
    }  # fmt: skip


def first_limits(tables: Frames, release: Release) -> list[str]:
    """The limits that change most how a figure is to be read."""
    said = [
        "The counts since February 2021 only grow: they say where there has been fighting, and would stay as they are "
        "if all of it ended. What is going on now stands first on the overview.",
    ]
    if is_lethal_only(tables, release.method):
        said.append(
            "The leading source records events in which people died. Shelling, arrests and fighting without a death "
            "are in no count of clashes."
        )
    days = latest(tables, "township_index", release.method)["idps_reference_date"].drop_nulls()
    if days.len():
        newest = max(days.to_list())
        months = (release.period_end.year - newest.year) * 12 + release.period_end.month - newest.month
        said.append(f"The newest report of displaced people is of {day(newest)}, {months} months before the end of "
                    "the period: who fled or returned later is in no figure.")  # fmt: skip
    return said


def computed_columns() -> list[dict[str, Any]]:
    """Every number of the published tables once: where it stands, its meaning, and the formulas that make it."""
    made: dict[str, list[tuple[str, str]]] = {}
    for group in FORMULAS.values():
        for formula in group:
            for column in dict.fromkeys(name.partition(".")[2] for name in formula.columns):
                made.setdefault(column, []).append((anchor(formula.title), formula.title))
    holders: dict[str, list[str]] = {}
    for table in layer(Layer.PUBLISHED):
        for name in table.columns:
            holders.setdefault(name, []).append(table.name)
    return [
        {"name": spec.name, "tables": ", ".join(holders[spec.name]), "unit": spec.unit, "meaning": spec.meaning,
         "formulas": made.get(spec.name, [])}
        for spec in COLUMNS.values()
        if spec.name in holders and spec.type in _NUMBERS
    ]  # fmt: skip


def _topic(words: str, group: tuple[Formula, ...]) -> dict[str, Any]:
    return {
        "title": words,
        "anchor": anchor(words),
        "formulas": [
            {"title": one.title, "anchor": anchor(one.title), "formula": one.formula, "why": one.why,
             "limits": one.limits, "reference": one.reference, "columns": _named(one.columns)}
            for one in group
        ],
    }  # fmt: skip


def _named(columns: tuple[str, ...]) -> list[tuple[str, str]]:
    """(column, the tables it stands in for this formula), a column once."""
    found: dict[str, list[str]] = {}
    for full in columns:
        table, _, column = full.partition(".")
        found.setdefault(column, []).append(table)
    return [(column, ", ".join(names)) for column, names in found.items()]


def _fitted(release: Release) -> list[tuple[str, str, str]]:
    """(method, source, published figures) of every cut that was chosen to come close to published figures."""
    return [
        (method.name, source, "; ".join(figure_words(name) for name in cuts.fitted_to))
        for method in release.methods
        for source, cuts in method.security.items()
        if cuts.fitted_to
    ]


def _rule_words(name: str) -> str:
    words = name.strip("_").replace("_", " ").lower()
    return words[:1].upper() + words[1:]


def _source(one: Source) -> dict[str, str]:
    return {
        "title": one.title,
        "provider": one.provider,
        "licence": one.licence,
        "cadence": one.cadence,
        "silence": f"{one.absence_means.value}: {one.absence_why}",
        "provisional": f"{one.provisional_days} days. {one.provisional_why}" if one.provisional_days else "none",
        "passed_on": "yes" if one.rows_may_be_passed_on else "aggregated figures only",
        "caveat": " ".join(
            part for part in ("Lethal events only." if one.lethal_only else "", one.caveat) if part
        ) or "none",
        "url": one.url,
    }  # fmt: skip


def _limits(release: Release) -> list[tuple[str, list[str]]]:
    """(caveat in plain words, the tables or methods it is about), a caveat once."""
    found: dict[str, list[str]] = {}
    for method in release.methods:
        for caveat in method.caveats:
            found.setdefault(caveat, []).append(f"method {method.name}")
    for table in layer(Layer.PUBLISHED):
        for caveat in table.caveats:
            found.setdefault(caveat, []).append(table.name)
    return list(found.items())


def _short(board: Board) -> Board:
    """The sentences of a board without its tables, which stand on the report page."""
    return Board(board.sentences, (), board.files)


def page(inputs: Inputs) -> list[Context]:
    """methods.html."""
    methods = [{"method": one, "window": window_words(one), "choices": choice_rows(one), "saved": one.saved}
               for one in inputs.release.methods]  # fmt: skip
    return [{**method_context(inputs.tables, inputs.release), "methods": methods}]
