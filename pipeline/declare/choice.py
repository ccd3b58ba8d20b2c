"""A number that somebody chose, with its reason. Methods, scenarios and sources are declared with it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Choice:
    """A number of the method with its reason and where it comes from."""

    value: float
    why: str


# Why a security cut moves by so many clashes in one step.
ONE_CLASH = "One clash: the smallest step there is, a quarter or more of a small cut."
THREE_CLASHES = "Three clashes: about one standard error of a Poisson count of ten."
