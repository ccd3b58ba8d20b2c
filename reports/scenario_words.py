"""Settings of a scenario as a reader says them: "threshold=20000" is a cut of 20,000 displaced people.

One phrase for each alternative that pipeline.scenarios declares. Not here: why an alternative is defensible.
"""

from pipeline.codes import IndexName
from pipeline.scenarios import CHOICES, Decision
from reports.bilingual import Both, say
from reports.wording import number, settings, share

# (choice, alternative): the phrase. Alternatives that are numbers have one phrase a choice, see _NUMBERS.
_WORDS: dict[tuple[str, str], str] = {
    ("events", "clash"): "clashes alone counted",
    ("events", "clash and violence against civilians"): "violence against civilians counted too",
    ("precision", "township or better"): "events located to the township counted",
    ("precision", "exact"): "only events located exactly",
    ("window", "since the coup"): "all months since the coup counted",
    ("window", "12 months"): "the last 12 months counted",
    ("threshold", "own"): "the cut of the source itself",
    ("threshold", "one step lower"): "a cut one step lower",
    ("threshold", "one step higher"): "a cut one step higher",
    ("basis", "new then stock"): "new displacement, else all displaced people",
    ("basis", "stock"): "all displaced people, old and new",
    ("basis", "new"): "new displacement alone",
}
_NUMBERS: dict[str, str] = {
    "threshold": "a cut of {value} displaced people",
    "staleness_days": "records at most {value} days old",
    "severe_cut": "a cut of {value} of the services lost",
    "known_items": "at least {value} service items known",
}
_SOURCE = "another clash source: {value}"


def setting_words(setting: str) -> Both:
    """One "choice=alternative" in both languages; one that is not declared reads as it stands."""
    choice, _, level = setting.partition("=")
    if (choice, level) in _WORDS:
        return say(_WORDS[choice, level])
    if choice == "source":
        return say(_SOURCE, value=level)
    if choice in _NUMBERS and _is_number(level):
        amount = float(level)
        return say(_NUMBERS[choice], value=share(amount) if choice == "severe_cut" else number(amount))
    return Both(settings(setting), settings(setting))


def changed_by_words(text: str | None) -> list[Both]:
    """The single changes that give another class; empty where none does."""
    return [setting_words(one) for one in (text or "").split("; ") if one]


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdecimal()


def undeclared() -> list[str]:
    """Alternatives of the declared choices that have no phrase here; a test holds this empty."""

    def known(decision: Decision, level: str) -> bool:
        return (decision.name, level) in _WORDS or (decision.name in _NUMBERS and _is_number(level))

    return [
        f"{decision.name}={level.name}"
        for index in IndexName
        for decision in CHOICES[index]
        for level in decision.levels
        if not known(decision, level.name)
    ]
