"""Hypothesis without deadlines, for machines that are shared; and the order in which workers take tests."""

import os

import pytest
from hypothesis import settings

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as a run has it; threads that wait take the other workers' cores

settings.register_profile("shared machine", deadline=None, print_blob=True, max_examples=50)
settings.load_profile("shared machine")

SHARED_HOMES = {"golden_home", "planted", "real_home", "sample_home"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Runs of the whole command first, or one of them would keep a single worker busy at the end.

    Workers take whole files in the order of their first tests. Foremost one for each home that others share, so that
    no two workers wait for the same home; then those that share none, then the rest.
    """
    begun: set[str] = set()

    def place(item: pytest.Item) -> int:
        if item.path.parent.name not in {"integration", "golden"}:
            return 3
        homes = SHARED_HOMES & set(getattr(item, "fixturenames", ()))
        first = not homes <= begun
        begun.update(homes)
        return 0 if first else 2 if homes else 1

    items.sort(key=place)
