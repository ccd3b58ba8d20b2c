"""Shared homes of the integration tests."""

from integration_homes import command, own_sample_home, real_home, sample_home, session_root

__all__ = ["command", "own_sample_home", "real_home", "sample_home", "session_root"]
