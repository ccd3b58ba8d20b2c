"""The `township-index` command. A user's mistake ends in one clear sentence and exit code 2, never a traceback.

Not here: what a run does (definitions); this module lands the files, starts the run and says what came of it.
"""

import atexit
import gc
import logging
import os
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import wraps
from pathlib import Path
from typing import Annotated, NoReturn, ParamSpec, TypeVar

import typer

from pipeline import launch, settings
from pipeline.errors import AccountingError, BlockedRelease, UnusableInput
from pipeline.methods import COUP, DEFAULT_METHOD
from pipeline.settings import Home

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)

PUBLISHED, BLOCKED, UNUSABLE = 0, 1, 2
P = ParamSpec("P")
R = TypeVar("R")

HomeOption = Annotated[Path | None, typer.Option("--home", help="Where deliveries and releases live.")]


@app.callback()
def _root() -> None:
    """Township conflict index for Myanmar: records in, three indices, checks and a dated release out."""


def _fail(code: int, message: str) -> NoReturn:
    sys.stdout.flush()
    print(f"township-index: {message}", file=sys.stderr)
    raise typer.Exit(code)


def user_errors(command: Callable[P, R]) -> Callable[P, R]:
    """Turn the errors a user can cause into a sentence and an exit code."""

    @wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except UnusableInput as error:
            _fail(UNUSABLE, str(error))
        except (BlockedRelease, AccountingError) as error:
            _fail(BLOCKED, f"nothing was published: {error}")
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            _fail(UNUSABLE, f"{where}{error.strerror or error}; the last release is as it was")

    return guarded


@app.command()
@user_errors
def run(
    data: Annotated[Path | None, typer.Option("--data", help="Folder DIR/<kind>/<file> to deliver first.")] = None,
    sample: Annotated[bool, typer.Option("--sample", help="Deliver the embedded SYNTHETIC sample first.")] = False,
    home: HomeOption = None,
    as_of: Annotated[str, typer.Option("--as-of", help="Use what was delivered by this day.")] = "",
    period_end: Annotated[str, typer.Option("--period-end", help="Last day of the period, YYYY-MM-DD.")] = "",
    method: Annotated[str, typer.Option("--method", help="Method that heads the report.")] = DEFAULT_METHOD,
) -> None:
    """Ingest, place, validate, compute, publish, report."""
    from pipeline import deliveries, intake, methods

    if data is not None and sample:
        raise UnusableInput("--data and --sample exclude each other; invented and real records never mix")
    methods.method(method)
    for text, option in ((as_of, "--as-of"), (period_end, "--period-end")):
        _check_date(text, option)
    place = settings.home(home)
    folder = settings.SAMPLE if sample else data
    files = []
    if folder is not None:
        files = intake.find_files(folder)
    elif place.inbox.is_dir() and any(place.inbox.glob("*/*")):
        files = intake.find_files(place.inbox)
    if not files and not deliveries.in_force(place):
        raise UnusableInput(
            f"{place.root} holds no records: give --data DIR, put files into {place.inbox}/<kind>/, or try --sample"
        )
    # The second process imports Great Expectations on the other core while the files are read.
    from assets import worker

    worker.shared()
    # Files are judged before the home is touched: a refused one leaves nothing behind.
    judged = intake.judge(files, datetime.now(UTC))
    with launch.locked(place):
        for landing in deliveries.keep(place, judged):
            one = landing.delivery
            state = f"{one.rows_count:,} rows, {one.format}" if landing.is_new else "no change: delivered before"
            print(f"  received {one.kind}/{one.file_name} as {one.delivery_id}: {state}")
            for note in one.notes:
                print(f"    note: {note}")
        _require_clashes(place, as_of)
        launch.execute(place, as_of, period_end, method)


@app.command()
@user_errors
def fetch(
    source: Annotated[str, typer.Argument(help="ucdp, acled, cod-ab, mimu or idmc.")],
    start: Annotated[str, typer.Option("--from", help="First day of events, YYYY-MM-DD.")] = "",
    end: Annotated[str, typer.Option("--to", help="Last day of events, YYYY-MM-DD.")] = "",
    since: Annotated[str, typer.Option("--since", help="Only what changed since, YYYY-MM-DD.")] = "",
    version: Annotated[str, typer.Option("--version", help="UCDP's versions, such as 26.1,26.0.8.")] = "",
    home: HomeOption = None,
) -> None:
    """Download from a source into the inbox, which `run` takes next."""
    from pipeline.connectors import command

    place, asked = settings.home(home), command.asked_for(source, start, end, since, version)
    command.tell(source, asked, place, command.fetch(source, asked, place))


@app.command()
@user_errors
def dev(
    home: HomeOption = None,
    host: Annotated[
        str, typer.Option("--host", help="Address to listen on; 127.0.0.1 is this machine only.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help="Port of the UI.")] = 3000,
) -> None:
    """Open the Dagster UI and its daemon on the same definitions and home as `run`."""
    place = settings.home(home)
    launch.quiet(place)
    os.environ[settings.HOME_VARIABLE] = str(place.root)
    state = "on" if settings.schedules_enabled() else f"off (set {settings.SCHEDULE_VARIABLE}=1 to switch them on)"
    print(f"Dagster UI on http://{host}:{port} for {place.root}; schedule and inbox sensor are {state}")
    if host not in {"127.0.0.1", "localhost", "::1"}:
        print("warning: the UI has no password and is open to whoever reaches this address", file=sys.stderr)
    sys.stdout.flush()
    command = [str(Path(sys.executable).with_name("dagster")), "dev", "-m", "pipeline.definitions"]
    os.execv(command[0], [*command, "--host", host, "--port", str(port)])  # noqa: S606 (our own program, no shell)


@app.command()
@user_errors
def withdraw(
    delivery_id: Annotated[str, typer.Argument(help="Id of the delivery, as `run` prints it.")],
    home: HomeOption = None,
) -> None:
    """Take a faulty delivery out of force; the next run goes on without it."""
    from pipeline import deliveries

    place = settings.home(home)
    with launch.locked(place):
        gone = deliveries.withdraw(place, delivery_id, datetime.now(UTC))
    print(f"{gone.kind}/{gone.file_name} ({gone.delivery_id}) is no longer in force; run again to publish without it")


@app.command("set-aside")
@user_errors
def set_aside(
    reason: Annotated[str, typer.Option("--reason", help="Only the rows set aside for this reason.")] = "",
    home: HomeOption = None,
    limit: Annotated[int, typer.Option("--limit", help="Rows shown per reason.")] = 10,
) -> None:
    """The rows that were not used, by reason, with file and line."""
    from pipeline.codes import REASON_REMEDY, Reason
    from pipeline.warehouse import read_snapshot

    if reason and reason not in tuple(Reason):
        raise UnusableInput(f"--reason {reason!r} is none of: {', '.join(Reason)}")
    place = settings.home(home)
    rows = read_snapshot(place.analysts_database, "records.set_aside")
    for name in Reason:
        own = rows.filter(rows["reason"] == str(name)).sort("file_name", "row_number")
        if own.is_empty() or (reason and name != reason):
            continue
        print(f"{name}: {own.height:,} rows. {REASON_REMEDY[name]}")
        for row in own.head(limit).iter_rows(named=True):
            column = f", {row['column_name']}" if row["column_name"] else ""
            # Text of a source: nothing in it may steer the terminal.
            found = "".join(c if c.isprintable() else "?" for c in row["found"] or "blank")
            print(f"  {row['file_name']}, line {row['row_number']}{column}: {found}")
        if own.height > limit:
            print(f"  … and {own.height - limit:,} more (--limit)")


def _check_date(text: str, option: str) -> None:
    if text:
        try:
            datetime.strptime(text, "%Y-%m-%d")
        except ValueError as error:
            raise UnusableInput(f"{option} {text!r} is not a day of the calendar; write YYYY-MM-DD") from error
        if date.fromisoformat(text) > datetime.now(settings.MYANMAR).date():
            raise UnusableInput(f"{option} {text} lies in the future; give a day up to today")
        if option == "--period-end" and date.fromisoformat(text) < COUP:
            raise UnusableInput(f"{option} {text} lies before {COUP}, where the window starts; give a later day")


def _require_clashes(place: Home, as_of: str) -> None:
    from pipeline.codes import Kind
    from pipeline.deliveries import in_force

    received = [delivery.received_day for delivery in in_force(place) if delivery.kind == Kind.CLASHES]
    if not received:
        raise UnusableInput(f"{place.root}: no clash records were ever delivered; put a file into clashes/")
    if as_of and date.fromisoformat(as_of) < min(received):
        raise UnusableInput(
            f"--as-of {as_of}: no clash records were known by then; the first in {place.root} came on "
            f"{min(received)}, so give that day or a later one"
        )


def _end_worker(code: int) -> None:
    worker = sys.modules.get("assets.worker")
    if worker is not None:
        # Where nothing came of the run, nothing is left to do for a worker that may still be importing.
        worker.finish(at_once=code != PUBLISHED)


def main() -> None:
    # Importing makes millions of objects that all stay: looking for cycles among them costs a tenth of a run.
    gc.disable()
    code = [BLOCKED]
    # Registered first, so it runs after every other clean-up: what is left then is to take the libraries down
    # object by object, which would take a second.
    atexit.register(lambda: os._exit(code[0]))
    try:
        app()
    except SystemExit as done:
        code[0] = done.code if isinstance(done.code, int) else BLOCKED
    finally:
        _end_worker(code[0])
        logging.shutdown()
        sys.stdout.flush()
        sys.stderr.flush()
