"""A page of a release in Debian's Chromium with the network refused, as a reader opens it from a disk.

Every page opened here must stay silent: an error in the console or a request for anything but a file of the report
fails the test that opened it. Not here: what the pages must show.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, ViewportSize, sync_playwright

# No name can be resolved and no proxy is asked: what a page wanted from elsewhere fails, and is noted besides. This
# machine itself is left for the tests of the UI.
_ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)  # fmt: skip


DESK: ViewportSize = {"width": 1280, "height": 900}


@dataclass
class Reader:
    """A reader's window: `page`, and what went wrong or out of the house while it was open."""

    page: Page
    faults: list[str] = field(default_factory=list)

    def open(self, path: Path, rest: str = "") -> Page:
        """Open a file of a report; `rest` is a query or an anchor."""
        self.page.goto(f"{path.resolve().as_uri()}{rest}")
        return self.page

    def note(self, request: Request) -> None:
        if not request.url.startswith(("file:", "data:", "blob:")):
            self.faults.append(f"asked for {request.url}")


# The first that is there; without windows, menus and extensions the same engine takes a third of the processor.
_PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def launch() -> Iterator[Callable[..., Browser]]:
    """Starts a browser, with arguments besides those that all have."""
    program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if program is None:
        if "CI" in os.environ:
            pytest.fail("Chromium is missing; .ci/run installs it")
        pytest.skip("Chromium is not on this machine (Debian: apt-get install chromium-headless-shell)")
    with sync_playwright() as playwright:
        yield lambda *more: playwright.chromium.launch(executable_path=program, args=[*_ARGUMENTS, *more])


@contextmanager
def opened(browser: Browser) -> Iterator[Reader]:
    """A window that notes what goes wrong or out of the house."""
    context = browser.new_context(viewport=DESK, offline=True)
    found = Reader(context.new_page())
    found.page.on("console", lambda said: found.faults.append(said.text) if said.type in {"error", "warning"} else None)
    found.page.on("pageerror", lambda error: found.faults.append(str(error)))
    found.page.on("request", found.note)
    yield found
    context.close()


@pytest.fixture(scope="session")
def chromium(launch: Callable[..., Browser]) -> Iterator[Browser]:
    browser = launch()
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def window(chromium: Browser) -> Iterator[Reader]:
    """One window for all tests of a worker: a new one, with its process, costs as much as to open a page."""
    with opened(chromium) as found:
        yield found


@pytest.fixture
def reader(window: Reader) -> Iterator[Reader]:
    """An empty window of 1280 by 900, offline, as it is when it is new; faults fail the test at its end.

    Our pages keep nothing in a browser, so that nothing of the test before is left.
    """
    window.page.goto("about:blank")
    window.page.set_viewport_size(DESK)
    window.page.emulate_media(media="null", color_scheme="null", reduced_motion="null")
    window.faults.clear()
    yield window
    assert window.faults == []


@pytest.fixture
def still(reader: Reader) -> Reader:
    """As `reader`, of one who wants no animations, which cost more than all else; some tests of the map see them."""
    reader.page.emulate_media(reduced_motion="reduce")
    return reader
