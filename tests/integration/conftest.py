"""Shared homes of the integration tests."""

import pytest
from integration_browser import chromium, reader, still, window
from integration_homes import (
    command,
    fork_servers,
    own_sample_home,
    own_small_home,
    real_home,
    sample_home,
    session_root,
    small_home,
)

__all__ = [
    "chromium", "command", "own_sample_home", "own_small_home", "reader", "real_home", "sample_home", "session_root",
    "small_home", "still", "window",
]  # fmt: skip


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> None:
    """Before workers are forked: they find the servers of their commands."""
    if session.config.option.workers and not session.testsfailed and not session.config.option.collectonly:
        fork_servers(session.config.option.workers)
