"""`python -m tests.fuzz [--cases N] [--plants N] [--seed S]`: the figures of a run; exit code 1 on any fault."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from geo.townships import reference
from tests.fuzz.batches import Fault, Ground, smallest, try_all
from tests.fuzz.cases import draw
from tests.fuzz.oracle import Tally
from tests.fuzz.planted import SORTS, drawn
from tests.fuzz.sums import Sums, add_up

SHOWN = 20  # sorts of faults


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=2000, help="how many files to try (default 2000)")
    parser.add_argument("--plants", type=int, default=20, help="how many files of each sort whose sums are known")
    parser.add_argument("--seed", type=int, default=0, help="another seed tries other files (default 0)")
    parser.add_argument("--running", type=Path, help="a file that names the cases under way, should the process die")
    asked = parser.parse_args()
    started, tally = time.perf_counter(), Tally()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as home:
        ground = _ground(Path(home))
        faults = try_all(draw(asked.cases, asked.seed), ground, tally, asked.running)
        _print_figures(tally, asked.seed, time.perf_counter() - started, len(faults))
        _print_faults(faults, ground)
        sums = add_up(drawn(asked.plants, asked.seed), Path(home) / "plants", ground.gazetteer, ground.point_of)
        _print_sums(sums)
    return int(bool(faults or sums.faults))


def _ground(home: Path) -> Ground:
    """The gazetteer of a run without a boundary file, and the point that the township list gives each township."""
    from assets.gazetteer import gazetteer

    points = {code: (lon, lat) for code, lon, lat in reference().select("adm3_pcode", "label_lon", "label_lat").rows()}
    return Ground(home / "files", gazetteer(home, ""), points.__getitem__)


def _print_figures(tally: Tally, number: int, seconds: float, faults: int) -> None:
    print(f"Fuzzing: {tally.files:,} files, seed {number}, {seconds:.0f} s")
    print(f"  refused              {tally.refused:10,}")
    print(f"  read                 {tally.read:10,}")
    print(f"  rows in              {tally.rows:10,}   of the formats that have records")
    print(f"  kept                 {tally.used:10,}")
    print(f"  set aside            {tally.reasons.total():10,}")
    for reason, count in tally.reasons.most_common(10):
        print(f"    {reason:<19}{count:10,}")
    print(f"  rows lost            {tally.lost:10,}")
    print(f"  crashes              {tally.crashes:10,}")
    print(f"  faults, all sorts    {faults:10,}")


def _print_sums(sums: Sums) -> None:
    print("\nFiles whose right sums are known, by what became of them")
    print(f"  {'sort':<12}{'right':>8}{'refused':>9}{'accounted':>11}{'wrong':>7}")
    for sort in SORTS:
        wrong = sum(case.sort == sort for case, _ in sums.faults)
        print(f"  {sort:<12}{sums.right[sort]:8}{sums.refused[sort]:9}{sums.accounted[sort]:11}{wrong:7}")
    for case, what in sums.faults[:SHOWN]:
        print(f"\n{what[:500]}\n  {case!r}")


def _print_faults(faults: list[Fault], ground: Ground) -> None:
    """One small example of each sort."""
    sorts: dict[str, list[Fault]] = {}
    for fault in faults:
        sorts.setdefault(fault.sort, []).append(fault)
    for same in list(sorts.values())[:SHOWN]:
        example = smallest(same[0], ground)
        print(f"\n{len(same)} times: {example.what}\n  {', '.join(map(repr, example.cases[:3]))}")


if __name__ == "__main__":
    sys.exit(main())
