"""Shared homes of the integration tests."""

from collections.abc import Generator

import pytest
from integration_browser import chromium, launch, reader, still, window
from integration_homes import (
    command,
    forked_servers,
    own_sample_home,
    own_small_home,
    real_home,
    sample_home,
    session_root,
    small_home,
)

__all__ = [
    "chromium", "command", "launch", "own_sample_home", "own_small_home", "reader", "real_home", "sample_home",
    "session_root", "small_home", "still", "window",
]  # fmt: skip


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, object, object]:
    """Before workers are forked: they find the servers of their commands."""
    workers = session.config.option.workers
    if not workers or session.testsfailed or session.config.option.collectonly:
        return (yield)
    with forked_servers(workers):
        return (yield)
