"""The errors a user can cause or must act on; each message names file, row, column and remedy.

Not here: programming errors, which stay ordinary exceptions and show a traceback.
"""


class UnusableInput(Exception):
    """Input or arguments that cannot be used: nothing is written, the command ends with exit code 2."""


class AccountingError(Exception):
    """Rows went missing or appeared between two steps: rows in != rows kept + rows set aside."""


class BlockedRelease(Exception):
    """A blocking check failed: the last release stays, the command ends with exit code 1."""


def in_one_line(error: BaseException) -> str:
    """The first line of a library's message: what follows is its own trace, with paths of this machine."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
