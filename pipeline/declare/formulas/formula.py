"""What a formula in words consists of. Not here: any particular one."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Formula:
    """How some published columns are computed, why so, what it cannot say, and where it comes from."""

    title: str
    columns: tuple[str, ...]  # "table.column" of the published layer
    formula: str
    why: str
    limits: str = ""
    reference: str = ""
