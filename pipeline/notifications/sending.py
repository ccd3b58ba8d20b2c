"""One message to one target, by Apprise. The only module that imports it, and only when something is sent.

What Apprise says is kept to itself: its log may hold parts of an address. Of a failure only a known cause is told.
"""

import logging
import re
from dataclasses import dataclass

from pipeline.notifications.messages import TITLE, Message
from pipeline.storage.targets import Target

TIMEOUT_SECONDS = 30  # for one message; a target that does not answer must not hold a run up
_STATUS = re.compile(r"error\s*=\s*(\d{3})\b")
_REFUSED = "it did not take the message; look at the address, the password and whether the target answers"
_UNKNOWN = "the address is of no service that Apprise knows, or is not whole; look at its scheme and parts"


@dataclass(frozen=True)
class Outcome:
    """Whether a target took a message; `why` is empty where it did, and never holds a part of the address."""

    target: Target
    why: str = ""
    answered: bool = True  # False where nobody was there: the next message would not arrive either

    @property
    def went(self) -> bool:
        return not self.why


class _Heard(logging.Handler):
    """Keeps what a library says, for the causes that can be read from it; shows none of it."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


def send(target: Target, message: Message) -> Outcome:
    """Never raises: a target that fails is an outcome."""
    heard = _Heard()
    logger = logging.getLogger("apprise")
    # For good: what did not answer in time may still speak when the next message is on its way.
    logger.handlers, logger.propagate = [logging.NullHandler(), heard], False
    try:
        return _sent(target, message, heard)
    except Exception as error:
        return Outcome(target, f"{type(error).__name__}; {_REFUSED}")
    finally:
        logger.removeHandler(heard)


def _sent(target: Target, message: Message, heard: _Heard) -> Outcome:
    import apprise

    asset = apprise.AppriseAsset(service_timeout=TIMEOUT_SECONDS)
    asset.app_id, asset.app_desc, asset.app_url = TITLE, TITLE, ""
    asset.async_mode = False
    sender = apprise.Apprise(asset=asset)
    if not sender.add(target.url):
        return Outcome(target, _UNKNOWN)
    taken = sender.notify(
        title=message.subject, body=message.body, notify_type=message.weight, body_format=apprise.NotifyFormat.TEXT
    )
    if taken:
        return Outcome(target)
    if taken.status == apprise.AppriseResultStatus.TIMEOUT:
        return Outcome(target, f"no answer within {TIMEOUT_SECONDS} seconds; {_REFUSED}", answered=False)
    return _refusal(target, heard.said)


def _refusal(target: Target, said: list[str]) -> Outcome:
    """The cause without a word of the address."""
    text = " ".join(said)
    status = _STATUS.search(text)
    if status:
        return Outcome(target, f"the server answered {status[1]}; {_REFUSED}")
    if "onnection" in text:
        return Outcome(target, f"no connection; {_REFUSED}", answered=False)
    return Outcome(target, _REFUSED)
