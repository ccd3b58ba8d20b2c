"""The form that the UI's launchpad shows for a run: every field with its words, and wrong values refused before a run.

The same checks and sentences as the command line's. Dagster computes with a config type's values when it plans a run,
before one is made: a value that is refused there starts nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from dagster import Enum, EnumValue, Field, InitResourceContext, resource
from dagster._config import ConfigScalar, ConfigScalarKind, PostProcessingError

from assets.launch import check_day
from pipeline.declare import settings
from pipeline.declare.codes import Profile
from pipeline.declare.errors import UnusableInput
from pipeline.declare.methods import COUP, DEFAULT_METHOD, METHODS, MOST_LAG_DAYS, PUBLICATION_LAG, check_lag
from pipeline.storage import saved_methods

if TYPE_CHECKING:
    from assets.context import IndexRun

_PROFILES: Mapping[str, str] = MappingProxyType({
    "": "As TOWNSHIP_INDEX_PROFILE says, else public.",
    Profile.PUBLIC: "May be handed to anyone: figures of few displaced people are withheld or rounded.",
    Profile.INTERNAL: "Stays with the team: exact figures, a working database and releases of its own.",
})  # fmt: skip


class CheckedText(ConfigScalar):
    """Text of a launch config that `check` refuses by raising UnusableInput; blank stands for the default."""

    def __init__(self, name: str, description: str, check: Callable[[str], object]) -> None:
        super().__init__(key=name, given_name=name, scalar_kind=ConfigScalarKind.STRING, description=description)
        self._check = check

    def post_process(self, value: Any) -> Any:
        try:
            self._check(value)
        except UnusableInput as error:
            raise PostProcessingError(str(error)) from None
        return value


def check_method(name: str) -> None:
    """Raise UnusableInput for a method that is neither shipped nor saved in this home."""
    if name:
        saved_methods.of_run(settings.home(), name)


PERIOD_END = CheckedText(
    "PeriodEnd",
    f"A day as YYYY-MM-DD, from {COUP} to today; blank: the last day with a clash.",
    lambda text: check_day(text, "--period-end"),
)
AS_OF = CheckedText(
    "AsOf", "A day as YYYY-MM-DD, up to today; blank: all that was received.", lambda text: check_day(text, "--as-of")
)
METHOD = CheckedText("Method", f"One of {', '.join(METHODS)}, or a method saved in the home.", check_method)
LAG = CheckedText(
    "Lag", f"A number of days from 0 to {MOST_LAG_DAYS}; blank: as the method declares ({PUBLICATION_LAG.value:g}).",
    lambda text: check_lag(text) if text else None,
)  # fmt: skip
PROFILE = Enum("Profile", [EnumValue(str(one), description=words) for one, words in _PROFILES.items()])

FIELDS: Mapping[str, Field] = {
    "period_end": Field(
        PERIOD_END, default_value="",
        description="Last day of the period, as 2023-06-30. Blank: the last day on which the leading source has a "
        "clash. An earlier period than the newest release is built beside it and does not move latest.",
    ),
    "as_of": Field(
        AS_OF, default_value="",
        description="Day up to which knowledge is used, as 2023-12-31: what was received, corrected or withdrawn later "
        "is left out. Blank: everything received.",
    ),
    "method": Field(
        METHOD, default_value=DEFAULT_METHOD,
        description=f"Method that heads the report: {', '.join(METHODS)}, or one saved by calibrate --save. "
        "Every shipped method is computed whichever heads it.",
    ),
    "profile": Field(
        PROFILE, default_value="",
        description="For whom the release is made. Blank: as TOWNSHIP_INDEX_PROFILE says, else public.",
    ),
    "make_latest": Field(
        bool, default_value=False,
        description="Move latest to this release although it is of an older period or of older knowledge.",
    ),
    "hold": Field(
        bool, default_value=False,
        description="Make and audit all and publish nothing: the release waits for township-index publish.",
    ),
    "lag": Field(
        LAG, default_value="",
        description="Publication lag: days after a month's end from which on its figures count as complete enough to "
        "lead. Later months stand in the tables as still coming in. Blank: as the method declares.",
    ),
    "beside": Field(
        bool, default_value=False,
        description="Publish beside latest and never move it, as the job edition does.",
    ),
}  # fmt: skip


@resource(FIELDS, "What one run works on: period, knowledge, method, profile. Days are days in Myanmar.")
def index_run(context: InitResourceContext) -> "Iterator[IndexRun]":
    """The run that the form describes, with its home locked while it lasts."""
    from assets.context import IndexRun  # which knows the jobs, whose configuration is this form

    run = IndexRun(**context.resource_config)
    run.setup_for_execution(context)
    try:
        yield run
    finally:
        run.teardown_after_execution(context)
