"""How many cases hypothesis draws for a property where the profile's own number is too many or too few."""

from hypothesis import settings


def examples(count: int, **more: object) -> settings:
    """`count` cases in `make test`, a fifth of them in `make check` (tests/conftest.py), and never fewer than two."""
    profile = settings.get_profile("shared machine")
    return settings(max_examples=max(2, count * settings.default.max_examples // profile.max_examples), **more)
