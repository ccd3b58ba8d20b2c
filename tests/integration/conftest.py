"""Shared homes of the integration tests."""

from integration_browser import chromium, reader, still, window
from integration_homes import (
    command,
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
