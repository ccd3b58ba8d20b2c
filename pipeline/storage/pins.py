"""Pinned releases, which `prune` keeps for ever: a sorted JSON list of names beside the releases."""

import json

from pipeline.declare.errors import UnusableInput
from pipeline.declare.settings import RELEASE_NAME, Home


def pinned(home: Home) -> list[str]:
    """The names of the pinned releases. Raises UnusableInput for a file that is no list of names."""
    try:
        found = json.loads(home.pins.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except (OSError, ValueError) as error:
        raise _unusable(home, str(error)) from error
    if not isinstance(found, list) or not all(isinstance(one, str) and RELEASE_NAME.fullmatch(one) for one in found):
        raise _unusable(home, "it is no list of names of releases")
    return sorted(set(found))


def _unusable(home: Home, cause: str) -> UnusableInput:
    return UnusableInput(
        f"{home.pins}: cannot be read ({cause}); write the names of the pinned releases as a JSON list, such as "
        '["2023-12-31-1a2b3c4d"], or remove the file and pin them again'
    )


def pin(home: Home, release: str) -> bool:
    """Pin a release; whether it was not yet."""
    return _put(home, {*pinned(home), release})


def unpin(home: Home, release: str) -> bool:
    """Take a pin away; whether there was one."""
    return _put(home, {*pinned(home)} - {release})


def _put(home: Home, names: set[str]) -> bool:
    """Write the list in one rename, where it is another one."""
    if sorted(names) == pinned(home):
        return False
    part = home.pins.with_name(f".{home.pins.name}.part")
    part.write_text(json.dumps(sorted(names), indent=1) + "\n", encoding="utf-8")
    part.replace(home.pins)
    return True
