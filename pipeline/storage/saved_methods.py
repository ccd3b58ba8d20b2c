"""Methods that a team calibrated and saved in its home: HOME/methods/NAME.toml, read, checked, written.

A saved method is a shipped one with cuts of its own. They hold for one source family: for another the base's cuts
would be used without a word, so that is refused.
"""

import re
import tomllib
from dataclasses import asdict, replace
from datetime import date
from math import isfinite
from pathlib import Path
from typing import Any

import tomli_w

from pipeline.declare.choice import Choice
from pipeline.declare.errors import UnusableInput
from pipeline.declare.methods import (
    CLASH_SOURCE_ORDER,
    METHODS,
    SMALLEST_SHOWN_PERSONS,
    FoundCut,
    Method,
    Provenance,
    check_lag,
)
from pipeline.declare.settings import Home
from pipeline.declare.sources import family
from pipeline.sources import BY_KEY
from pipeline.storage.disk import write_atomically

# The name stands in tables, file names and pages.
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{1,39}")
# cut -> (largest value, whether it must be whole): counts and persons are whole, the loss of services is a share
CUTS = {"security_high": (100_000, True), "idps_high": (10_000_000, True), "services_severe": (1, False)}
_CUT_KEYS = ("value", "why", "published", "reached", "loss_townships", "equally_good", "nearly_as_good")
_PROVENANCE = {
    "source_key": str, "figures_file": str, "figures_sha256": str, "release_id": str, "inputs_sha256": str,
    "period_start": date, "period_end": date, "made_on": date, "synthetic": bool,
}  # fmt: skip
_HEAD = """\
# A saved method: the base method with cuts that `township-index calibrate` found. Used by: run --method {name}
# Other cuts may do as well (equally_good, nearly_as_good), and closeness to published margins proves nothing:
# many methods can meet them. The cuts hold for this source family and period only.
# Published figures are in townships. A publication lag of your own: [publication_lag] days = 45, why = "…"

"""


def names(place: Home) -> list[str]:
    """The saved methods of a home; a file that bears a shipped method's name is never used."""
    return sorted(path.stem for path in place.methods.glob("*.toml") if path.stem not in METHODS)


def of_run(place: Home, name: str) -> tuple[Method, ...]:
    """The shipped methods, and the saved one of that name where it is none of them.

    Raises UnusableInput for a name that is neither, and for a saved method that cannot be used.
    """
    shipped = tuple(METHODS.values())
    return shipped if name in METHODS else (*shipped, read(place, name))


def read(place: Home, name: str) -> Method:
    """A saved method. Raises UnusableInput naming the file, the key, what was found and what to do."""
    if name not in names(place) or not _NAME.fullmatch(name):
        known = ", ".join([*METHODS, *names(place)])
        raise UnusableInput(f"unknown method {name!r}; choose one of: {known} (saved methods lie in {place.methods})")
    path = place.methods / f"{name}.toml"
    return _method(name, _stated(path), str(path))


def _stated(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise UnusableInput(f"{path}: cannot be read ({error}); mend it or calibrate again with --replace") from error


def _method(name: str, stated: dict[str, Any], where: str) -> Method:
    _only(stated, ("base", "source_family", "cuts", "provenance", "publication_lag"), where)
    named, origin = _typed(stated, "base", str, where), _typed(stated, "source_family", str, where)
    if named not in METHODS:
        raise UnusableInput(f"{where}: the base {named!r} is no shipped method; write one of {', '.join(METHODS)}")
    if origin not in CLASH_SOURCE_ORDER:
        raise UnusableInput(
            f"{where}: source_family {origin!r} is no family of clash sources; "
            f"write one of {', '.join(CLASH_SOURCE_ORDER)}"
        )
    cuts = _typed(stated, "cuts", dict, where)
    _only(cuts, tuple(CUTS), f"{where}, cuts")
    if not cuts:
        raise UnusableInput(f"{where}: cuts holds none of {', '.join(CUTS)}; calibrate again with --replace")
    chosen = {key: _cut(_typed(cuts, key, dict, f"{where}, cuts"), key, f"{where}, cuts.{key}") for key in cuts}
    facts = _typed(stated, "provenance", dict, where)
    at = f"{where}, provenance"
    _only(facts, tuple(_PROVENANCE), at)
    saved = Provenance(
        named, origin, cuts=tuple(found for _, found in chosen.values()),
        **{key: _typed(facts, key, kind, at) for key, kind in _PROVENANCE.items()},
    )  # fmt: skip
    if family(saved.source_key) != origin:
        raise UnusableInput(f"{at}: source_key {saved.source_key!r} is not of the family {origin!r}; mend one of them")
    base = METHODS[named]
    own = base.thresholds(origin)
    if "security_high" in chosen:
        choice, found = chosen["security_high"]
        own = replace(own, security_high=choice, fitted_to=tuple(figure for figure, _ in found.published))
    return replace(
        base,
        name=name,
        title=f"{base.title}; cuts calibrated on {BY_KEY[origin].title} to {saved.period_end.isoformat()}",
        security={**base.security, origin: own},
        idps_high=chosen["idps_high"][0] if "idps_high" in chosen else base.idps_high,
        services_severe=chosen["services_severe"][0] if "services_severe" in chosen else base.services_severe,
        publication_lag_days=_lag(stated, where) if "publication_lag" in stated else base.publication_lag_days,
        caveats=(*base.caveats, *_caveats(saved)),
        saved=saved,
    )


def _lag(stated: dict[str, Any], where: str) -> Choice:
    """The publication lag that a team wrote into its method: days and why."""
    own, at = _typed(stated, "publication_lag", dict, where, remedy=""), f"{where}, publication_lag"
    _only(own, ("days", "why"), at)
    days, why = _number(own, "days", at), _typed(own, "why", str, at, remedy="")
    if not why.strip():
        raise UnusableInput(f"{at}: why is blank; say why these days were chosen")
    return Choice(check_lag(f"{days:g}", f"{at}: days"), why)


def _caveats(saved: Provenance) -> list[str]:
    invented = ["Its cuts were found on SYNTHETIC DATA and mean nothing elsewhere."] if saved.synthetic else []
    return [
        "Its cuts were chosen to come close to published margins, so closeness to them proves nothing; other cuts and "
        "other methods meet them as well. They hold for one source and period only.",
        *invented,
    ]


def _cut(stated: dict[str, Any], key: str, where: str) -> tuple[Choice, FoundCut]:
    _only(stated, _CUT_KEYS, where)
    value, why = _number(stated, "value", where), _typed(stated, "why", str, where)
    most, whole = CUTS[key]
    if key == "idps_high" and 0 < value < SMALLEST_SHOWN_PERSONS:
        raise UnusableInput(
            f"{where}: value {value:g} lies among groups of 1 to {SMALLEST_SHOWN_PERSONS - 1} displaced people, which "
            f"are withheld, and the class would tell them apart; write {SMALLEST_SHOWN_PERSONS} or more"
        )
    if not 0 < value <= most or (whole and value != int(value)):
        kind = "a whole number" if whole else "a number"
        raise UnusableInput(f"{where}: value {value:g} must be {kind} above 0 and at most {most:,}")
    if not why.strip():
        raise UnusableInput(f"{where}: why is blank; say why this cut was chosen")
    tables = {}
    for part in ("published", "reached"):
        table = _typed(stated, part, dict, where)
        tables[part] = tuple((figure, _number(table, figure, f"{where}.{part}")) for figure in table)
    loss = _number(stated, "loss_townships", where)
    good, near = _typed(stated, "equally_good", str, where), _typed(stated, "nearly_as_good", str, where)
    return Choice(value, why), FoundCut(key, tables["published"], tables["reached"], loss, good, near)


def _only(stated: dict[str, Any], allowed: tuple[str, ...], where: str) -> None:
    unknown = sorted(set(stated) - set(allowed))
    if unknown:
        raise UnusableInput(f"{where}: the key {unknown[0]!r} is not read; use {', '.join(allowed)}")


def _typed(
    stated: dict[str, Any], key: str, kind: type, where: str, remedy: str = ", or calibrate again with --replace"
) -> Any:
    found = stated.get(key)
    if type(found) is not kind:  # a truth value is a number too, and a time is a date, by inheritance
        word = {str: "text", dict: "a table", date: "a day without quotes", bool: "true or false"}[kind]
        what = "is missing" if found is None else f"is {found!r}"
        raise UnusableInput(f"{where}: {key} {what}; write {word}{remedy}")
    return found


def _number(stated: dict[str, Any], key: str, where: str) -> float:
    found = stated.get(key)
    if isinstance(found, bool) or not isinstance(found, int | float) or not isfinite(found):
        what = "is missing" if found is None else f"is {found!r}"
        raise UnusableInput(f"{where}: {key} {what}; write a number")
    return float(found)


def check_new(place: Home, name: str, may_replace: bool) -> None:
    """Raise UnusableInput for a name that cannot be saved under, or whose lag is wrong, before anything is searched."""
    if not _NAME.fullmatch(name):
        raise UnusableInput(
            f"--save {name!r}: a method's name is 2 to 40 of a-z, 0-9, - and _, such as isp-2023-own; choose another"
        )
    if name in METHODS:
        raise UnusableInput(f"--save {name!r} is a method that ships and cannot be replaced; choose another name")
    if name in names(place) and not may_replace:
        raise UnusableInput(
            f"--save {name!r}: {place.methods / name}.toml exists; choose another name or add --replace"
        )
    _lag_of_the_replaced(place.methods / f"{name}.toml")  # one that is wrong is mended, not lost


def write(place: Home, name: str, cuts: dict[str, tuple[Choice, FoundCut]], saved: Provenance) -> Method:
    """Write a method file whole or not at all, and return it as a run will read it.

    The publication lag that a team wrote into the file it replaces is kept: a calibration finds cuts alone.
    """
    path = place.methods / f"{name}.toml"
    text = as_toml(name, cuts, saved, _lag_of_the_replaced(path))
    _method(name, tomllib.loads(text), "the new method")  # what a run could not read is never written
    place.methods.mkdir(parents=True, exist_ok=True)
    write_atomically(path, lambda part: part.write_text(text, encoding="utf-8"))
    return read(place, name)


def _lag_of_the_replaced(path: Path) -> Choice | None:
    """None where no file is replaced, one without a lag, or one that cannot be read: to replace is its remedy.

    Raises UnusableInput for a lag that is wrong.
    """
    try:
        stated = _stated(path)
    except UnusableInput:
        return None
    return _lag(stated, str(path)) if "publication_lag" in stated else None


def as_toml(name: str, cuts: dict[str, tuple[Choice, FoundCut]], saved: Provenance, lag: Choice | None = None) -> str:
    stated = {
        "base": saved.base, "source_family": saved.source_family,
        "cuts": {
            key: {
                "value": _plain(choice.value), "why": choice.why, "loss_townships": round(found.loss_townships, 2),
                "equally_good": found.equally_good, "nearly_as_good": found.nearly_as_good,
                "published": {figure: _plain(value) for figure, value in found.published},
                "reached": {figure: _plain(value) for figure, value in found.reached},
            }
            for key, (choice, found) in cuts.items()
        },
        "provenance": {key: getattr(saved, key) for key in _PROVENANCE},
        **({"publication_lag": {"days": _plain(lag.value), "why": lag.why}} if lag else {}),
    }  # fmt: skip
    # Half of a character pair, which a file's name may hold, is no text that can be written.
    return (_HEAD.format(name=name) + tomli_w.dumps(stated)).encode("utf-8", "replace").decode("utf-8")


def _plain(value: float) -> float:
    return int(value) if float(value).is_integer() else value


def require_source(method: Method, source_key: str) -> str:
    """What to note where the leading clash source is another of the method's family; "" where nothing is.

    Raises UnusableInput where it is of another family.
    """
    if method.saved is None or source_key == method.saved.source_key:
        return ""
    if family(source_key) != method.saved.source_family:
        raise UnusableInput(
            f"method {method.name!r} was calibrated for {method.saved.source_family}, and the leading clash source of "
            f"this run is {source_key or 'none'}: cuts do not carry over between sources, and those of "
            f"{method.saved.base} would be used without a word. Calibrate on this home and save under another name, or "
            "choose another --method"
        )
    return (
        f"method {method.name!r} was calibrated on {method.saved.source_key}, and {source_key} leads: of one family, "
        "but each team counts its own way; calibrate again to be sure"
    )


def identity(method: Method) -> list[str]:
    """What tells releases of one method name apart: all that a saved method holds; a shipped one is the code's."""
    return [repr(method)] if method.saved else []


def as_facts(method: Method) -> dict[str, Any]:
    """The provenance of a saved method and its cuts as plain values, for the manifest."""
    if method.saved is None:
        raise ValueError(f"method {method.name!r} ships with the code and has no provenance of its own")
    facts = {k: v.isoformat() if isinstance(v, date) else v for k, v in asdict(method.saved).items() if k != "cuts"}
    values = {
        "security_high": method.thresholds(method.saved.source_family).security_high,
        "idps_high": method.idps_high,
        "services_severe": method.services_severe,
    }
    cuts = [
        {**asdict(cut), "published": dict(cut.published), "reached": dict(cut.reached), "value": values[cut.name].value}
        for cut in method.saved.cuts
    ]
    return {"name": method.name, **facts, "cuts": cuts}
