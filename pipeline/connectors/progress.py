"""How far a fetch is: a bar on a terminal, plain lines elsewhere."""

import sys
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID


class Progress:
    """Steps of one fetch. `quiet` is for callers that report themselves."""

    def __init__(self, title: str, *, quiet: bool = False, terminal: bool | None = None) -> None:
        self._title, self._quiet = title, quiet
        self._terminal = sys.stdout.isatty() if terminal is None else terminal
        self._bar: Bar | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        if self._terminal and not self._quiet:
            from rich.progress import Progress as Bar

            self._bar = Bar(transient=True)
            self._task = self._bar.add_task(self._title, total=None)
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def step(self, what: str, done: int, total: int | None = None) -> None:
        """`done` of `total` steps, where the source says how many there are."""
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, description=f"{self._title}: {what}", completed=done, total=total)
        elif not self._quiet:
            print(f"  {what}", flush=True)
