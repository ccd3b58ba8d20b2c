"""Making a neutral brief: read, render, move into place. The command and the Dagster job call the one function here.

Free of Dagster, so that the command starts at once.

The job `neutral_brief`: a brief with the options of its configuration, made when somebody asks for it.
"""

import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from dagster import (
    AssetMaterialization,
    Config,
    Failure,
    MetadataValue,
    OpExecutionContext,
    in_process_executor,
    job,
    op,
)
from pydantic import Field

from pipeline.declare import settings
from pipeline.declare.errors import UnusableInput
from pipeline.declare.settings import Home
from pipeline.neutral_brief.read import read
from pipeline.neutral_brief.request import Material, Wanted

_BUILDING = ".brief-"


@dataclass(frozen=True)
class Made:
    """The folder of a brief and its files."""

    folder: Path
    files: tuple[Path, ...]


def make(place: Home, wanted: Wanted, language: str = "both", out: Path | None = None) -> Made:
    """Write a brief into a folder of its own below `out` (by default HOME/briefs); the whole folder or nothing.

    The same options on the same release give the same folder with the same bytes. Raises UnusableInput for options
    that cannot be used and where nothing was published.
    """
    from reports.neutral_brief.page import ASKED, write_neutral_brief

    if language not in ASKED:
        raise UnusableInput(f"--lang {language!r} is none of: {', '.join(ASKED)}")
    material = read(place, wanted)
    parent = (out or place.briefs).expanduser().resolve()
    _require_own_ground(place, parent)
    parent.mkdir(parents=True, exist_ok=True)
    _sweep(parent)
    name = slug(material, language)
    building = parent / f"{_BUILDING}{os.getpid()}"
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir()
    try:
        names = [path.name for path in write_neutral_brief(material, building, language, place.cache)]
        _put_in_place(building, parent / name)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return Made(parent / name, tuple(parent / name / one for one in names))


def _require_own_ground(place: Home, parent: Path) -> None:
    """Raise UnusableInput for a folder of the pipeline: a brief in a release would belie its manifest."""
    for taken in (place.published, place.internal, place.deliveries, place.inbox, place.warehouse, place.dagster):
        if parent.is_relative_to(taken.resolve()):
            raise UnusableInput(f"--out {parent} lies in {taken}, which the pipeline keeps; give another folder")


def slug(material: Material, language: str) -> str:
    """The name of the folder: period, first township, how many more, and a hash of all that was asked for.

    P-codes, days and hex digits alone, so that no option can lead out of the folder.
    """
    asked = material.asked
    parts = [material.facts.release_id, *asked.codes, str(asked.chain_km is not None), language]
    digest = hashlib.sha256("|".join([*parts, f"{asked.start}", f"{asked.end}"]).encode()).hexdigest()[:8]
    more = f"-and-{len(asked.codes) - 1}" if len(asked.codes) > 1 else ""
    return f"{asked.start}_{asked.end}_{asked.codes[0]}{more}_{digest}"


def _put_in_place(building: Path, final: Path) -> None:
    """Move a finished brief to its name; one that stands there with the same files stays, with what was laid beside."""
    if final.is_dir() and _contents(building).items() <= _contents(final).items():
        return
    old = building.with_name(f"{building.name}-old")
    shutil.rmtree(old, ignore_errors=True)
    if final.exists():
        final.rename(old)
    building.rename(final)
    shutil.rmtree(old, ignore_errors=True)


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}


def _sweep(parent: Path) -> None:
    """Remove what a killed command left behind; one that is still at work keeps its folder."""
    for litter in parent.glob(f"{_BUILDING}*"):
        number = litter.name.removeprefix(_BUILDING).partition("-")[0]
        if number.isdigit() and not _alive(int(number)):
            shutil.rmtree(litter, ignore_errors=True)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


JOB_NAME = "neutral_brief"
ASSET_KEY = ("briefs", "neutral_brief")  # under which the UI lists the briefs that were made


class Asked(Config):
    """The options of `township-index brief` as text; empty stands for the default of each."""

    townships: str = Field("", description="P-codes or exact English names, separated by commas, as MMR002001,Hpruso.")
    corridor: str = Field(
        "",
        description="Two townships, as MMR010006,MMR010021: the shortest chain of neighbours "
        "between them. Either this or townships.",
    )
    # `from` is a word of Python
    start: str = Field("", alias="from", description="First day, as YYYY-MM-DD. Blank: 90 days before the last.")
    end: str = Field("", alias="to", description="Last day, as YYYY-MM-DD. Blank: the release's last day.")
    lang: Literal["en", "my", "both"] = Field("both", description="Language of the brief.")
    out: str = Field("", description="Folder in the home to write into. Blank: briefs.")  # fmt: skip


@op(name="brief", description="Read the latest release, write the brief, say where its files are.")
def write_brief(context: OpExecutionContext, config: Asked) -> None:
    pass
    from pipeline.neutral_brief.request import Wanted

    wanted = Wanted(config.townships, config.corridor, config.start, config.end)
    try:
        place, out = settings.home(), Path(config.out) if config.out else None
        if out and not out.expanduser().resolve().is_relative_to(place.root):
            raise UnusableInput(
                f"out {out} lies outside of the home {place.root}; leave it out, or name a folder in it"
            )
        made = make(place, wanted, config.lang, out)
    except UnusableInput as error:
        raise Failure(str(error), allow_retries=False) from None
    context.log_event(
        AssetMaterialization(
            ASSET_KEY,
            description="A neutral brief of some townships.",
            metadata={
                "path": MetadataValue.path(str(made.folder)),
                **{path.name: MetadataValue.path(str(path)) for path in made.files},
            },
        )
    )


@job(
    name=JOB_NAME,
    executor_def=in_process_executor,
    description="A neutral brief of the townships and the period of its configuration: page, PDF and CSV.",
)
def neutral_brief() -> None:
    write_brief()


JOBS = [neutral_brief]
