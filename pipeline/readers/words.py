"""A sender's own words in coded columns: the sidecar's [values] held against the format and the file's cells.

The mirror keeps the words as delivered; they become ours when records are made (records/inputs).
"""

import difflib

import polars as pl

from pipeline.errors import UnusableInput
from pipeline.readers.formats import fold
from pipeline.readers.sidecar import Sidecar
from pipeline.terms import AMBIGUOUS_EVENT, SHOWN_EVENT_TERMS, TERM_COLUMNS


def checked_words(sidecar: Sidecar, format_name: str, frame: pl.DataFrame, name: str) -> tuple[str, ...]:
    """What is to be said of the sidecar's [values] for a file that was read as `frame`.

    Raises UnusableInput for a column without terms and for a word that is no term of its column, naming what may
    stand there.
    """
    allowed = TERM_COLUMNS.get(format_name, {})
    notes = []
    for column, words in sidecar.values.items():
        if column not in allowed:
            close = difflib.get_close_matches(column, allowed, n=1, cutoff=0.6)
            meant = f" (did you mean {close[0]}?)" if close else ""
            these = f"these are: {', '.join(allowed)}" if allowed else "it has none"
            raise UnusableInput(
                f"{name}.toml: [values.{column}]: {column!r} is no column of terms of {format_name}{meant}; {these}. "
                "Columns are named as we name them, whatever their header"
            )
        for word, ours in words.items():
            if ours not in allowed[column]:
                shown = SHOWN_EVENT_TERMS if column == "event_type" and "clash" in allowed[column] else allowed[column]
                raise UnusableInput(
                    f"{name}.toml: [values.{column}] maps {word!r} to {ours!r}, which is no term of {column}; use one "
                    f"of {', '.join(shown)}"
                )
        present = {fold(cell) for cell in frame[column].drop_nulls().unique()}
        unmet = [word for word in words if word not in present]
        if unmet:
            notes.append(f"{name}: [values.{column}] maps words that stand in no row: {', '.join(map(repr, unmet))}")
    if format_name == "canonical_clashes" and AMBIGUOUS_EVENT not in sidecar.values.get("event_type", {}):
        count = frame.filter(frame["event_type"].str.strip_chars().str.to_lowercase() == AMBIGUOUS_EVENT).height
        if count:
            notes.append(
                f"{name}: {count} rows with the event_type {AMBIGUOUS_EVENT!r} are read as ACLED means it, violence "
                "against civilians and no clash; [values.event_type] in the sidecar can say otherwise"
            )
    return tuple(notes)
