"""The errors a user can cause or must act on; each message names file, row, column and remedy.

Not here: programming errors, which stay ordinary exceptions and show a traceback.
"""

from collections.abc import Mapping, Sequence
from typing import Any


class UnusableInput(Exception):
    """Input or arguments that cannot be used: nothing is written, the command ends with exit code 2."""


class PassingCause(UnusableInput):
    """What ends by itself or by other hands, such as a home in use: the same input may be tried again later."""


class AccountingError(Exception):
    """Rows went missing or appeared between two steps: rows in != rows kept + rows set aside."""


class BlockedRelease(Exception):
    """A blocking check failed: the last release stays, the command ends with exit code 1.

    `rules` are the failed rules as checks.json holds them, with their remedy; empty where the run broke off for
    another cause.
    """

    def __init__(self, message: str, rules: Sequence[Mapping[str, Any]] = ()) -> None:
        super().__init__(message)
        self.rules = tuple(rules)
