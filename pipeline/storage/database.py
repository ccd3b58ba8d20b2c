"""SQL of schema main in a database file that is handed out: tables about the release, types, views, macros.

Made from pipeline/declare/database.py; the warehouse runs it in the file itself, so that no statement names the file.
DuckDB 1.4 must read it: only what that version knows may stand here.
"""

from collections.abc import Iterator

from geo.townships import NOT_LETTERS, TOWNSHIP_WORD, ZERO_FOR_WA
from pipeline.declare.columns import Column
from pipeline.declare.database import (
    ABOUT,
    COMPARED,
    DEATHS,
    LATEST,
    MACROS,
    NATION,
    REGIONS,
    SERIES,
    UNORDERED,
    VIEWS,
    VIOLENCE,
    About,
    View,
    type_of,
    types,
)

# DuckDB takes a bare text for text: beside it a value is compared by its letters.
_ORDER = (
    "Ascending, what is not known first. To compare, name the type: >= '{0}'::{1}; bare text is compared by letters."
)
_NO_ORDER = "The order of the values says nothing."
_METHOD = "(SELECT method FROM release)"
# Column of a view -> what it is made from, where it is no column of township_index.
_OF_SERIES = {
    **dict.fromkeys(
        ("adm3_pcode", "adm3_name", "adm3_name_my", "adm2_pcode", "adm2_name", "adm1_pcode", "adm1_name",
         "state_region", "area_km2", "population_persons"), "t",
    ),
    "month": "m",
    **dict.fromkeys(("expected_clashes_next_3m", "interval_low", "interval_high"), "e"),
}  # fmt: skip
_MADE = {
    VIOLENCE.name: (
        "CASE WHEN i.clashes_month_count IS NULL OR NOT EXISTS (SELECT 1 FROM published.township_month_events "
        "WHERE event_class = 'violence_against_civilians') THEN NULL ELSE coalesce(v.events_count, 0) END"
    ),
    DEATHS.name: "CASE WHEN i.clashes_month_count = 0 THEN 0 ELSE c.fatalities_persons END",
}


def statements(notice: str = "") -> Iterator[str]:
    """All of schema main but the rows of its tables, in the order in which one rests on the other."""
    for table in ABOUT:
        yield from _table(table, notice)
    for name, values in types().items():
        yield f"CREATE TYPE {name} AS ENUM ({', '.join(map(_quoted, values))})"
        words = _NO_ORDER if name in UNORDERED else _ORDER.format(values[-1], name)
        yield f"COMMENT ON TYPE {name} IS {_quoted(words)}"
    for view in VIEWS:
        yield f"CREATE VIEW {view.name} AS {_SELECTS[view.name]}"
        yield f"COMMENT ON VIEW {view.name} IS {_quoted(f'{notice} {view.comment}'.strip())}"
        for column in view.columns:
            yield f'COMMENT ON COLUMN {view.name}."{column.name}" IS {_quoted(column.comment)}'
    for macro in MACROS:
        kind = "TABLE " if macro.returns_table else ""
        yield f"CREATE MACRO {macro.name}({', '.join(macro.arguments)}) AS {kind}{_BODIES[macro.name]}"
        yield f"COMMENT ON MACRO {kind}{macro.name} IS {_quoted(macro.comment)}"


def _table(table: About, notice: str) -> Iterator[str]:
    lines = [
        f'"{column.name}" {column.type}' + ("" if column.name in table.nullable else " NOT NULL")
        for column in table.columns
    ]
    keys = ", ".join(f'"{name}"' for name in table.key)
    yield f"CREATE TABLE {table.name} ({', '.join(lines)}, PRIMARY KEY ({keys}))"
    yield f"COMMENT ON TABLE {table.name} IS {_quoted(f'{notice} {table.comment}'.strip())}"
    for column in table.columns:
        yield f'COMMENT ON COLUMN {table.name}."{column.name}" IS {_quoted(column.comment)}'


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _selected(column: Column, made_from: str) -> str:
    """A column of a view, typed where its values have an order."""
    typed = f"CAST({made_from} AS {type_of(column)})" if column.values else made_from
    return f'{typed} AS "{column.name}"'


def _series() -> str:
    columns = ", ".join(
        _selected(one, _MADE.get(one.name) or f'{_OF_SERIES.get(one.name, "i")}."{one.name}"') for one in SERIES.columns
    )
    month = "{0}.month = m.month AND {0}.adm3_pcode = t.adm3_pcode"
    return (
        f"SELECT {columns} FROM published.townships t "
        f"CROSS JOIN (SELECT month FROM published.national_summary WHERE method = {_METHOD}) m "
        f"LEFT JOIN published.township_index i ON i.method = {_METHOD} AND {month.format('i')} "
        f"LEFT JOIN published.current_intensity e ON {month.format('e')} "
        f"LEFT JOIN published.township_month_events c ON c.event_class = 'clash' AND {month.format('c')} "
        "LEFT JOIN published.township_month_events v ON v.event_class = 'violence_against_civilians' AND "
        f"{month.format('v')} ORDER BY t.adm3_pcode, m.month"
    )


def _summary(view: View, table: str, people: str, order: str) -> str:
    columns = ", ".join(
        f"{people} AS population_persons" if one.name == "population_persons" else f's."{one.name}"'
        for one in view.columns
    )
    return f"SELECT {columns} FROM published.{table} s WHERE s.method = {_METHOD} ORDER BY {order}"


_PEOPLE = "(SELECT CAST(sum(t.population_persons) AS BIGINT) FROM published.townships t{})"
_SELECTS = {
    SERIES.name: _series(),
    LATEST.name: "SELECT * FROM series WHERE month = (SELECT coalesce(max(month) FILTER (WHERE NOT "
    f"in_publication_lag), max(month)) FROM published.national_summary WHERE method = {_METHOD}) ORDER BY adm3_pcode",
    REGIONS.name: _summary(
        REGIONS, "region_summary", _PEOPLE.format(" WHERE t.state_region = s.state_region"), "s.state_region, s.month"
    ),
    NATION.name: _summary(NATION, "national_summary", _PEOPLE.format(""), "s.month"),
}


def _key() -> str:
    """`geo.townships.name_key` in SQL; a P-code is its own key."""
    name = "lower(nfc_normalize(q))"
    for typed, meant in ZERO_FOR_WA:
        name = f"regexp_replace({name}, {_quoted(typed)}, {_quoted(meant.replace('${1}', chr(92) + '1'))}, 'g')"
    name = f"regexp_replace({name}, {_quoted(TOWNSHIP_WORD)}, '')"
    name = f"regexp_replace({name}, {_quoted(NOT_LETTERS)}, '', 'g')"
    return f"CASE WHEN regexp_full_match(trim(q), '(?i)MMR[0-9]{{6}}') THEN lower(trim(q)) ELSE {name} END"


def _compared() -> str:
    figures = [f'{side}."{name}" AS {name}_{end}' for name in COMPARED for side, end in (("one", "a"), ("other", "b"))]
    rates = [
        f"round(100000.0 * {side}.clashes_12m_count / {side}.population_persons, 2) AS clashes_12m_per_100000_{end}"
        for side, end in (("one", "a"), ("other", "b"))
    ]
    return (
        f"SELECT one.month, {', '.join((*figures, *rates))} FROM township(a) one JOIN township(b) other "
        "ON one.month = other.month ORDER BY one.month, one.adm3_pcode, other.adm3_pcode"
    )


_BODIES = {
    "spelling_key": _key(),
    "township": "SELECT s.* FROM series s WHERE s.adm3_pcode IN (SELECT n.adm3_pcode FROM township_names n "
    "WHERE n.spelling_key = spelling_key(q)) ORDER BY s.adm3_pcode, s.month",
    "compare": _compared(),
}
