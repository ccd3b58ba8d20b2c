"""What the stated coverage of a clash source's deliveries leaves open: silence outside of it is unknown, never calm.

Not here: which townships a stated coverage names (geo/coverage.py).
"""

from collections.abc import Iterator, Sequence

from geo.coverage import covered
from geo.townships import codes
from pipeline.history import Delivery


def uncovered(deliveries: Sequence[Delivery]) -> frozenset[str]:
    """The townships whose silence is unknown: left out by the stated coverage of any delivery of one source.

    A count since the coup needs every part of it, so a township is covered where each delivery covers it. A delivery
    without a stated coverage leaves none out, one whose coverage cannot be told leaves all out.
    """
    every = frozenset(codes())
    return every - every.intersection(*(_named(delivery) for delivery in deliveries))


def sentences(deliveries: Sequence[Delivery]) -> Iterator[str]:
    """One line for each stated coverage: how it was understood, and what to write where it was not."""
    for text in sorted({d.coverage for d in deliveries if d.coverage}):
        files = ", ".join(sorted({d.file_name for d in deliveries if d.coverage == text}))
        named = covered(text)
        if named is None:
            yield (
                f"coverage {text!r} of {files} names no whole states, regions, districts or townships: every township "
                'without a clash is unknown, not calm. Name them, such as coverage = "Kachin, Sagaing", for townships '
                "without a clash to count as calm"
            )
        else:
            yield f"coverage {text!r} of {files} is {len(named)} townships: outside of it no clash is unknown, not calm"


def _named(delivery: Delivery) -> frozenset[str]:
    """The townships that a delivery covers."""
    if not delivery.coverage:
        return frozenset(codes())
    return covered(delivery.coverage) or frozenset()
