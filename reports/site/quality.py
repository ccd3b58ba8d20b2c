"""The page of quality: every check with its outcome, how far sources agree, and what went in."""

from reports.site.evidence import concordance, leading_words, went_in, went_in_words
from reports.site.inputs import Context, Inputs


def page(inputs: Inputs) -> list[Context]:
    """quality.html."""
    return [{
        "checks": list(inputs.checks), "deliveries": went_in(inputs.tables),
        "clash_source": leading_words(inputs.tables, inputs.release), "pairs": concordance(inputs.tables),
        "went_in": went_in_words(inputs.tables),
    }]  # fmt: skip
