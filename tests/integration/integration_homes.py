"""Homes that the integration and golden tests look at, each made once per session by the real command.

Workers of one session share them through a lock and a common folder. Not here: what must hold of them.
"""

import csv
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TextIO

import duckdb
import integration_server
import polars as pl
import pytest
from shared_folders import once, session_folder
from shared_workers import AT_FORK

from pipeline.declare.settings import REPOSITORY, SAMPLE

BIN = Path(sys.executable).parent
REAL_DATA = REPOSITORY.parent / "shared" / "realdata"
ORDINARY = (str(BIN / "township-index"),)
FORKING = (sys.executable, str(Path(__file__).with_name("integration_server.py")))
LAST_MONTH = "2023-11-01"
SMALL_END = "2021-04-30"  # of small_home, which has the months from February on
TIMEOUT = 900  # seconds; a machine that is shared is slow


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str

    def refused(self, *words: str) -> None:
        """Exit 2 with one message that holds the words, and no traceback."""
        assert self.code == 2, (self.code, self.out, self.err)
        assert "Traceback" not in self.out + self.err
        lines = self.err.strip().splitlines()
        assert len(lines) == 1, self.err
        assert lines[0].startswith("township-index: "), self.err
        assert [word for word in words if word not in lines[0]] == [], lines[0]

    def published(self) -> None:
        assert self.code == 0, (self.code, self.out[-3000:], self.err[-3000:])
        assert "Traceback" not in self.out
        assert self.err == "", "a run that went well has nothing to say on stderr"


@dataclass(frozen=True)
class Fork:
    """A run that a server has begun: its process, and where it says what."""

    pid: int
    out: Path
    err: Path


class Server:
    """The process that forks a run for each request (integration_server.py), started when it is first asked.

    Unless one was forked for this worker before: `forked` leads to it.
    """

    def __init__(self) -> None:
        self.forked: socket.socket | None = None
        self._process: subprocess.Popen[str] | None = None
        self._streams: tuple[TextIO, TextIO] | None = None
        self._begun = 0

    def begin(self, folder: Path, arguments: Sequence[str], env: dict[str, str], **how: object) -> Fork:
        if self._streams is None:
            self._streams = self._started(env)
            assert self._said() == "ready"
        self._begun += 1
        out, err = (folder / f"{os.getpid()}.{self._begun}.{name}" for name in ("out", "err"))
        request = {"argv": arguments, "env": env, "cwd": str(folder), "out": str(out), "err": str(err)}
        return Fork(int(self._asked({**request, "cache": str(folder / "cache"), **how})), out, err)

    def end(self, run: Fork) -> Outcome:
        code = int(self._asked({"end": run.pid}))
        return Outcome(code, run.out.read_text(encoding="utf-8"), run.err.read_text(encoding="utf-8"))

    def _started(self, env: dict[str, str]) -> tuple[TextIO, TextIO]:
        """What is asked, and what is answered."""
        if self.forked is not None:
            return self.forked.makefile("w"), self.forked.makefile("r")
        self._process = subprocess.Popen(
            FORKING, env=env, cwd=REPOSITORY, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        return self._process.stdin, self._process.stdout

    def _asked(self, request: dict[str, object]) -> str:
        assert self._streams is not None
        self._streams[0].write(json.dumps(request) + "\n")
        self._streams[0].flush()
        return self._said()

    def _said(self) -> str:
        assert self._streams is not None
        return self._streams[1].readline().strip()

    def close(self) -> None:
        if self._process is not None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            self._process.wait(TIMEOUT)
            self._process = self._streams = None


SERVER = Server()  # of this worker


@contextmanager
def forked_servers(workers: int) -> Iterator[None]:
    """One server for each worker of the tests, all forked from one process that has imported what a run imports."""
    pid, ends = integration_server.for_workers(workers)

    def keep_own(worker: int) -> None:
        for number, end in enumerate(ends, start=1):
            if number == worker:
                SERVER.forked = end
            else:
                end.close()

    AT_FORK.append(keep_own)
    try:
        yield
    finally:
        keep_own(0)
        os.waitpid(pid, 0)


# What a process takes from its environment at its start: a fork of another has it already.
AT_THE_START = {"PYTHONHASHSEED", "POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "PYTHONPATH"}


class Command:
    """The `township-index` command, with compiled modules kept: in a fork of a process that has the libraries.

    `start` gives a process of its own, as a user has it; so does an environment that only a new process can take.
    """

    def __init__(self, root: Path, server: Server | None = None) -> None:
        self.root = root
        self.server = server or Server()

    def environment(self, env: dict[str, str] | None = None) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if not name.startswith(("TOWNSHIP_", "DAGSTER_"))}
        own.pop("PYTHONDONTWRITEBYTECODE", None)
        return {**own, "PYTHONUNBUFFERED": "1", **(env or {})}

    def start(
        self, *args: object, env: dict[str, str] | None = None, program: Sequence[str] = ORDINARY
    ) -> "subprocess.Popen[str]":
        """In a process group of its own, so that a test can end all of it."""
        return subprocess.Popen(
            [*program, *map(str, args)],
            env=self.environment(env), cwd=self.root, text=True, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def finish(self, process: "subprocess.Popen[str]") -> Outcome:
        try:
            out, err = process.communicate(timeout=TIMEOUT)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
        return Outcome(process.returncode, out, err)

    def __call__(
        self,
        *args: object,
        env: dict[str, str] | None = None,
        recorded: bool = False,
        shown: str = "tables",
        program: str = "township-index",
    ) -> Outcome:
        """`recorded`: as the list of recorded_release.txt was made, with one code version and one day of receipt.

        `shown`: what is written for readers. "tables" leaves out pages, maps, briefs and the workbook, and the address
        of a page (or several) all but these; "first pages" writes one of the many pages of townships and of regions;
        "pages" of all else for readers only these pages ("pages and geodata" these too); "everything" all. `program`
        may be "dagster" or "dg", Dagster's own commands, as one who knows them types them, or the file of a program.
        """
        if AT_THE_START & set(env or {}):
            return self.finish(self.start(*args, env=env))
        return self.server.end(self.begin(*args, env=env, recorded=recorded, shown=shown, program=program))

    def begin(
        self,
        *args: object,
        env: dict[str, str] | None = None,
        recorded: bool = False,
        shown: str = "tables",
        program: str = "township-index",
    ) -> Fork:
        """As a call, but the run goes on meanwhile; `server.end` waits for it."""
        how = {"recorded": recorded, "shown": shown, "program": program}
        return self.server.begin(self.root, [str(arg) for arg in args], self.environment(env), **how)

    def python(self, *args: object, env: dict[str, str] | None = None) -> Outcome:
        return self.finish(self.start(*args, env=env, program=[sys.executable]))


@pytest.fixture(scope="session")
def session_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of this session share."""
    return session_folder(tmp_path_factory, "township-homes")


@pytest.fixture(scope="session")
def command(session_root: Path) -> Iterator[Command]:
    made = Command(session_root, SERVER)
    yield made
    made.server.close()


@pytest.fixture(scope="session")
def sample_home(session_root: Path, command: Command) -> Path:
    """A home after `run --sample`; its output stands in `said.txt` beside the releases. Read only."""

    def make(folder: Path) -> None:
        outcome = command("run", "--sample", "--home", folder, env={"TZ": "UTC"}, recorded=True, shown="everything")
        outcome.published()
        (folder / "said.txt").write_text(outcome.out, encoding="utf-8")

    return once(session_root, "sample", make)


@pytest.fixture(scope="session")
def real_home(session_root: Path, command: Command) -> Path:
    """A home after a run on the real records beside the repository, to the day ISP-Myanmar counted to.

    Beside the tables it has pages, of those that there are many of the first. Read only.
    """
    if not REAL_DATA.is_dir():
        pytest.skip(f"{REAL_DATA}: the real records are not on this machine")

    def make(folder: Path) -> None:
        run = ("run", "--data", REAL_DATA, "--period-end", "2023-11-26", "--home", folder)
        outcome = command(*run, shown="pages")
        outcome.published()
        (folder / "said.txt").write_text(outcome.out, encoding="utf-8")

    return once(session_root, "real", make)


@dataclass(frozen=True)
class Small:
    """A home and the input that it was made of; nothing for readers stands in it but the tables."""

    home: Path
    data: Path


def small_sample(folder: Path) -> Path:
    """The sample's clashes of three months, its signs, and of the rest the first report, as of the last of the days."""
    shutil.copytree(SAMPLE, folder, ignore=shutil.ignore_patterns("README.md"))
    for path in folder.glob("*/*.csv"):
        head, *lines = path.read_text(encoding="utf-8").splitlines()
        column = next((number for number, name in enumerate(head.split(",")) if name.endswith("_date")), None)
        if column is None:  # signs of services, by year and from a day on
            continue
        days = [line.split(",")[column] for line in lines]
        if path.parent.name == "clashes":
            kept = [line for line, day in zip(lines, days, strict=True) if day <= SMALL_END]
        else:
            first = min(days)
            kept = [line.replace(first, SMALL_END, 1) for line, day in zip(lines, days, strict=True) if day == first]
        path.write_text("\n".join([head, *kept]) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def small_home(session_root: Path, command: Command) -> Small:
    """A home after a run on a small part of the sample: a third of the cost. Read only."""

    def make(folder: Path) -> None:
        command("run", "--data", small_sample(folder / "in"), "--home", folder / "home").published()

    folder = once(session_root, "small", make)
    return Small(folder / "home", folder / "in")


@pytest.fixture
def own_small_home(small_home: Small, tmp_path: Path) -> Iterator[Small]:
    """A copy of the small home that a test may change."""
    own = Small(tmp_path / "home", tmp_path / "in")
    shutil.copytree(small_home.home, own.home, symlinks=True)
    shutil.copytree(small_home.data, own.data)
    yield own
    shutil.rmtree(own.home, ignore_errors=True)


@pytest.fixture
def own_sample_home(sample_home: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy of the sample home that a test may change."""
    folder = tmp_path / "home"
    shutil.copytree(sample_home, folder, symlinks=True)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def query(database: Path, statement: str) -> pl.DataFrame:
    con = duckdb.connect(str(database), read_only=True)
    try:
        return con.sql(statement).pl()
    finally:
        con.close()


def release_query(home: Path, statement: str) -> pl.DataFrame:
    return query(home / "published" / "latest" / "township_index.duckdb", statement)


def analysts_query(home: Path, statement: str) -> pl.DataFrame:
    return query(home / "warehouse" / "township_index.duckdb", statement)


@cache
def opened(database: Path) -> duckdb.DuckDBPyConnection:
    """A database that no test changes: to open it takes longer than the questions of a test."""
    return duckdb.connect(str(database.resolve()), read_only=True)


def shared_release_query(home: Path, statement: str) -> pl.DataFrame:
    """As `release_query`, of a home that no test changes."""
    return opened(home / "published" / "latest" / "township_index.duckdb").sql(statement).pl()


def shared_analysts_query(home: Path, statement: str) -> pl.DataFrame:
    """As `analysts_query`, of a home that no test changes."""
    return opened(home / "warehouse" / "township_index.duckdb").sql(statement).pl()


def fingerprint(folder: Path) -> dict[str, str]:
    """Every file and link below a folder with a hash of what it holds or where it points."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            found[path.relative_to(folder).as_posix()] = f"-> {path.readlink()}"
        elif path.is_file():
            found[path.relative_to(folder).as_posix()] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def write_input(folder: Path, kind: str, name: str, text: str, sidecar: str = "") -> Path:
    """An input file in the folder of its kind, with a sidecar where one is given."""
    path = folder / kind / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    if sidecar:
        path.with_name(f"{name}.toml").write_text(sidecar, encoding="utf-8")
    return path


def sample_with(folder: Path, lines: str = "") -> Path:
    """The sample's input with lines added to its clashes: other content, and so another release."""
    shutil.copytree(SAMPLE, folder, ignore=shutil.ignore_patterns("README.md"))
    clashes = folder / "clashes" / "synthetic_clashes.csv"
    clashes.write_text(clashes.read_text(encoding="utf-8") + lines, encoding="utf-8")
    return folder


def wait_until(condition: Callable[[], object], seconds: float, what: str, pause: float = 0.01) -> None:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            pytest.fail(f"waited {seconds} s for {what}")
        time.sleep(pause)


def descendants(pid: int) -> set[int]:
    """All processes below a process."""
    children: dict[int, set[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except (OSError, IndexError):
                continue
            children.setdefault(parent, set()).add(int(entry.name))
    found: set[int] = set()
    frontier = {pid}
    while frontier:
        frontier = set().union(*(children.get(one, set()) for one in frontier)) - found
        found |= frontier
    return found


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and was not collected yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
