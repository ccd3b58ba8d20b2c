"""The job `neutral_brief`: a brief as an asset, made when somebody asks for it and in no schedule.

Not here: how it is made (briefs.py).
"""

from pathlib import Path

from dagster import (
    AssetSelection,
    Config,
    Failure,
    MaterializeResult,
    MetadataValue,
    asset,
    define_asset_job,
    in_process_executor,
)
from pydantic import Field

from assets.jobs import BRIEF_GROUP
from pipeline import settings
from pipeline.errors import UnusableInput

JOB_NAME = "neutral_brief"


class Asked(Config):
    """The options of `township-index brief` as text; empty stands for the default of each."""

    townships: str = ""
    corridor: str = ""
    start: str = Field("", alias="from")  # `from` is a word of Python
    end: str = Field("", alias="to")
    home: str = ""
    lang: str = "both"
    out: str = ""


@asset(
    key=[BRIEF_GROUP, "neutral_brief"],
    group_name=BRIEF_GROUP,
    kinds={"python", "html"},
    owners=["team:township-index"],
    description="A neutral brief of some townships from the latest release: page, PDF and CSV in fixed words.",
)
def neutral_brief(config: Asked) -> MaterializeResult:
    from assets import briefs
    from pipeline.briefs.asked import Wanted

    wanted = Wanted(config.townships, config.corridor, config.start, config.end)
    try:
        place, out = settings.home(config.home or None), Path(config.out) if config.out else None
        made = briefs.make(place, wanted, config.lang, out)
    except UnusableInput as error:
        raise Failure(str(error), allow_retries=False) from None
    return MaterializeResult(
        metadata={
            "path": MetadataValue.path(str(made.folder)),
            **{path.name: MetadataValue.path(str(path)) for path in made.files},
        }
    )


ASSETS = [neutral_brief]
JOBS = [
    define_asset_job(
        JOB_NAME,
        selection=AssetSelection.assets(neutral_brief.key),
        executor_def=in_process_executor,
        description="A neutral brief of the townships and the period of its configuration.",
    )
]
