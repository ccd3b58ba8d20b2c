"""Signs of services beside the index, and the formulas of their strength."""

from pipeline.declare.methods import (
    LIGHT_BASELINE_YEARS,
    LIGHT_LEAST_MONTHS,
    LIGHT_LEAST_PIXELS,
    LIGHT_LEAST_QUIET,
    LIGHT_LOSS_RATIO,
    LIGHT_STRONG_RATIO,
    STATEMENT_FRESH_DAYS,
)
from pipeline.declare.tables.declaration import Formula, Layer, Sheet, table

SERVICE_SIGNS = table(
    Layer.PUBLISHED,
    "service_signs",
    "township, item, source and period of the sign",
    """adm3_pcode, service_item, source, from_date, until_date, date_precision, sign_basis, sign_direction,
           sign_strength, strength_reason, light_ratio, quiet_light_ratio, after_period""",
    "adm3_pcode, service_item, sign_basis, source, from_date, sign_direction",
    "until_date, light_ratio, quiet_light_ratio",
    township_reference=True,
    caveats=(
        "A sign is no answer and makes no class. Light is not service: generators, solar lamps, fires and gas flares "
        "shine too.",
        "A township without a row has no sign, which says nothing of its services.",
    ),
    sheet=Sheet(23, "Signs of lost services beside the index"),
)

SIGNS: tuple[Formula, ...] = (
    Formula(
        "Light at night",
        (
            "service_signs.light_ratio",
            "service_signs.quiet_light_ratio",
            "service_signs.sign_direction",
            "service_signs.sign_strength",
        ),
        "By source and calendar year. The township's own light before is the median of the "
        f"{LIGHT_BASELINE_YEARS.value:.0f} whole years before the coup, month by month where months were measured; of "
        "a series that begins later its first year. light_ratio is the light of the year over it, in the months known "
        f"in both (at least {LIGHT_LEAST_MONTHS.value:.0f} of twelve, or the one figure of the year). "
        "quiet_light_ratio is the median of this ratio over the townships without a clash in the default method's "
        "window up to that year's end, at least "
        f"{LIGHT_LEAST_QUIET.value:.0f} of them. Loss where light_ratio is at most {LIGHT_LOSS_RATIO.value:g} times "
        f"quiet_light_ratio, strong at most {LIGHT_STRONG_RATIO.value:g} times; none above. Only townships with at "
        f"least {LIGHT_LEAST_PIXELS.value:.0f} lit pixels before are judged, counted by this source or by another of "
        "the release.",
        "Detection changes from year to year for the whole country, so a township is held against quiet ones and not "
        "against its raw count. Lit pixels are preferred to radiance, whose sum holds the noise of the whole area.",
        "A year that was not seen, a blank figure, figures of one source that contradict each other, and a township "
        "with few lit pixels before say nothing: missing light is never dark. Light that stays may come from "
        "generators; light that goes may have been moved with the people.",
        "Lit area and its fall in war: Li and Li 2014 (Syria), Roman et al. 2018 (NASA Black Marble); the cuts are "
        "this project's own.",
    ),
    Formula(
        "Statements",
        ("service_signs.sign_strength", "service_signs.until_date", "service_signs.after_period"),
        "A statement is moderate. It is weak where a statement of the same days and item, of its own source or "
        "another, says the opposite, and where it states no end and begins more than "
        f"{STATEMENT_FRESH_DAYS.value:.0f} days before the end of the release's period.",
        "That martial law is declared, or that the network is cut, is not the same as an office that is closed: the "
        "index asks whether it is open.",
        "A township that nobody names may be as badly off. A list of the state names the places where it says that its "
        "administration does not run.",
    ),
)
