"""Event files of any number of rows through `tally` on one machine: rows a second, CPU seconds, peak memory.

    .venv-scale/bin/python -m benchmarks.tally DIR [ROWS…] [--home HOME]

Writes the SYNTHETIC files (benchmarks/million.py) into DIR/ROWS/input, in files of a million rows at most; one event in
twenty stands in two files, and the later version of it counts. Prints one JSON line a number of rows.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

from benchmarks.million import write_rows

FILE_ROWS, SHARED_ROWS = 1_000_000, 50_000
FIRST_UPDATE = date(2024, 1, 1)
COMMAND = Path(sys.executable).with_name("township-index")


def write_files(folder: Path, count: int) -> None:
    """Files in which the last events of one are the first of the next."""
    folder.mkdir(parents=True)
    for number, begin in enumerate(range(0, count, FILE_ROWS)):
        rows, first = min(FILE_ROWS, count - begin), begin - number * SHARED_ROWS
        write_rows(folder / f"part{number:03d}.csv", rows, first, FIRST_UPDATE + timedelta(days=number))


def measure(folder: Path, count: int, home: str) -> dict[str, object]:
    """What the command took for so many rows, and its account."""
    events, out = folder / str(count) / "input", folder / str(count) / "out"
    if not events.exists():
        write_files(events, count)
    text = sum(path.stat().st_size for path in events.glob("*.csv"))
    begun = time.monotonic()
    child = subprocess.Popen([COMMAND, "tally", f"{events}/*.csv", "--out", out, *(["--home", home] if home else [])])
    _, status, used = os.wait4(child.pid, 0)
    seconds = time.monotonic() - begun
    if status:
        raise subprocess.CalledProcessError(status, "township-index tally")
    cpu = used.ru_utime + used.ru_stime
    return {
        "rows": count,
        "input_megabytes": round(text / 1e6),
        "seconds": round(seconds, 1),
        "cpu_seconds": round(cpu, 1),
        "rows_per_second": round(count / seconds),
        "peak_megabytes": round(used.ru_maxrss / 1024),
        "account": json.loads((out / "account.json").read_text()) | {"files": len(list(events.glob("*.csv")))},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("rows", type=int, nargs="*", default=[1_000_000, 3_000_000, 10_000_000])
    parser.add_argument("--home", default="")
    given = parser.parse_args()
    for count in given.rows:
        print(json.dumps(measure(given.folder, count, given.home)), flush=True)


if __name__ == "__main__":
    main()
