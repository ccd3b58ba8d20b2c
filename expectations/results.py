"""The outcome of one rule on one table, in plain Python types that any metadata store takes.

Not here: how a rule is checked (engine.py).
"""

from dataclasses import dataclass
from typing import Any

from pipeline.codes import Severity

EXAMPLES_AT_MOST = 3


@dataclass(frozen=True)
class RuleResult:
    """`checked_count` is how many rows (or groups of rows) the rule applies to; 0: it had nothing to check.

    `note` says why the rule exists and, where it failed, what was found. `examples` are keys (township,
    month, delivery and line), never a cell's text, a coordinate or an actor.
    """

    table: str
    rule: str
    severity: str
    passed: bool
    checked_count: int
    failed_count: int
    note: str
    examples: tuple[str, ...] = ()

    @property
    def blocks(self) -> bool:
        """A failed critical rule keeps the release from being published; a failed warning does not."""
        return not self.passed and self.severity == Severity.CRITICAL

    def as_dict(self) -> dict[str, Any]:
        return {
            "table": self.table,
            "rule": self.rule,
            "severity": str(self.severity),
            "passed": bool(self.passed),
            "checked_count": int(self.checked_count),
            "failed_count": int(self.failed_count),
            "note": self.note,
            "examples": [str(example) for example in self.examples],
        }
