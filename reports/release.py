"""What a release says about itself.

Not here: its files (build.py and a module for each).
"""

from dataclasses import dataclass
from datetime import date

from pipeline.methods import METHODS, Method


@dataclass(frozen=True)
class Release:
    """Facts on the release that no table holds; there is no clock behind any of them.

    `generated_from` holds (source title, licence, citation) of every source in force. `as_of` is the
    day of knowledge: deliveries received later were left out; None means that all were used.
    `schematic` says that township boundaries are approximations that must not be measured.
    `methods` are those the run computed: the shipped ones and a saved one where it was asked for.
    """

    release_id: str
    synthetic: bool
    schematic: bool
    method: str
    period_end: date
    as_of: date | None
    generated_from: tuple[tuple[str, str, str], ...]
    code_version: str
    notes: tuple[str, ...] = ()
    methods: tuple[Method, ...] = tuple(METHODS.values())
    internal: bool = False  # made with --profile internal: for the team's own use, never to be passed on

    def spec(self, name: str) -> Method | None:
        """The method of that name; None where the tables hold rows of one that the run did not compute."""
        return next((method for method in self.methods if method.name == name), None)

    @property
    def confidential(self) -> str:
        """The sentence that must stand in every file of an internal release that can hold one; empty in a public."""
        said = "INTERNAL: exact figures of displaced people, for the team's own use. Not to be passed on."
        return said if self.internal else ""

    @property
    def banners(self) -> tuple[str, ...]:
        """Sentences that must stand on top of everything made from this release."""
        lines = []
        if self.confidential:
            lines.append(self.confidential)
        if self.synthetic:
            lines.append("SYNTHETIC DATA: every figure is invented to show how the release works.")
        if self.schematic:
            lines.append("SCHEMATIC SHAPES: township outlines are approximate and must not be measured.")
        return tuple(lines)

    @property
    def watermark(self) -> str:
        """The words printed across every map; empty where both data and shapes are real."""
        marks = (
            (self.internal, "INTERNAL"), (self.synthetic, "SYNTHETIC DATA"), (self.schematic, "SCHEMATIC SHAPES"),
        )  # fmt: skip
        return " · ".join(words for holds, words in marks if holds)

    @property
    def data_mark(self) -> str:
        """The words across figures of data: what is said of the shapes is not true of them."""
        return " · ".join(word for word in self.watermark.split(" · ") if word and word != "SCHEMATIC SHAPES")

    @property
    def citation(self) -> str:
        invented = " [SYNTHETIC DATA]" if self.synthetic else ""
        return (
            f"Township conflict index for Myanmar{invented}, release {self.release_id}, "
            f"data to {self.period_end.isoformat()}, method {self.method}."
        )
