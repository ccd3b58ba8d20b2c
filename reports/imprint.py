"""What stands at the foot of every page: state of knowledge, sources, licence, method, release, in both languages.

Not here: the sources in full (index.html#sources), licences by file (datapackage.py).
"""

from dataclasses import dataclass

from pipeline.sources import BOUNDARY_DISCLAIMER, UNKNOWN_STRICTNESS, strictness
from reports.bilingual import Both, catalogue, day_both, same, say
from reports.release import Release
from reports.wording import visible


@dataclass(frozen=True)
class Imprint:
    """`marks` are the release's warnings, `facts` stand in one line, `sources` are titles as delivered."""

    marks: tuple[Both, ...]
    disclaimer: Both
    facts: tuple[Both, ...]
    sources: tuple[str, ...]
    licence: tuple[Both, ...]
    citation: str


def _translated(sentence: str) -> Both:
    """A fixed sentence that is declared elsewhere; a warning must be shown even where its Burmese is wanting."""
    return say(sentence) if sentence in catalogue() else same(sentence)


def imprint(release: Release) -> Imprint:
    known = (
        say("Everything received was used")
        if release.as_of is None
        else say("As of {day}: what was received later is left out", day=day_both(release.as_of))
    )
    return Imprint(
        marks=tuple(map(_translated, release.banners)),
        disclaimer=_translated(BOUNDARY_DISCLAIMER),
        facts=(
            say("Data to {day}", day=day_both(release.period_end)), known,
            say("Method {method}", method=release.method),
            say("Code version {version}", version=release.code_version),
            say("release {release}", release=release.release_id),
        ),
        sources=tuple(dict.fromkeys(visible(title) for title, _, _ in release.generated_from)),
        licence=tuple(_licence(release)),
        citation=release.citation,
    )  # fmt: skip


def _licence(release: Release) -> list[Both]:
    """The strictest terms among the sources; what is not known comes first, for it may forbid anything."""
    stated = [(visible(title), visible(licence)) for title, licence, _ in release.generated_from]
    unknown = dict.fromkeys(title for title, licence in stated if strictness(licence) == UNKNOWN_STRICTNESS)
    ranks = [strictness(licence) for _, licence in stated if strictness(licence) != UNKNOWN_STRICTNESS]
    said = []
    if unknown:
        said.append(say("The terms of {sources} are not known to this project: ask whoever delivered it before passing "
                        "anything of this release on.", sources="; ".join(unknown)))  # fmt: skip
    if ranks:
        strictest = (licence for _, licence in stated if strictness(licence) == max(ranks))
        words = dict.fromkeys(licence.partition(" (")[0] for licence in strictest)  # without "(as COD-AB)"
        said.append(say("Licence of the content: that of the strictest source, {licence}; every source is to be named.",
                        licence="; ".join(words)))  # fmt: skip
    return said or [say("No source states a licence: do not pass anything of this release on.")]
