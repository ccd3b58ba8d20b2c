"""The page of published figures: those of other publishers beside ours, and the table of conflict and dialogue of 2021.

It names armed organisations, so it stands apart from the first page.
"""

from reports.release import published
from reports.site import evidence
from reports.site.inputs import Context, Inputs


def page(inputs: Inputs) -> list[Context]:
    """comparison.html: what others published, and what this release says of the same."""
    return [{
        "comparison": evidence.comparison_with_notes(inputs.tables),
        "dialogue": published(inputs.tables, "actor_dialogue").to_dicts(),
    }]  # fmt: skip
