"""One case: which format, how many rows, which container, what is done to it. Small, so that it can be repeated."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from zlib import crc32

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from pipeline.sources import BY_NAME
from tests.fuzz import cells, structure
from tests.fuzz.damage import DAMAGES, damage
from tests.fuzz.files import CONTAINERS, Written, write
from tests.fuzz.invented import PointOf, table

CHANGES = {change.__name__: change for change in (*cells.MUTATIONS, *structure.MUTATIONS)}
NAMES = ("data", "a b", "week[1]=*", "နေ့စဉ်", "=cmd", "data.2022", "{x}")


@dataclass(frozen=True)
class Case:
    """`repr` of a case is all it takes to make its file again."""

    format: str
    rows: int
    container: str
    seed: int
    changes: tuple[str, ...] = ()
    damage: str = ""
    name: str = "data"


def build(case: Case, folder: Path, point_of: PointOf) -> Written:
    """The case's file in a folder; each step draws from a generator of its own, so that steps can be left out."""
    sheet = table(BY_NAME[case.format], case.rows, _random(case), point_of)
    for number, change in enumerate(case.changes):
        CHANGES[change](sheet, _random(case, number, change))
    written = write(sheet, case.container, _random(case, "write"), folder, case.name)
    if case.damage:
        damage(written, case.damage, _random(case, case.damage))
    return written


def _random(case: Case, *step: object) -> Random:
    return Random("/".join(map(str, (case.seed, *step))))  # noqa: S311 - to be repeatable is the point


def cases(formats: list[str]) -> st.SearchStrategy[Case]:
    """Two thirds of the files are delimited text; a quarter have damaged bytes; up to three changes each."""
    text = ("comma", "comma", "comma", "semicolon", "tab")
    return st.builds(
        Case,
        format=st.sampled_from(formats),
        rows=st.sampled_from(range(1, 41)),
        container=st.sampled_from((*text, *CONTAINERS)),
        seed=st.integers(0, 2**64),
        changes=st.lists(st.sampled_from(sorted(CHANGES)), max_size=3).map(tuple),
        damage=st.sampled_from((*[""] * 3 * len(DAMAGES), *DAMAGES)),
        name=st.sampled_from(NAMES),
    )


def draw(count: int, number: int) -> list[Case]:
    """Cases of any format that hypothesis draws: others for every seed."""
    return _drawn(sorted(BY_NAME), count, number)


def draw_each(count: int) -> list[Case]:
    """So many cases of each format, always the same ones, and each change and damage at least once.

    A format draws by its own name: a further one leaves the cases of the others as they are.
    """
    drawn = [case for name in sorted(BY_NAME) for case in _drawn([name], count, crc32(name.encode()))]
    plain = Case("canonical_clashes", 1, "comma", 0)
    drawn += [replace(plain, changes=(change,)) for change in sorted(CHANGES)]
    drawn += [replace(plain, damage=how) for how in sorted(DAMAGES)]
    return list(dict.fromkeys(drawn))


def _drawn(formats: list[str], count: int, number: int) -> list[Case]:
    drawn: list[Case] = []

    @seed(number)
    @settings(
        max_examples=count, phases=[Phase.generate], database=None, deadline=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(cases(formats))
    def take(case: Case) -> None:
        drawn.append(case)

    take()
    return list(dict.fromkeys(drawn))


def smaller(case: Case) -> Iterator[Case]:
    """Simpler cases than this one, the simplest first."""
    for at in range(len(case.changes)):
        yield replace(case, changes=case.changes[:at] + case.changes[at + 1 :])
    if case.damage:
        yield replace(case, damage="")
    if case.container != "comma":
        yield replace(case, container="comma")
    if case.name != "data":
        yield replace(case, name="data")
    for rows in sorted({1, case.rows // 2, case.rows - 1}):
        if 0 < rows < case.rows:
            yield replace(case, rows=rows)
    for number in range(min(10, case.seed)):
        yield replace(case, seed=number)
