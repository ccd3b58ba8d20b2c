"""A program, not imported: Dagster's UI behind the guard of `assets/request_guard.py`.

Usage: python -m assets.webserver HOST PORT WORKSPACE, where WORKSPACE is the file that names the code server. Dagster's
own program cannot be given a middleware: this builds the same application. Started by `assets/processes.py`.
"""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from assets.request_guard import RequestGuard, own_hosts

# A browser keeps its connection open: the end of the UI does not wait for it.
GRACE_SECONDS = 2
# Dagster's own values: milliseconds of a statement and between looks of an open page, seconds, connections.
STATEMENT_MS, RECYCLE_SECONDS, OVERFLOW, POLL_MS = 15_000, 3600, 20, 2000


@asynccontextmanager
async def _life(app: Any) -> AsyncIterator[None]:
    with suppress(asyncio.exceptions.CancelledError):  # uvicorn's end while a page is being answered
        yield


def serve(host: str, port: int, workspace: str) -> None:
    """Answer until SIGTERM or SIGINT."""
    import uvicorn
    from dagster import DagsterInstance
    from dagster._core.workspace.context import WorkspaceProcessContext
    from dagster._core.workspace.load_target import WorkspaceFileTarget
    from dagster_webserver.app import create_app_from_workspace_process_context
    from dagster_webserver.version import __version__

    hosts = own_hosts(host, port)
    with DagsterInstance.get() as instance:
        instance.optimize_for_webserver(STATEMENT_MS, RECYCLE_SECONDS, OVERFLOW)
        with WorkspaceProcessContext(
            instance, workspace_load_target=WorkspaceFileTarget([workspace]), version=__version__, read_only=False
        ) as context:
            app = create_app_from_workspace_process_context(context, live_data_poll_rate=POLL_MS, lifespan=_life)
            uvicorn.run(
                RequestGuard(app, hosts),
                host=host, port=port, log_level="warning", timeout_graceful_shutdown=GRACE_SECONDS,
            )  # fmt: skip


def main() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        serve(sys.argv[1], int(sys.argv[2]), sys.argv[3])


if __name__ == "__main__":
    main()
