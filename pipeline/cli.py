"""The `township-index` command. A user's mistake ends in one clear sentence and exit code 2, never a traceback.

Not here: what a run does (definitions); this module lands the files, starts the run and says what came of it.
"""

import atexit
import gc
import logging
import os
import sys
from datetime import UTC, datetime
from functools import partial
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any

import typer

from assets import instance, launch, run_end
from assets.failures import BLOCKED, PUBLISHED, UNUSABLE
from pipeline import release_commands
from pipeline.declare import settings
from pipeline.declare.errors import UnusableInput
from pipeline.declare.methods import DEFAULT_METHOD, check_lag
from pipeline.options import HomeOption, path_option, user_errors
from pipeline.sources import DOWNLOADS

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)

*_FIRST, _LAST = DOWNLOADS


def _say_version(wanted: bool) -> None:
    if wanted:
        from pipeline.storage.release_folder import code_version

        print(f"township-index {code_version()}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Show the version and end.")
    ] = False,
) -> None:
    """Township conflict index for Myanmar: records in, three indices, checks and a dated release out."""


@app.command()
@user_errors
def run(
    data: Annotated[
        Path | None, path_option("--data", "Folder DIR/<kind>/<file> to deliver first; default: HOME/inbox.")
    ] = None,
    sample: Annotated[
        bool, typer.Option("--sample", help="Deliver the embedded SYNTHETIC sample first; default: off.")
    ] = False,
    home: HomeOption = None,
    as_of: Annotated[str, typer.Option("--as-of", help="Use what was known by YYYY-MM-DD; default: all.")] = "",
    period_end: Annotated[
        str, typer.Option("--period-end", help="Last day, YYYY-MM-DD; default: that of the last clash.")
    ] = "",
    method: Annotated[
        str, typer.Option("--method", help="Method that heads the report, shipped or saved.")
    ] = DEFAULT_METHOD,
    profile: Annotated[
        str, typer.Option("--profile", help="public, or internal: exact displaced, never to be passed on.")
    ] = "",
    make_latest: Annotated[
        bool,
        typer.Option("--make-latest", help="Let latest name this release though it is an older edition; default: off."),
    ] = False,
    hold: Annotated[
        bool, typer.Option("--hold", help="Make and audit all, publish nothing until `publish`; default: off.")
    ] = False,
    lag: Annotated[
        str, typer.Option("--lag", help="Days after a month's end until it may lead; default: the method's.")
    ] = "",
) -> None:
    """Ingest, place, validate, compute, publish, report."""
    from pipeline.storage import saved_methods

    if data is not None and sample:
        raise UnusableInput("--data and --sample exclude each other; invented and real records never mix")
    launch.end_on_sigterm()
    place = settings.home(home, settings.profile(profile))
    saved_methods.of_run(place, method)  # a name that is none is told before anything is read
    for text, option in ((as_of, "--as-of"), (period_end, "--period-end")):
        launch.check_day(text, option)
    if lag:
        check_lag(lag)
    with run_end.at_the_end(place) as ending:
        _land_and_execute(
            place, settings.SAMPLE if sample else data, as_of, period_end, method, make_latest, hold, lag, ending
        )


def _land_and_execute(
    place: settings.Home,
    folder: Path | None,
    as_of: str,
    period_end: str,
    method: str,
    make_latest: bool,
    hold: bool,
    lag: str,
    ending: run_end.Ending,
) -> None:
    """What `run` does once its options were looked at."""
    from pipeline.ingest import inbox
    from pipeline.ingest.corrections import read_all
    from pipeline.storage import deliveries, latest

    read_all(place)  # a damaged entry is told before anything is written
    files = inbox.find_files(folder) if folder is not None else []
    # The run takes the inbox too: judged with the rest, so that what cannot join it leaves nothing behind.
    if place.inbox.is_dir() and inbox.holds_files(place.inbox):
        files += inbox.find_files(place.inbox)
    if not files and not deliveries.history(place).deliveries:
        raise UnusableInput(
            f"{place.root} holds no records: give --data DIR, put files into {place.inbox}/<kind>/, or try --sample"
        )
    # The second process imports Great Expectations on the other core while the files are read.
    from assets import worker

    worker.shared()
    from assets import trial

    # Files are judged before the home is touched: a refused one leaves nothing behind.
    judged = inbox.judge(files, datetime.now(UTC))
    deliveries.refuse_two_sayings(judged)
    trial.refuse_contradictions(place, judged)
    with launch.locked(place):
        if note := latest.prepare(place):
            print(f"  note: {note}")
        for landing, came in zip(deliveries.keep(place, judged), judged, strict=True):
            one, name = landing.delivery, came.delivery.file_name
            before = "no change: delivered before" + (f" as {one.file_name}" if name != one.file_name else "")
            state = f"{one.rows_count:,} rows, {one.format}" if landing.is_new else before
            print(f"  received {one.kind}/{name} as {one.delivery_id}: {state}")
            for line in deliveries.told_of_replacing(landing):
                print(f"    {line}")
            for note in one.notes:
                print(f"    note: {note}")
        launch.require_clashes(place, as_of)
        ending.began = True
        ending.release = launch.execute(_definitions, place, as_of, period_end, method, make_latest, hold, lag)


def _definitions() -> Any:
    from pipeline.definitions import defs

    return defs


@app.command()
@user_errors
def fetch(
    source: Annotated[str, typer.Argument(help=f"{', '.join(_FIRST)} or {_LAST}.")],
    start: Annotated[str, typer.Option("--from", help="First day of events, YYYY-MM-DD.")] = "",
    end: Annotated[str, typer.Option("--to", help="Last day of events, YYYY-MM-DD.")] = "",
    since: Annotated[str, typer.Option("--since", help="Only what changed since, YYYY-MM-DD.")] = "",
    version: Annotated[str, typer.Option("--version", help="UCDP's versions, such as 26.1,26.0.8.")] = "",
    home: HomeOption = None,
) -> None:
    """Download from a source into the inbox, which `run` takes next."""
    from pipeline import fetch

    place, asked = settings.home(home), fetch.asked_for(source, start, end, since, version)
    with run_end.downloading(place, source):
        arrivals = fetch.fetch(source, asked, place)
    fetch.tell(source, asked, place, arrivals)


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
    from assets import processes, request_guard

    place = settings.home(home)
    request_guard.own_hosts(host, port)  # a wrong name is told before anything starts
    instance.quiet(place)
    os.environ[settings.HOME_VARIABLE] = str(place.root)
    state = "on" if settings.schedules_enabled() else f"off (set {settings.SCHEDULE_VARIABLE}=1 to switch them on)"
    print(f"Dagster UI on http://{host}:{port} for {place.root}; schedule and inbox sensor are {state}")
    if host not in {"127.0.0.1", "localhost", "::1"}:
        print("warning: the UI has no password and is open to whoever reaches this address", file=sys.stderr)
    sys.stdout.flush()
    raise typer.Exit(processes.serve(host, port))


@app.command()
@user_errors
def withdraw(
    delivery_id: Annotated[str, typer.Argument(help="Id of the delivery, as `run` prints it.")],
    home: HomeOption = None,
) -> None:
    """Take a faulty delivery out of force; the next run goes on without it."""
    from pipeline.storage import deliveries

    place = settings.home(home)
    with launch.locked(place):
        gone = deliveries.withdraw(place, delivery_id, datetime.now(UTC))
    print(f"{gone.kind}/{gone.file_name} ({gone.delivery_id}) is no longer in force; run again to publish without it")


@app.command("set-aside")
@user_errors
def set_aside(
    reason: Annotated[str, typer.Option("--reason", help="Only this reason; default: all.")] = "",
    kind: Annotated[str, typer.Option("--kind", help="Only this kind, such as clashes; default: all.")] = "",
    delivery: Annotated[str, typer.Option("--delivery", help="Only the delivery of this id; default: all.")] = "",
    file: Annotated[str, typer.Option("--file", help="Only files of this name; default: all.")] = "",
    csv: Annotated[Path | None, path_option("--csv", "Write all of them to this CSV file, - for the screen.")] = None,
    home: HomeOption = None,
    limit: Annotated[int, typer.Option("--limit", min=0, help="Rows shown per reason.")] = 10,
) -> None:
    """The rows that were not used: counts by reason, then file, line, what was found and the remedy."""
    from pipeline import set_aside

    set_aside.show(settings.home(home), set_aside.Wanted(reason, kind, delivery, file), str(csv or ""), limit)


@app.command()
@user_errors
def calibrate(
    to: Annotated[Path, path_option("--to", "Figures in a CSV like data/reference/published_figures.csv.")],
    home: HomeOption = None,
    method: Annotated[str, typer.Option("--method", help="Shipped method whose cuts are searched.")] = DEFAULT_METHOD,
    save: Annotated[str, typer.Option("--save", help="Save as HOME/methods/NAME.toml, for `run --method NAME`.")] = "",
    replace: Annotated[bool, typer.Option("--replace", help="Let --save replace a saved method.")] = False,
    csv: Annotated[Path | None, path_option("--csv", "Write every cut that was tried to this CSV file.")] = None,
) -> None:
    """Search the cuts that come closest to published margins, and say how many others do as well."""
    from pipeline.calibration import report

    report.run(settings.home(home), report.Wanted(to, method, save, replace, csv))


@app.command()
@user_errors
def brief(
    townships: Annotated[
        str, typer.Option("--townships", help="P-codes or exact English names, separated by commas.")
    ] = "",
    corridor: Annotated[
        str, typer.Option("--corridor", help="Two townships FROM,TO: the shortest chain of neighbours between them.")
    ] = "",
    start: Annotated[str, typer.Option("--from", help="First day, YYYY-MM-DD; default: 90 days up to --to.")] = "",
    end: Annotated[str, typer.Option("--to", help="Last day, YYYY-MM-DD; default: that of the release.")] = "",
    home: HomeOption = None,
    lang: Annotated[str, typer.Option("--lang", help="en, my or both.")] = "both",
    out: Annotated[
        Path | None, path_option("--out", "Folder for the brief's own folder; default: HOME/briefs.")
    ] = None,
) -> None:
    """Write a neutral brief of some townships from the latest release: page, PDF and CSV in fixed words."""
    from assets import neutral_brief
    from pipeline.neutral_brief.request import Wanted

    made = neutral_brief.make(settings.home(home), Wanted(townships, corridor, start, end), lang, out)
    for path in made.files:
        print(f"  {path.name}: {path.stat().st_size / 1000:,.0f} kB")
    print(made.folder)


@app.command()
@user_errors
def show(
    township: Annotated[
        str, typer.Argument(help="P-code, English or Burmese name, or another spelling, such as LOIKAW.")
    ],
    home: HomeOption = None,
    months: Annotated[int, typer.Option("--months", min=1, help="Months shown as bars, the newest last.")] = 24,
) -> None:
    """One township of the latest release: this month, its signal, months as bars, the evidence."""
    from pipeline import show as township_show

    township_show.show(settings.home(home), township, months, township_show.sign_of_bar())


app.command()(release_commands.publish)
app.add_typer(release_commands.releases, name="releases")


@app.command()
@user_errors
def status(
    as_json: Annotated[bool, typer.Option("--json", help="The same facts as JSON, as in HOME/health.json.")] = False,
    home: HomeOption = None,
) -> None:
    """How this home stands and what needs a person. Exit 0 healthy, 1 needs attention, 2 unusable home."""
    from assets import schedule

    place = settings.home(home)
    code = schedule.show_status(place, as_json)
    run_end.guarded(partial(run_end.killed, place), partial(print, file=sys.stderr))
    raise typer.Exit(code)


@app.command()
@user_errors
def prune(
    keep: Annotated[
        int | None, typer.Option("--keep", help="Keep every release of so many last days; default: by policy, 30.")
    ] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Delete it; default: only tell what may go.")] = False,
    home: HomeOption = None,
) -> None:
    """Old releases, run records, caches and logs that may go by policy, and how much they free; deliveries never."""
    from assets import retention

    retention.prune(settings.home(home), keep, apply)


@app.command()
@user_errors
def tally(
    events: Annotated[list[str], typer.Argument(help="Event files, folders, patterns, or addresses such as s3://…")],
    out: Annotated[Path, path_option("--out", "Folder that takes the tally, its sidecar and its account.")],
    columns: Annotated[
        Path | None, path_option("--columns", "What a sidecar says of such a file; default: our own columns.")
    ] = None,
    engine: Annotated[str, typer.Option("--engine", help="native: this machine; ray: a Ray cluster.")] = "native",
    address: Annotated[str, typer.Option("--address", help="Of a Ray cluster; default: one on this machine.")] = "",
    home: HomeOption = None,
) -> None:
    """Count event files larger than memory by township and day, for run; points by the shapes of the home."""
    from assets.gazetteer import carried
    from pipeline.tally import outcome

    for line in outcome.leave(events, columns, engine, address, out, carried(settings.home(home))):
        print(line)


@app.command()
@user_errors
def doctor(home: HomeOption = None) -> None:
    """Check this machine and home, and say what to do; exit 2 where there is a problem. Changes nothing."""
    from pipeline import doctor as checks

    if checks.report(settings.home(home)):
        raise typer.Exit(UNUSABLE)


@app.command()
@user_errors
def notify(
    test: Annotated[
        bool, typer.Option("--test", help="Send a test message to each target; exit 1 if one does not take it.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would be sent about the last run; send nothing.")
    ] = False,
    home: HomeOption = None,
    profile: Annotated[str, typer.Option("--profile", help="Of which releases: public or internal.")] = "",
) -> None:
    """Send what the last run has to say and was not sent yet, and what a target could not take before."""
    from pipeline.notifications import notify as notifications

    if test and dry_run:
        raise UnusableInput("--test and --dry-run exclude each other: one sends, the other does not")
    place = settings.home(home, settings.profile(profile))
    if dry_run:
        notifications.show(place)
    elif test:
        if not notifications.test(place):
            raise typer.Exit(BLOCKED)
    else:
        notifications.send_due(place)


def _end_worker(code: int) -> None:
    worker = sys.modules.get("assets.worker")
    if worker is not None:
        # Where nothing came of the run, nothing is left to do for a worker that may still be importing.
        worker.finish(at_once=code != PUBLISHED)


def main() -> None:
    # Importing makes millions of objects that all stay: looking for cycles among them costs a tenth of a run.
    gc.disable()
    # A terminal or a log that is not UTF-8 gets what it can show: a name in Burmese must not end a run.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
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
