"""Debian's Postgres in a folder of its own, on a port of this machine alone, for as long as it is used."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


@dataclass(frozen=True)
class Server:
    folder: Path
    port: int

    @property
    def url(self) -> str:
        return f"postgresql://index:a%25b@127.0.0.1:{self.port}/postgres"


@contextmanager
def serving() -> Iterator[Server]:
    """A server with an empty database; raises RuntimeError with what it said where it does not start."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="township-postgres-"))
    (folder / "password").write_text("a%b", encoding="utf-8")
    as_user = []
    if os.geteuid() == 0:  # Postgres refuses to be started by root; the user comes with Debian's package
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        for path in (folder, folder / "password"):
            shutil.chown(path, "postgres", "postgres")

    def call(program: str, *options: str) -> None:
        command = [*as_user, str(BINARIES[-1] / program), "-D", str(folder / "data"), *options]
        # To a file: the server would keep a pipe of ours open.
        with (folder / "said").open("w") as said:
            done = subprocess.run(command, check=False, stdout=said, stderr=said, cwd="/")
        if done.returncode:
            raise RuntimeError((folder / "said").read_text())

    call("initdb", "-U", "index", "-A", "scram-sha-256", f"--pwfile={folder / 'password'}", "-N")
    listen = f"-h 127.0.0.1 -p {port} -c unix_socket_directories='' -c fsync=off"
    call("pg_ctl", "-w", "-o", listen, "-l", str(folder / "log"), "start")
    try:
        yield Server(folder, port)
    finally:
        call("pg_ctl", "-m", "immediate", "stop")
        shutil.rmtree(folder)
