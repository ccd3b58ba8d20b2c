"""What README, CONTRIBUTING and docs name exists: paths, modules, commands, options, targets, tables, words of code.

Read in the way they are written: names stand in backticks or in blocks of code, links in Markdown.
"""

import ast
import re
import subprocess
from collections.abc import Iterator
from enum import EnumMeta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from typer.main import get_command

from pipeline import cli
from pipeline.declare import codes
from pipeline.declare.columns import COLUMNS
from pipeline.declare.methods import METHODS
from pipeline.declare.settings import Home
from pipeline.declare.tables import TABLES, Layer, layer
from pipeline.ingest import sidecar
from pipeline.sources import BY_NAME, DOWNLOADS

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
ROOMS = (
    "pipeline",
    "geo",
    "expectations",
    "assets",
    "reports",
    "tests",
    "scripts",
    "benchmarks",
    "docs",
    "deploy",
    "data",
    ".ci",
)
COMMAND = get_command(cli.app)


def _parameters(command: Any) -> list[Any]:
    """Its own and, of a group such as `releases`, those of its words; of the command itself its own alone."""
    words = getattr(command, "commands", {}) if command is not COMMAND else {}
    return [*command.params, *(one for word in words.values() for one in word.params)]


SUBCOMMANDS = COMMAND.commands  # type: ignore[attr-defined]
# Subcommand -> its options; "" is the command itself.
OPTIONS = {
    name: {opt for one in _parameters(command) for opt in one.opts if opt.startswith("--")} | {"--help"}
    for name, command in {"": COMMAND, **SUBCOMMANDS}.items()
}
# What a home holds beside the folders that pipeline.declare.settings.Home names.
IN_HOME = {"corrections.toml", ".env", "published/latest", "releases.json"}
# Lower-case words with underscores that other programs or formats gave their names.
OTHERS = {"great_expectations", "read_csv", "parse_dates", "keep_default_na", "na_values", "wait_for_function"}


@cache
def release_files() -> frozenset[str]:
    """Every file and folder of a release, by path and by bare name, as the recorded release lists them."""
    listed = (ROOT / "tests" / "integration" / "recorded_release.txt").read_text().split("\n")
    paths = [Path(line.split(maxsplit=1)[1]) for line in listed if line]
    named = {part.as_posix() for path in paths for part in (path, *path.parents)}
    return frozenset(named | {Path(name).name for name in named} | {"manifest.json", "latest", "latest.txt"})


@cache
def in_code() -> frozenset[str]:
    """Every word and quoted option of our code, Makefile, pyproject.toml, compose file; this file's own left out."""
    rooms = [p for room in ROOMS if room not in {"docs", "data"} for p in (ROOT / room).rglob("*.py")]
    others = [ROOT / "Makefile", ROOT / "pyproject.toml", ROOT / "deploy" / "compose.yaml"]
    files = [*(p for p in rooms if p.name != Path(__file__).name), *others]
    return frozenset(w for p in files for w in re.findall(r'[\w-]+|"--[\w-]+"', p.read_text(encoding="utf-8")))


@cache
def words() -> frozenset[str]:
    """Every word that users meet in tables and files: tables, columns, codes, methods, formats, keys of a sidecar."""
    enums = [one for one in vars(codes).values() if isinstance(one, EnumMeta)]
    spellings = {s for known in BY_NAME.values() for column, names in known.columns.items() for s in (column, *names)}
    return frozenset(
        {table.name for table in TABLES.values()}
        | {value.value for one in enums for value in one}
        | {*COLUMNS, *METHODS, *BY_NAME, *spellings, *codes.SERVICE_ITEMS, *sidecar._KNOWN, *OTHERS}
    )


@cache
def committed() -> frozenset[str]:
    """Every file here that is not ignored, with its folders."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    files = [Path(name) for name in listed if (ROOT / name).exists()]
    return frozenset(part.as_posix() for path in files for part in (path, *path.parents))


def make_targets() -> dict[str, str]:
    """Target -> what `make help` says of it."""
    return dict(re.findall(r"^([a-z]+):.*?## (.+)$", (ROOT / "Makefile").read_text(), re.M))


def _blocks(text: str) -> tuple[list[str], str]:
    """(blocks of code, the text without them)."""
    return re.findall(r"^```[a-z]*\n(.*?)^```", text, re.M | re.S), re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)


def _exists(pattern: str) -> bool:
    """Whether a path of the repository is there; * and <word> stand for any one name."""
    asked = re.compile(re.sub(r"\\\*|<[a-z]+>", "[^/]+", re.escape(pattern.rstrip("/")).replace(r"\<", "<")))
    return any(asked.fullmatch(name) for name in committed())


def _module(dotted: str) -> bool:
    """Whether a dotted name is a module of ours, or a name that one defines."""
    parts = dotted.split(".")
    for end in range(len(parts), 0, -1):
        base = ROOT.joinpath(*parts[:end])
        file = base.with_suffix(".py") if base.with_suffix(".py").exists() else base / "__init__.py"
        if file.exists():
            rest = parts[end:]
            tree = ast.parse(file.read_text(encoding="utf-8"))
            defined = {getattr(n, "name", "") for n in ast.walk(tree)} | {getattr(n, "id", "") for n in ast.walk(tree)}
            return not rest or rest[0] in defined
    return False


def _of_command(text: str) -> Iterator[str]:
    """Subcommands and options that `township-index …` lines name and the command does not have."""
    for line in text.split("\n"):
        for said in re.findall(r"township-index((?: [^`|#]*)?)", line):
            named = said.split()
            sub = named[0] if named and named[0] in SUBCOMMANDS else ""
            if named and not sub and re.fullmatch(r"[a-z-]+", named[0]) and not named[0].startswith("--"):
                yield f"township-index has no command {named[0]}"
            for option in re.findall(r"(?<!\S)--[a-z-]+", said):
                if option not in OPTIONS[sub]:
                    yield f"township-index {sub} has no option {option}"
            if sub == "fetch" and len(named) > 1 and named[1].islower() and named[1] not in DOWNLOADS:
                yield f"there is no source {named[1]} to fetch"


def _of_options(text: str) -> Iterator[str]:
    """Options that stand alone, or behind a program that is not ours by name, and that nothing here has."""
    for option in re.findall(r"(?<![\w-])--[a-z][a-z-]*", "" if "township-index" in text else text):
        if not any(option in options for options in OPTIONS.values()) and f'"{option}"' not in in_code():
            yield f"no command has the option {option}"


def _of_make(text: str) -> Iterator[str]:
    for target in re.findall(r"\bmake ([a-z]+)\b", text):
        if target not in make_targets():
            yield f"make has no target {target}"
    for variable in re.findall(r"\bmake [a-z]+ ([A-Z_]+)=", text):
        if f"$({variable})" not in (ROOT / "Makefile").read_text():
            yield f"the Makefile knows no {variable}"


def _of_path(token: str) -> str | None:
    first = token.split("/", maxsplit=1)[0]
    if first == "HOME":
        inside = {p.relative_to("/h").as_posix() for p in _home_paths()} | IN_HOME
        rest = token.removeprefix("HOME/").rstrip("/")
        known = any(rest == one or rest.startswith(f"{one}/") for one in inside)
        left = rest.removeprefix("published/latest/") if rest.startswith("published/latest/") else ""
        return None if known and (not left or left in release_files()) else f"a home holds no {token}"
    if token.startswith(".venv/bin/"):
        return None if Path(token).name in in_code() else f"nothing installs {token}"
    released = re.sub(r"<[a-z]+>", "MMR001001", token.split("?", maxsplit=1)[0]).rstrip("/")
    if released in release_files() or token.startswith("data/demo"):
        return None
    if first in ROOMS or (ROOT / first).exists():
        return None if _exists(token) else f"there is no {token}"
    return None


def _home_paths() -> list[Path]:
    home = Home(Path("/h"))
    found = [getattr(home, name) for name, one in vars(Home).items() if isinstance(one, property)]
    return [path for path in found if isinstance(path, Path)]


def _of_token(token: str) -> str | None:
    """What is wrong with one name in backticks; None where it exists, or is no name of ours."""
    if re.fullmatch(r"[\w.*<>-]+(/[\w.*<>?=&-]*)+", token):
        return _of_path(token)
    if re.fullmatch(r"[\w-]+\.(md|py|toml|csv|html|j2|js|css|typ|json|jsonld|xlsx|pdf|txt|duckdb|lock)", token):
        known = token in release_files() or any(Path(name).name == token for name in committed())
        return None if known or token in IN_HOME else f"there is no file {token}"
    if re.fullmatch(r"(raw|records|indices|published)\.[a-z_]+", token):
        return None if token in TABLES or token.removeprefix("raw.") in BY_NAME else f"there is no table {token}"
    if re.fullmatch(r"[a-z_]+\.[a-z_]+", token) and f"published.{token.partition('.')[0]}" in TABLES:
        table, column = token.split(".")
        return None if column in TABLES[f"published.{table}"].columns else f"{table} has no column {column}"
    if re.fullmatch(r"(pipeline|geo|expectations|assets|reports|tests|benchmarks)(\.\w+)+", token):
        return None if _module(token) else f"there is no module {token}"
    if re.fullmatch(r"@?[a-z][a-z0-9]*(_[a-z0-9]+)+_?|@[a-z]+", token):
        known = token in words() or token.lstrip("@") in in_code()
        return None if known or _ends(token) else f"nothing here is called {token}"
    if re.fullmatch(r"_[a-z0-9_]+", token):
        known = any(name.endswith(token) for name in words() | in_code())
        return None if known else f"nothing here ends in {token}"
    if re.fullmatch(r"[A-Z][A-Za-z]*[a-z][A-Za-z]*|[A-Z]+_[A-Z_]+|[A-Z]{4,}", token):
        return None if token in in_code() else f"nothing in the code is called {token}"
    return None


def _ends(token: str) -> bool:
    return token.endswith("_") and any(name.startswith(token) for name in words())


def faults(text: str, page: Path) -> list[str]:
    """Everything that a page names and that is not there, in the order of the page."""
    blocks, prose = _blocks(text)
    spans = re.findall(r"`([^`\n]+)`", prose)
    found = [f for part in (*blocks, *spans) for f in (*_of_command(part), *_of_options(part), *_of_make(part))]
    for span in spans:
        for token in re.split(r"[,\s]+", span) if re.fullmatch(r"[a-z0-9_, ]+", span) else [span]:
            if fault := _of_token(token.split("(")[0]):
                found.append(fault)
    for part in blocks:
        found += filter(None, map(_of_path, re.findall(rf"(?<![\w/])(?:{'|'.join(ROOMS[:-1])})/[\w./*<>-]+", part)))
        found += filter(None, map(_of_token, re.findall(r"python -m (\S+)", part)))
    for name, path in re.findall(r"`([A-Za-z_]+)` (?:in|of) `([\w./]+\.py)`", prose):
        if not (ROOT / path).exists() or not re.search(rf"\b{name}\b", (ROOT / path).read_text(encoding="utf-8")):
            found.append(f"{path} has no {name}")
    for program in re.findall(r"python (?:-m )?(\S+)", " ".join(spans)):
        if program.startswith(ROOMS) and not (_exists(program) or _module(program)):
            found.append(f"there is no {program} to run")
    for test in re.findall(r"pytest ((?:tests/\S+ ?)+)", " ".join(spans)):
        found += [f"there is no {path}" for path in test.split() if not _exists(path)]
    found += [f"no page or heading {link}" for link in re.findall(r"\]\(([^)\s]+)\)", prose) if not _leads(link, page)]
    return found


def _leads(link: str, page: Path) -> bool:
    """Whether a link of a page leads to a file here, and to one of its headings where it names one."""
    if link.startswith("https://"):
        return True
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    if not target.exists():
        return False
    headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.M) if anchor else []
    return not anchor or anchor in {re.sub(r"[^\w -]", "", h).strip().lower().replace(" ", "-") for h in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_what_a_page_names_exists(page: Path):
    assert faults(page.read_text(encoding="utf-8"), page) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("`pipeline/records/gone.py`", "there is no pipeline/records/gone.py"),
        ("`pipeline/gone/<x>/source.py`", "there is no pipeline/gone/<x>/source.py"),
        ("`HOME/outbox/a.csv`", "a home holds no HOME/outbox/a.csv"),
        ("`HOME/published/latest/gone.csv`", "a home holds no HOME/published/latest/gone.csv"),
        ("`gone.html`", "there is no file gone.html"),
        ("`pipeline.declare.gone`", "there is no module pipeline.declare.gone"),
        ("`python -m benchmarks.gone`", "there is no benchmarks.gone to run"),
        ("`township-index mend`", "township-index has no command mend"),
        ("```\ntownship-index run --gone\n```", "township-index run has no option --gone"),
        ("`township-index fetch gone`", "there is no source gone to fetch"),
        ("`--gone`", "no command has the option --gone"),
        ("`… --gone DIR`", "no command has the option --gone"),
        ("`.venv/bin/absent-program`", "nothing installs .venv/bin/absent-program"),
        ("`make gone`", "make has no target gone"),
        ("```\nmake run GONE=1\n```", "the Makefile knows no GONE"),
        ("`published.gone`", "there is no table published.gone"),
        ("`national_summary.gone_count`", "national_summary has no column gone_count"),
        ("`gone_count`", "nothing here is called gone_count"),
        ("`GONE_VARIABLE`", "nothing in the code is called GONE_VARIABLE"),
        ("`GoneContext`", "nothing in the code is called GoneContext"),
        ("`GONE` in `pipeline/declare/codes.py`", "pipeline/declare/codes.py has no GONE"),
        ("[there](gone.md)", "no page or heading gone.md"),
        ("[there](README.md#gone)", "no page or heading README.md#gone"),
    ],
)
def test_a_planted_name_is_caught(text: str, fault: str):
    assert fault in faults(text, ROOT / "README.md")


def _page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_every_published_table_stands_in_the_list_of_tables_and_no_other():
    listed = _page("docs/output.md").split("| tables | hold |")[1].split("\n\n")[0]
    named = [name for line in listed.split("\n") for name in re.findall(r"`(\w+)`", line.split("|")[1] if line else "")]
    assert sorted(named) == sorted(table.name for table in layer(Layer.PUBLISHED))


@pytest.mark.parametrize("name", SUBCOMMANDS)
def test_every_command_and_option_is_described(name: str):
    page = _page("docs/commands.md")
    assert f"`township-index {name}" in page
    assert [option for option in sorted(OPTIONS[name]) if not re.search(rf"{option}\b", page)] == []


def test_every_make_target_says_what_it_does_and_is_described():
    phony = re.search(r"^\.PHONY: (.+)$", _page("Makefile"), re.M)
    assert phony
    assert set(phony[1].split()) == set(make_targets())
    assert [name for name in make_targets() if f"`make {name}" not in _page("docs/commands.md")] == []


def test_every_kind_format_and_key_of_a_sidecar_is_described():
    page = _page("docs/input.md")
    keys = {*sidecar._KNOWN} - {"columns", "values", "every_row"}
    assert [key for key in keys if f"`{key}`" not in page] == []
    assert [kind for kind in codes.Kind if f"| `{kind}`" not in page] == []
    assert [name for name in DOWNLOADS if f"`township-index fetch {name}`" not in page] == []


def test_every_guide_and_decision_is_linked():
    decisions = sorted((ROOT / "docs" / "decisions").glob("[a-z]*.md"))
    assert len(decisions) <= 10
    assert [p.name for p in decisions if f"({p.name})" not in _page("docs/decisions/README.md")] == []
    linked = _page("README.md")
    pages = [p for p in (ROOT / "docs").rglob("*.md") if p.parent.name != "decisions"]
    assert [p.name for p in pages if f"({p.relative_to(ROOT).as_posix()})" not in linked] == []


def test_burmese_terms_of_the_glossary_are_those_of_the_pages():
    with (ROOT / "data/reference/labels/my.po").open("rb") as stream:
        known = [str(phrase.string) for phrase in read_po(stream)]
    rows = [line.split("|") for line in _page("docs/glossary.md").split("\n") if line.startswith("| ")]
    terms = [row for row in rows if row[1].strip() != "term"]
    assert len(terms) >= 40
    burmese = [row[2].strip() for row in terms if row[2].strip()]
    assert [term for term in burmese if not any(term in cell for cell in known)] == []


def test_the_readme_is_short():
    assert len(_page("README.md").split("\n")) <= 110
