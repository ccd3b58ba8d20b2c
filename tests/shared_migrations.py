"""Dagster's scripts of migrations, read once: some hundred files for each database that it opens."""

from collections.abc import Callable
from typing import Any

from alembic.script import ScriptDirectory


def read_once() -> Callable[[Any], ScriptDirectory]:
    """What is to stand for `ScriptDirectory.from_config`: the same, but a folder is read when it is first asked for."""
    read: dict[str | None, ScriptDirectory] = {}
    reading = ScriptDirectory.from_config

    def once(config: Any) -> ScriptDirectory:
        where = config.get_main_option("script_location")
        if where not in read:
            read[where] = reading(config)
        return read[where]

    return once
