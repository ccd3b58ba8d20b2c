"""The 15 states and regions as the report names them: Burmese name, and the name of the page.

Declared in data/reference/state_regions.csv; a slug is part of addresses that readers keep, so it never changes.
Not here: which township lies in which (the township list), what is said of a unit (regions.py).
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from pipeline.settings import REFERENCE
from reports.bilingual import Both


@dataclass(frozen=True)
class Unit:
    """A state, a region or the union territory. `name` is the value of the column state_region."""

    name: str
    slug: str
    kind: str
    name_my: str

    @property
    def both(self) -> Both:
        return Both(self.name, self.name_my)


@cache
def units() -> Mapping[str, Unit]:
    """Name -> unit, in alphabetical order of the names."""
    with (REFERENCE / "state_regions.csv").open(encoding="utf-8", newline="") as stream:
        rows = [Unit(r["state_region"], r["slug"], r["kind"], r["name_my"]) for r in csv.DictReader(stream)]
    return MappingProxyType({row.name: row for row in sorted(rows, key=lambda row: row.name)})


def unit(name: str) -> Unit:
    """The unit of that name. Raises ValueError for one that is not declared: its page would have no address."""
    if name not in units():
        raise ValueError(
            f"{name!r} is none of the {len(units())} states and regions of data/reference/state_regions.csv; "
            "add it there with its slug and its Burmese name"
        )
    return units()[name]
