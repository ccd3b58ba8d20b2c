"""The processes behind `township-index dev`: code server, webserver, daemon; started together, ended together.

Dagster's own `dagster dev` starts a webserver that answers any page, and waits up to a minute for each process to end.
Here each gets a session of its own, so that one signal reaches whatever it started, runs included. Not here: what they
serve (definitions), and whom the webserver answers (request_guard).
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline.declare import settings

DEFINITIONS = "pipeline.definitions"
LOOK_SECONDS = 0.2
# A process that was asked to end has this long; systemd and Docker kill after 90 and 10.
GRACE_SECONDS = 6.0
CODE_SERVER_SECONDS = 180.0  # a first start on a slow machine compiles some 3,000 modules
ENDED = 1


def serve(host: str, port: int) -> int:
    """Run the processes until SIGTERM, SIGINT or SIGHUP, and return the exit code.

    0 where a signal asked for the end, 1 where a process ended by itself: the others end too, and whoever started this
    (systemd, Docker, a person) starts it again. Whatever ends it, none of its processes lives on.
    """
    asked = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: asked.set())
    folder = Path(tempfile.mkdtemp(prefix="township-index-"))
    running: dict[str, subprocess.Popen[bytes]] = {}
    try:
        socket, workspace = folder / "code.sock", folder / "workspace.yaml"
        workspace.write_text(
            f"load_from:\n- grpc_server:\n    location_name: {DEFINITIONS}\n    socket: {socket}\n"
            f"    additional_metadata: {{module_name: {DEFINITIONS}}}\n",
            encoding="utf-8",
        )
        commands = _commands(host, port, socket, workspace)
        running["code server"] = start(commands["code server"])
        _wait(socket.exists, running, asked, time.monotonic() + CODE_SERVER_SECONDS)
        if not asked.is_set():
            running |= {name: start(command) for name, command in commands.items() if name not in running}
            _wait(lambda: False, running, asked)
        return 0
    except ChildProcessError as ended:
        print(f"township-index: {ended}; the others were ended too", file=sys.stderr)
        return ENDED
    finally:
        end(list(running.values()))
        shutil.rmtree(folder, ignore_errors=True)


def _commands(host: str, port: int, socket: Path, workspace: Path) -> Mapping[str, Sequence[str]]:
    program = (sys.executable, "-m")
    return {
        "code server": (
            *program, "dagster", "code-server", "start", "-m", DEFINITIONS, "--socket", str(socket),
            "--working-directory", str(settings.REPOSITORY), "--location-name", DEFINITIONS, "--log-level", "warning",
        ),
        "webserver": (*program, "assets.webserver", host, str(port), str(workspace)),
        "daemon": (*program, "dagster._daemon", "run", "--workspace", str(workspace)),
    }  # fmt: skip


def start(command: Sequence[str]) -> "subprocess.Popen[bytes]":
    """A process in a session of its own that ends with this one, whatever ends this one."""
    return subprocess.Popen(  # noqa: S603 (our own programs, no shell)
        command, cwd=settings.REPOSITORY, stdin=subprocess.DEVNULL, start_new_session=True,
        preexec_fn=_ends_with(),  # noqa: PLW1509 (this process has no other thread)
    )  # fmt: skip


def _ends_with() -> Callable[[], Any]:
    """What a process does before it begins: SIGTERM ends it, also where the one that starts it ignores the signal.

    Linux besides sends a process SIGTERM when the one that started it is gone, by kill -9 too; elsewhere nothing does.
    """
    control, pr_set_pdeathsig = None, 1
    if sys.platform == "linux":
        import ctypes

        control = ctypes.CDLL(None).prctl

    def begin() -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        if control is not None:
            control(pr_set_pdeathsig, int(signal.SIGTERM))

    return begin


def _wait(
    reached: Callable[[], bool],
    running: Mapping[str, "subprocess.Popen[bytes]"],
    asked: threading.Event,
    until: float = float("inf"),
) -> None:
    """Wait for a moment or a signal. Raises ChildProcessError where a process ends first, or the time is over."""
    while not reached() and not asked.wait(LOOK_SECONDS):
        for name, process in running.items():
            if process.poll() is not None:
                raise ChildProcessError(f"the {name} ended by itself (exit code {process.returncode})")
        if time.monotonic() > until:
            raise ChildProcessError(f"the code server did not start within {CODE_SERVER_SECONDS:.0f} seconds")


def end(processes: Sequence["subprocess.Popen[bytes]"]) -> None:
    """End processes with all that they started: asked first, killed after the grace."""
    for process in processes:
        _signal(process, signal.SIGTERM)
    until = time.monotonic() + GRACE_SECONDS
    while time.monotonic() < until and any(_signal(process, 0) for process in processes):
        time.sleep(LOOK_SECONDS / 4)
    for process in processes:
        _signal(process, signal.SIGKILL)
        process.wait()


def _signal(process: "subprocess.Popen[bytes]", number: int) -> bool:
    """Whether anything was left of the session of a process to get a signal."""
    process.poll()  # one that has ended and that nobody collected still counts
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return False
    return True
