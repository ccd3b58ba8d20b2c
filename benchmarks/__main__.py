"""`make bench`: each figure beside its baseline from the same run.

Cold means as on the first run after an installation: no compiled bytecode, a home without anything in it.
"""

import json
import os
import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks import million
from benchmarks.measure import Run, run

FLOOR = "import dagster, great_expectations, geopandas, polars, duckdb"
REPEATS = int(os.environ.get("BENCH_REPEATS", "3"))
COMMAND = str(Path(sys.executable).with_name("township-index"))
REAL = Path(__file__).resolve().parents[2] / "shared" / "realdata"
MOST_RATIO, MOST_MB = 1.6, 1500
MOST_MB_MILLION, MOST_GROWTH = 3000, 1.3


def main() -> int:
    print(f"Benchmarks: {os.cpu_count()} cores, {REPEATS} rounds, baseline and job in turn; medians\n")
    jobs = {"sample": ["--sample"]}
    if REAL.is_dir():
        jobs["real records"] = ["--data", str(REAL), "--period-end", "2023-11-26"]
    else:
        print("  no real records beside the project: that job is left out")
    with tempfile.TemporaryDirectory() as folder:
        failed = [_main_job(name, arguments, Path(folder), cold=True) for name, arguments in jobs.items()]
        _main_job("sample, bytecode compiled", jobs["sample"], Path(folder), cold=False)
        failed.append(_points(Path(folder)))
        failed.append(_million(Path(folder)))
    return int(any(failed))


def _main_job(name: str, arguments: list[str], folder: Path, cold: bool) -> bool:
    """(a) and (c): the job's wall time over the bare import of the named packages, and its peak memory."""
    environment = dict(os.environ)
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment["PYTHONPYCACHEPREFIX"] = str(folder / "bytecode")
    if cold:
        environment |= {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPYCACHEPREFIX": str(folder / "none")}
    floors: list[Run] = []
    runs: list[Run] = []
    for turn in range(REPEATS + (0 if cold else 1)):
        home = folder / f"home-{name}-{turn}-{cold}".replace(" ", "-")
        floor = run([sys.executable, "-c", FLOOR], environment)
        job = run([COMMAND, "run", *arguments, "--home", str(home)], environment, folder / "log")
        if job.exit_code:
            print((folder / "log").read_text()[-2000:])
            raise SystemExit(f"the job on {name} ended with exit code {job.exit_code}")
        if cold or turn:  # the first warm turn writes the bytecode
            floors.append(floor)
            runs.append(job)
    ratios = [job.wall / floor.wall for job, floor in zip(runs, floors, strict=True)]
    ratio = statistics.median(ratios)
    memory = max(job.peak for job in runs)
    print(f"Main job, {name}{', cold' if cold else ''}")
    print(f"  imports alone   {statistics.median(f.wall for f in floors):6.2f} s wall")
    print(
        f"  whole job       {statistics.median(j.wall for j in runs):6.2f} s wall, "
        f"{statistics.median(j.cpu for j in runs):.2f} s cpu, both processes"
    )
    print(
        f"  ratio           {ratio:6.2f}   (rounds: {', '.join(f'{r:.2f}' for r in ratios)}"
        + (f"; aim: at most {MOST_RATIO})" if cold else ")")
    )
    print(
        f"  peak memory     {memory:6.0f} MB, all processes together; imports alone "
        f"{max(f.peak for f in floors):.0f} MB (aim: under {MOST_MB})\n"
    )
    return memory > MOST_MB


def _points(folder: Path) -> bool:
    """(b): point -> township against geopandas sjoin; answers must not differ."""
    output = folder / "points"
    done = run([sys.executable, "-m", "benchmarks.points", "300000"], dict(os.environ), output)
    found = json.loads(output.read_text().strip().splitlines()[-1])
    print(f"Point -> township, {found['points']:,} points, {found['boundaries']}")
    first, again, join = (found["points"] / found[k] / 1e6 for k in ("ours_first_s", "ours_again_s", "sjoin_s"))
    print(f"  look-up, first call  {first:7.2f} million points a second (grid built in it)")
    print(f"  look-up, after that  {again:7.2f} million points a second")
    print(f"  geopandas sjoin      {join:7.2f} million points a second")
    print(f"  ratio                {first / join:7.1f} first, {again / join:.1f} after")
    print(f"  answers that differ  {found['differing']}")
    print(f"  peak memory          {done.peak:7.0f} MB, both methods in one process")
    return found["differing"] > 0


def _million(folder: Path) -> bool:
    """(d): the whole job on clash rows held in memory, and on more of them, in batches."""
    counts = [400_000, 1_000_000, 2_000_000]
    found = [million.measure(folder / str(count), count) for count in counts]
    print(f"\nClash rows (SYNTHETIC), {', '.join(f'{count:,}' for count in counts)}: s and MB")
    for name in found[0]["steps"]:
        print(f"  {name:<24}" + "".join("  {:8.1f} s {:8.0f} MB".format(*one["steps"][name]) for one in found))
    print(f"  {'all':<24}" + "".join(f"  {one['seconds']:8.1f} s {one['peak']:8.0f} MB" for one in found))
    growth = found[2]["peak"] / found[1]["peak"]
    print(f"  memory, twice the rows    {growth:6.2f} times (aim: {MOST_GROWTH}, and under {MOST_MB_MILLION} MB)")
    return growth > MOST_GROWTH or max(one["peak"] for one in found) > MOST_MB_MILLION


if __name__ == "__main__":
    sys.exit(main())
