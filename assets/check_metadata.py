"""What a check shows in the UI: a table of its rules in plain words, and counts that are plotted over runs."""

from collections.abc import Iterable, Mapping
from typing import Any

from dagster import MetadataValue, TableColumn, TableColumnConstraints, TableRecord, TableSchema

from expectations.remedies import remedy_of
from pipeline.declare.codes import Severity

_COLUMNS: Mapping[str, tuple[str, str]] = {
    "rule": ("string", "The rule in plain words"),
    "outcome": ("string", "holds, failed, or nothing to check"),
    "severity": ("string", "critical: a failure blocks the release; warning: a failure is shown"),
    "limit": ("string", "What the rule allows"),
    "found": ("string", "What there was"),
    "rows_checked": ("int", "Rows, or groups of rows, that the rule applies to"),
    "rows_failing": ("int", "Of these, how many break it"),
    "examples": ("string", "Keys of some that break it: place, month, delivery and line"),
    "remedy": ("string", "What to do; blank where the rule holds"),
    "why": ("string", "Why the rule exists and, where it failed, what was found"),
}
RULES_SCHEMA = TableSchema(
    [
        TableColumn(name, kind, description=text, constraints=TableColumnConstraints(nullable=False))
        for name, (kind, text) in _COLUMNS.items()
    ]
)
_ORDER = {"failed": 0, "holds": 1, "nothing to check": 2}


def check_metadata(results: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Metadata of one suite's outcome; `results` are RuleResult.as_dict() of its rules.

    Failed rules stand first, the critical ones before the others. The counts have the same names for every table.
    """
    rows = [_row(result) for result in results]
    failed = [row for row in rows if row["outcome"] == "failed"]
    rows.sort(key=lambda row: (_ORDER[str(row["outcome"])], row["severity"] != Severity.CRITICAL))
    return {
        "rules": MetadataValue.table([TableRecord(row) for row in rows], RULES_SCHEMA),
        "rules_count": len(rows),
        "rules_failed_count": len(failed),
        "rules_blocking_count": sum(row["severity"] == Severity.CRITICAL for row in failed),
        "rows_failing_count": sum(int(row["rows_failing"]) for row in failed),
    }


def _row(result: Mapping[str, Any]) -> dict[str, str | int]:
    outcome = "failed" if not result["passed"] else "holds" if result["checked_count"] else "nothing to check"
    remedy = remedy_of(result["table"], result["rule"], result["severity"]) if outcome == "failed" else ""
    return {
        "rule": result["rule"].replace("_", " "),
        "outcome": outcome,
        "severity": result["severity"],
        "limit": result["limit"],
        "found": result["found"],
        "rows_checked": result["checked_count"],
        "rows_failing": result["failed_count"],
        "examples": ", ".join(result["examples"]),
        "remedy": remedy,
        "why": result["note"],
    }
