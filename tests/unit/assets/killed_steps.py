"""Kills a publication or a withdrawal at each of its steps on the disk, and completes it as the next run does.

`python killed_steps.py FOLDER EVERY` prints one JSON object a kill. Each happens in a fork of this process, which has
the libraries and no thread of theirs: a step is a rename, a link, a removal or a file opened for writing, and the fork
ends itself by SIGKILL before the step. EVERY n-th step is tried.
"""

import hashlib
import importlib
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from small_homes import NEW, OLD, hold, litter, two

from assets import standing
from pipeline.declare.settings import Home
from pipeline.storage import held, latest, release_folder, snapshots, withdrawals
from reports.site.render import shared_environment
from reports.text.catalogue import catalogue

HELD = "2024-01-31-cccccccc"
WHEN = datetime(2024, 3, 1, 4, 5, 6, tzinfo=UTC)
STEPS = {"os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.mkdir"}
TASKS: dict[str, Callable[[Home], object]] = {
    "publish": lambda home: standing.publish(home, HELD),
    "withdraw": lambda home: standing.withdraw(home, NEW, "wrong", WHEN),
    "withdraw a held one": lambda home: standing.withdraw(home, HELD, "wrong", WHEN),
}


def forked(what: Callable[[], object]) -> int:
    """How a fork ended that does it: 0, 1 for an error, minus the signal that killed it."""
    child = os.fork()
    if not child:
        code = 1
        try:
            what()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def killed_at(step: int, root: Path) -> None:
    """From here on this process ends before its step of that number below `root`."""
    left = [step]

    def count(event: str, arguments: tuple[Any, ...]) -> None:
        writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        # Removals and lists of a tree go by descriptors: their names are bare.
        if (event in STEPS or writes) and (str(root) in str(arguments[0]) or not str(arguments[0]).startswith("/")):
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)
            left[0] -= 1

    sys.addaudithook(count)


# What a task or a look imports when it comes to it, and each fork would import again; a fork could not use a database
# that this process has opened, so it opens none.
IMPORTED = ("pyarrow", "reports.site.front", "reports.site.withdrawn")
DATABASES: dict[str, str] = {}  # hash -> the release that it holds, as it was read when the home was made


def hash_of(database: Path) -> str:
    return hashlib.sha256(database.read_bytes()).hexdigest()


def seen(home: Home) -> dict[str, Any]:
    """What a reader and the analysts meet now."""
    now = latest.pointed(home)
    return {
        "latest": now.release_id if now else "",
        "whole": bool(now) and release_folder.damaged(home.releases / now.release_id) == [],
        "analysts": DATABASES.get(hash_of(home.analysts_database)) or snapshots.release_of(home.analysts_database),
        "states": {name: _state(home, name) for name in (OLD, NEW, HELD)},
    }


def _state(home: Home, name: str) -> str:
    gone = withdrawals.of(home, name)
    if gone:
        return "withdrawn"
    return "published" if (home.releases / name).is_dir() else "held" if held.is_one(home, name) else ""


def main(folder: Path, every: int) -> None:
    def prepare() -> None:
        hold(two(folder / "base"), HELD, date(2024, 1, 31))
        read = {hash_of(path): snapshots.release_of(path) for path in (folder / "base").rglob("*.duckdb")}
        (folder / "databases.json").write_text(json.dumps(read))

    if forked(prepare):
        raise SystemExit("the home could not be made")
    DATABASES.update(json.loads((folder / "databases.json").read_text()))
    for name in IMPORTED:
        importlib.import_module(name)
    catalogue()
    shared_environment().get_template("front.html.j2")  # or each fork would read phrases and template again
    for task, does in TASKS.items():
        step = 0
        while True:
            home = Home(folder / "home")
            shutil.rmtree(home.root, ignore_errors=True)
            shutil.copytree(folder / "base", home.root, symlinks=True)

            def cut(does: Callable[[Home], object] = does, step: int = step, home: Home = home) -> None:
                killed_at(step, home.root)
                does(home)

            def look(home: Home = home, task: str = task, step: int = step) -> None:
                found = {"task": task, "step": step, "cut": seen(home)}
                standing.resume(home)
                print(json.dumps({**found, "then": seen(home), "litter": litter(home)}), flush=True)

            ended = forked(cut)
            if forked(look):
                raise SystemExit(f"{task}: killed at step {step}, it could not be completed")
            if ended != -signal.SIGKILL:
                print(json.dumps({"task": task, "steps": step, "ended": ended}), flush=True)
                break
            step += every


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
