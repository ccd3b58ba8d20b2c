"""A Ray cluster of two workers on this machine counts event files as one machine does, also where a worker is killed.

    .venv-scale/bin/python -m benchmarks.tally_on_ray DIR FILES… [--columns FILE] [--home HOME] [--kill SECONDS]

Counts natively into DIR/native, on the cluster into DIR/ray, and with --kill once more into DIR/killed while the second
worker's processes are ended SECONDS after the start. Ends with 1 where an answer differs. Ends only what it started.
"""

import argparse
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

PORT = 6397
STARTED, START_SECONDS = "Ray runtime started.", 300
NODE_MEMORY_BYTES = 600_000_000
LEFT = ("clashes/tally.csv", "account.json")
RAY = Path(sys.executable).with_name("ray")
COMMAND = Path(sys.executable).with_name("township-index")


def log_of(scratch: Path) -> Path:
    return scratch.parent / f"{scratch.name}.log"


def node(scratch: Path, *where: str) -> subprocess.Popen[bytes]:
    """One node of one processor that lives until it is ended; returns once it has started."""
    store = f"--object-store-memory={NODE_MEMORY_BYTES}"
    said = [str(RAY), "start", *where, "--num-cpus=1", store, "--block", "--disable-usage-stats"]
    head = ["--include-dashboard=false", f"--temp-dir={scratch}"] if "--head" in where else []
    log = log_of(scratch)
    log.touch()
    before = log.read_text().count(STARTED)
    with log.open("ab") as taken:
        started = subprocess.Popen([*said, *head], stdout=taken, stderr=taken)
    for _ in range(START_SECONDS):
        if log.read_text().count(STARTED) > before:
            return started
        time.sleep(1)
    raise TimeoutError(f"a node did not start in {START_SECONDS} s; see {log}")


def descendants(pid: int) -> list[int]:
    """The processes that a process started, and those that they did."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found[1:]


def end(one: subprocess.Popen[bytes], how: signal.Signals) -> None:
    """End a node that this script started, with all that it started."""
    if one.poll() is None:
        for pid in [*descendants(one.pid), one.pid]:
            with suppress(ProcessLookupError):
                os.kill(pid, how)
        one.wait(60)


def tally(given: argparse.Namespace, name: str, *how: str) -> float:
    """Seconds that the command took; raises CalledProcessError where it failed."""
    columns = ["--columns", given.columns] if given.columns else []
    home = ["--home", given.home] if given.home else []
    begun = time.monotonic()
    out = str(given.out / name)
    subprocess.run([str(COMMAND), "tally", *given.files, "--out", out, *columns, *home, *how], check=True)
    return time.monotonic() - begun


def same(given: argparse.Namespace, name: str) -> bool:
    return all((given.out / name / one).read_bytes() == (given.out / "native" / one).read_bytes() for one in LEFT)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("files", nargs="+")
    parser.add_argument("--columns")
    parser.add_argument("--home")
    parser.add_argument("--kill", type=float)
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the nodes are ended all the same
    given.out.mkdir(parents=True, exist_ok=True)
    scratch = (given.out / "r").resolve()
    scratch.mkdir(exist_ok=True)
    print(f"native: {tally(given, 'native'):.0f} s")
    # A token of this cluster's own: nothing else on the machine can give it work, and none is left behind.
    os.environ |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": uuid4().hex}
    nodes = [node(scratch, "--head", f"--port={PORT}")]
    ray = ("--engine", "ray", "--address", f"127.0.0.1:{PORT}")
    answers = []
    try:
        nodes.append(node(scratch, f"--address=127.0.0.1:{PORT}"))
        print(f"two workers: {tally(given, 'ray', *ray):.0f} s")
        answers.append(same(given, "ray"))
        if given.kill is not None:
            timer = threading.Timer(given.kill, end, (nodes[1], signal.SIGKILL))
            timer.start()
            print(f"second worker killed after {given.kill:g} s: {tally(given, 'killed', *ray):.0f} s")
            timer.cancel()
            print(f"the killed worker ended with {nodes[1].poll()}")
            answers.append(same(given, "killed"))
    finally:
        for one in reversed(nodes):
            end(one, signal.SIGTERM)
    print("same answer" if all(answers) else "ANSWERS DIFFER")
    return 0 if all(answers) else 1


if __name__ == "__main__":
    sys.exit(main())
