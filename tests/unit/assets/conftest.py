"""Dagster as these tests use it: its scripts of migrations are read once."""

from collections.abc import Iterator
from typing import Any

import pytest
from alembic.script import ScriptDirectory


@pytest.fixture(scope="session", autouse=True)
def migrations_read_once() -> Iterator[None]:
    """Dagster reads some hundred scripts of migrations for each database that it opens, one for each run."""
    read: dict[str | None, ScriptDirectory] = {}
    reading = ScriptDirectory.from_config

    def once(config: Any) -> ScriptDirectory:
        where = config.get_main_option("script_location")
        if where not in read:
            read[where] = reading(config)
        return read[where]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ScriptDirectory, "from_config", once)
        yield
