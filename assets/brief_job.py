"""The job `neutral_brief`: a brief with the options of its configuration, made when somebody asks for it.

A job of its own and no asset: the main job makes every asset, and a brief belongs to no run and no schedule. Not here:
how a brief is made (briefs.py).
"""

from pathlib import Path

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

from pipeline import settings
from pipeline.errors import UnusableInput

JOB_NAME = "neutral_brief"
ASSET_KEY = ("briefs", "neutral_brief")  # under which the UI lists the briefs that were made


class Asked(Config):
    """The options of `township-index brief` as text; empty stands for the default of each."""

    townships: str = ""
    corridor: str = ""
    start: str = Field("", alias="from")  # `from` is a word of Python
    end: str = Field("", alias="to")
    home: str = ""
    lang: str = "both"
    out: str = ""


@op(name="brief", description="Read the latest release, write the brief, say where its files are.")
def write_brief(context: OpExecutionContext, config: Asked) -> None:
    from assets import briefs
    from pipeline.briefs.asked import Wanted

    wanted = Wanted(config.townships, config.corridor, config.start, config.end)
    try:
        place, out = settings.own_home(config.home), Path(config.out) if config.out else None
        if out and not out.expanduser().resolve().is_relative_to(place.root):
            raise UnusableInput(
                f"out {out} lies outside of the home {place.root}; leave it out, or name a folder in it"
            )
        made = briefs.make(place, wanted, config.lang, out)
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
