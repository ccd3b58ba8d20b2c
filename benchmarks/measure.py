"""Wall time and peak memory of a whole command, its child processes included."""

import contextlib
import os
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Run:
    """`wall` and `cpu` in seconds; `peak` in MB, the most that the process and its children held together."""

    wall: float
    cpu: float
    peak: float
    exit_code: int


def run(
    command: Sequence[str],
    environment: dict[str, str] | None = None,
    log: Path | None = None,
    seen: list[tuple[float, float]] | None = None,
) -> Run:
    """Run a command to its end, its output to `log` or nowhere.

    `seen` takes the memory over time: seconds since 1970 and MB, of the process and its children together.
    """
    with contextlib.ExitStack() as stack:
        sink = stack.enter_context(log.open("ab")) if log else subprocess.DEVNULL
        started = time.perf_counter()
        child = subprocess.Popen(command, env=environment, stdout=sink, stderr=sink)
        peak = [0.0]
        sampler = threading.Thread(target=_sample, args=(child.pid, peak, seen), daemon=True)
        sampler.start()
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - started
    child.returncode = os.waitstatus_to_exitcode(status)
    sampler.join()
    own = usage.ru_maxrss / 1024
    return Run(wall, usage.ru_utime + usage.ru_stime, max(own, peak[0]), child.returncode)


def _sample(pid: int, peak: list[float], seen: list[tuple[float, float]] | None) -> None:
    """Twenty times a second: the resident memory of the process and all its descendants (Linux)."""
    while True:
        pids = _family(pid)
        if not pids:
            return
        now = sum(_resident_mb(p) for p in pids)
        peak[0] = max(peak[0], now)
        if seen is not None:
            seen.append((time.time(), now))
        time.sleep(0.05)


def _family(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    return [pid, *(p for child in text.split() for p in _family(int(child)))]


def _resident_mb(pid: int) -> float:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
