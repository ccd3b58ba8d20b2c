"""A file of corrections with one entry of each action. Not here: what each does (test_integration_asof.py)."""

from datetime import date

THREE = """
[[correction]]
id = "one-zero-too-many"
kind = "clashes"
format = "{format}"
match = {{{column} = "{mended}"}}
column = "fatalities"
was = "900"
becomes = "9"
reason = "The informant of Waingmaw says nine."
date = {day}
expires = {until}

[[correction]]
id = "rumour"
kind = "clashes"
format = "{format}"
action = "set_aside"
match = {{{column} = "{rumour}"}}
reason = "A rumour."
date = {day}
expires = {until}

[[correction]]
id = "camp-on-the-island"
kind = "displacement"
action = "acknowledge"
adm3_pcode = "MMR013032"
reference_date = 2021-03-01
reason = "A camp for three townships."
date = {day}
expires = {until}
"""


def three(format_name: str, column: str, mended: str, rumour: str, day: date, until: date) -> str:
    """The text of corrections.toml: the deaths of one event, another that is a rumour, and people of Cocokyun."""
    return THREE.format(format=format_name, column=column, mended=mended, rumour=rumour, day=day, until=until)
