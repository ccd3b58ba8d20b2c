"""What the words that stand for a class mean, as a sentence where they are read: unknown is not calm."""

from collections.abc import Mapping
from types import MappingProxyType

from pipeline.declare.codes import NoClass
from reports.text.catalogue import Both, say

# Why a township has no class -> what that means.
MEANINGS: Mapping[str, str] = MappingProxyType({
    NoClass.REPORTED_QUIET: "No clash is recorded, and records of another kind report from here. They need not mention "
    "fighting.",
    NoClass.SILENT: "No clash is recorded and nobody reports from here. That is not calm: what happens here is not "
    "known, so there is no score and no probability.",
    NoClass.HOSTING_DISPLACED: "No clash is recorded, and displaced people live here. That is not calm, so there is no "
    "score and no probability.",
    NoClass.INSUFFICIENT_EVIDENCE: "What is recorded here may be clashes or not, or is too little for a class. That is "
    "not calm, so there is no score and no probability.",
    NoClass.NO_DATA: "No record says anything of it here. That is neither good nor bad.",
    NoClass.WITHHELD: "The figure is one to nine people and is withheld.",
})  # fmt: skip


def shown_meaning(code: str | None) -> Both | None:
    """The sentence for a township without a class; None where a class is shown."""
    return say(MEANINGS[code]) if code is not None and code in MEANINGS else None
