"""A stand-in server, a home and invented keys."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from stand_in_server import KEYS, QUICK, StandIn, serving

from pipeline import fetch as fetching
from pipeline.declare.settings import Home
from pipeline.fetching.http import Session
from pipeline.fetching.keys import NAMES, Keys


@pytest.fixture
def server() -> Iterator[StandIn]:
    with serving() as stand_in:
        yield stand_in


@pytest.fixture
def place(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The invented keys in the environment, as a user would have them."""
    for name in NAMES:
        monkeypatch.setenv(name, KEYS[name])
    return KEYS


@pytest.fixture
def no_keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pipeline.fetching.keys.REPOSITORY", tmp_path)


@pytest.fixture
def pauses() -> list[float]:
    """How long each pause would have been."""
    return []


@pytest.fixture
def session(server: StandIn, pauses: list[float]) -> Iterator[Session]:
    with Session(
        ("data.example.org/", "store.example.org/files/"),
        Keys({"UCDP_ACCESS_TOKEN": KEYS["UCDP_ACCESS_TOKEN"]}),
        limits=QUICK,
        stand_in=server.origin,
        sleep=pauses.append,
    ) as one:
        yield one


@pytest.fixture
def fetch(server: StandIn, place: Home, pauses: list[float]) -> Callable[..., list[Any]]:
    """`fetch("acled", since="…")`: the command's body against the stand-in, with what it prints."""

    def run(source: str, **options: str) -> list[Any]:
        asked = fetching.asked_for(source, **options)
        arrivals = fetching.fetch(source, asked, place, limits=QUICK, stand_in=server.origin, sleep=pauses.append)
        fetching.tell(source, asked, place, arrivals)
        return arrivals

    return run
