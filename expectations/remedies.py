"""What to do where a rule fails: a rule's own remedy, else that of the stage whose table it looks at.

The command line says the same of a refused file; here it stands beside every failed rule of the UI.
"""

from collections.abc import Mapping
from types import MappingProxyType

from pipeline.declare.codes import Severity

_RUN: Mapping[str, str] = MappingProxyType({
    "clashes_delivered": "Put a file of clashes into inbox/clashes and run again.",
    "clashes_recent": "Deliver newer clash records (township-index fetch), or ask for an earlier period_end.",
    "window_covered": "Deliver the older records of the source too; until then its counts are floors.",
    "boundaries_real": "Deliver a boundary file: township-index fetch cod-ab, or put one into inbox/boundaries.",
    "primary_source_named": "Write primary = true into the sidecar of the source that should lead.",
    "leading_source_plausible": "Write primary = true into the sidecar of the source that covers the country, or "
    "withdraw the small one.",
})  # fmt: skip
_STAGES: Mapping[str, str] = MappingProxyType({
    "raw": "Compare the file with what its source published; mend it or its sidecar and deliver it again, or withdraw "
    "the delivery.",
    "records": "township-index set-aside names file, line and remedy of each row; mend the file, or enter the known "
    "error into corrections.toml.",
})  # fmt: skip
_COMPUTED = "The figures do not follow from the records. Keep the home and report the rule with checks.json."
_KNOWN = "Nothing need be done to publish: the figures stand with this reservation, which report/quality.html shows."


def remedy_of(table: str, rule: str, severity: str) -> str:
    """What a person does about a failed rule; `table` is the full name, or "run"."""
    if table == "run" and rule in _RUN:
        return _RUN[rule]
    stage = table.partition(".")[0]
    if stage in _STAGES:
        return _STAGES[stage]
    return _COMPUTED if severity == Severity.CRITICAL else _KNOWN
