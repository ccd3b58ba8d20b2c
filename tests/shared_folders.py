"""Folders that all workers of one session share: what one of them has made, the others read."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock


def session_folder(factory: pytest.TempPathFactory, name: str) -> Path:
    folder = factory.getbasetemp() / name  # workers are forked once it is made, so it is the same for all
    folder.mkdir(exist_ok=True)
    return folder


def once(root: Path, name: str, make: Callable[[Path], object]) -> Path:
    """The folder `name`, made by the first worker that asks for it."""
    folder, done = root / name, root / f"{name}.done"
    with FileLock(root / f"{name}.lock"):
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            make(folder)
            done.touch()
    return folder
