"""Dagster as these tests use it: its scripts of migrations are read once."""

from collections.abc import Iterator

import pytest
from alembic.script import ScriptDirectory
from shared_migrations import read_once


@pytest.fixture(scope="session", autouse=True)
def migrations_read_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ScriptDirectory, "from_config", read_once())
        yield
