"""The one resource of every asset: which home, which knowledge date, which period, under one lock."""

import logging
from datetime import date, datetime
from typing import Any

from dagster import ConfigurableResource, InitResourceContext
from pydantic import PrivateAttr

from assets import runs, standing, worker
from assets.gazetteer import gazetteer, schematic_cache
from pipeline.analysis.event_matching import compared, events_by_source
from pipeline.declare import corrections, settings
from pipeline.declare.codes import REASON_REMEDY, Absence, EventClass, Kind, Profile, Reason
from pipeline.declare.corrections import Correction
from pipeline.declare.errors import UnusableInput
from pipeline.declare.methods import COUP, DEFAULT_METHOD, Method
from pipeline.declare.settings import Home
from pipeline.ingest.corrections import read_all
from pipeline.records.placing import Gazetteer
from pipeline.storage import deliveries, latest, saved_methods
from pipeline.storage.history import Delivery, History
from pipeline.storage.lead_source import Lead, leading_source
from pipeline.storage.lock import acquire
from pipeline.storage.warehouse import Warehouse

LOG = logging.getLogger("township_index")


class IndexRun(ConfigurableResource):
    """What one run works on. Empty text stands for the default of each setting.

    The home is no setting: it is that of the process (TOWNSHIP_INDEX_HOME), which the command sets. Whoever opens the
    UI must not say where files are written.

    `hold`: the release waits for `publish`. `beside`: it is published and never moves `latest` (job `edition`).
    """

    as_of: str = ""
    period_end: str = ""
    method: str = DEFAULT_METHOD
    profile: str = ""
    make_latest: bool = False
    hold: bool = False
    beside: bool = False
    _lock: Any = PrivateAttr(default=None)
    _recording: Any = PrivateAttr(default=None)
    _warehouse: Any = PrivateAttr(default=None)
    _known: Any = PrivateAttr(default=None)
    _history: Any = PrivateAttr(default=None)
    _lead: Any = PrivateAttr(default=None)
    _corrections: Any = PrivateAttr(default=None)
    _methods: Any = PrivateAttr(default=None)

    def setup_for_execution(self, context: InitResourceContext) -> None:
        """Take the home for this process and clear what a killed run left behind."""
        settings.base_address()  # a wrong one is told before the work
        if self.beside and not (self.as_of or self.period_end):
            raise UnusableInput(
                "an edition needs a day: give period_end or as_of, YYYY-MM-DD, in the job's configuration"
            )
        self._lock = acquire(self.place)
        tags = context.run.tags if context.run else {}
        self._recording = runs.begin(self.place, context.run_id or "", tags, context.instance)
        try:
            self._prepare()
        except Exception as error:
            runs.end(self._recording, self.warehouse, error)
            raise

    def _prepare(self) -> None:
        for said in standing.resume(self.place).notes:
            LOG.info("note: a withdrawal that was begun is complete: %s", said)
        latest.prepare(self.place)
        deliveries.sweep_litter(self.place)
        if self.boundary_delivery is None and not schematic_cache(self.place).exists():
            worker.shared().begin(worker.draw_shapes, schematic_cache(self.place))
        message = self.warehouse.open()
        if message:
            LOG.warning(message)

    def teardown_after_execution(self, context: InitResourceContext) -> None:
        try:
            if self._recording is not None:
                runs.end(self._recording, self.warehouse)
            self.warehouse.close()
        finally:
            if self._lock is not None:
                self._lock.release()

    @property
    def place(self) -> Home:
        return settings.home(profile=self.chosen_profile)

    @property
    def chosen_profile(self) -> Profile:
        """For whom the release is made; without a setting the environment decides, else it is public."""
        return settings.profile(self.profile)

    @property
    def holds(self) -> bool:
        """Whether the release waits for `publish`: as asked for, or as the environment says of every run."""
        return self.hold or settings.hold_enabled()

    @property
    def methods(self) -> tuple[Method, ...]:
        """The methods that this run computes: those that ship and the saved one it was asked for, read once."""
        if self._methods is None:
            self._methods = saved_methods.of_run(self.place, self.method)
        found: tuple[Method, ...] = self._methods
        return found

    @property
    def chosen_method(self) -> Method:
        """The method that heads the report."""
        return next(method for method in self.methods if method.name == self.method)

    @property
    def cumulative_methods(self) -> frozenset[str]:
        """The names of the methods whose window only grows."""
        return frozenset(method.name for method in self.methods if method.window_months is None)

    @property
    def warehouse(self) -> Warehouse:
        if self._warehouse is None:
            self._warehouse = Warehouse(self.place.work_database)
        found: Warehouse = self._warehouse
        return found

    @property
    def known(self) -> list[Delivery]:
        """Deliveries in force on the knowledge date: one list for the whole run, read after the landing."""
        if self._known is None:
            self._known = self.history.in_force(as_date(self.as_of, "--as-of"))
        found: list[Delivery] = self._known
        return found

    def look_again(self) -> None:
        """Forget what was known before the inbox was landed."""
        self._known = self._history = None

    @property
    def history(self) -> History:
        """Every landing with its receipts and withdrawals, those after the knowledge date too."""
        if self._history is None:
            self._history = deliveries.history(self.place)
        found: History = self._history
        return found

    @property
    def knowledge_date(self) -> date:
        """The newest day on which something was received, withdrawn or corrected: what was known, whenever it runs.

        With it as `--as-of` the same release can be made again; the day of the newest delivery in force would
        lie before a withdrawal, and so bring back what was withdrawn.
        """
        if not self.known:
            raise UnusableInput("no delivery is in force; deliver clashes first (--data DIR, or files in the inbox)")
        day = as_date(self.as_of, "--as-of")
        return corrections.known_by(self._relevant, day, self.history.days(day)[-1])

    @property
    def _relevant(self) -> list[Correction]:
        """The entries of corrections.toml that concern what was delivered; a release knows of no other."""
        if self._corrections is None:
            entries = read_all(self.place)
            today = datetime.now(settings.MYANMAR).date()
            self._corrections = [
                c for c in entries if any(c.fits(d.kind, d.format, d.source, d.source_key) for d in self.known)
            ]
            if not self.as_of:
                corrections.refuse_future(self._corrections, today)
        found: list[Correction] = self._corrections
        return found

    @property
    def corrections(self) -> tuple[Correction, ...]:
        """The entries that hold on the knowledge date. Raises UnusableInput for an expired one."""
        return corrections.in_force(self._relevant, as_date(self.as_of, "--as-of"), self.knowledge_date)

    @property
    def synthetic(self) -> bool:
        return any(delivery.synthetic for delivery in self.known)

    @property
    def lead(self) -> Lead:
        """Which source of clashes leads, chosen once for the run; records.clash_days must have been made.

        Clashes are counted up to the period asked for, else all: the period's own end depends on who leads.
        """
        if self._lead is None:
            counted = compared(self.warehouse.read("records.clash_days"), as_date(self.period_end, "--period-end"))
            self._lead = leading_source(self.known, events_by_source(counted))
            note = saved_methods.require_source(self.chosen_method, self._lead.source_key)
            if note:
                LOG.info("note: %s", note)
        found: Lead = self._lead
        return found

    @property
    def clash_source(self) -> str:
        """The key of the leading source of clashes; the others are never added. Empty without one."""
        return self.lead.source_key

    @property
    def clash_deliveries(self) -> list[Delivery]:
        """The deliveries in force of the leading source of clashes."""
        return [d for d in self.known if d.kind == Kind.CLASHES and d.source_key == self.clash_source]

    @property
    def clash_absence(self) -> Absence:
        """Zero only where every delivery of the leading source says that its silence means zero."""
        stated = {d.absence_means for d in self.clash_deliveries}
        return Absence.ZERO if stated == {Absence.ZERO} else Absence.UNKNOWN

    @property
    def last_day(self) -> date:
        """The period's last day: as asked for, else the last day with a delivered clash of the leading source."""
        asked = as_date(self.period_end, "--period-end")
        if asked is not None:
            if asked > self.covered_until:
                raise UnusableInput(
                    f"--period-end {asked}: the clash records end on {self.covered_until}; later days are unknown, not "
                    "quiet. Give a day up to then, or say covered_until = YYYY-MM-DD in the delivery's sidecar"
                )
            return asked
        clashes = self.warehouse.read("records.clash_days")
        own = clashes.filter(
            (clashes["source_key"] == self.clash_source) & (clashes["event_class"] == str(EventClass.CLASH))
        )
        last = own["event_date"].max()
        if not isinstance(last, date):
            raise UnusableInput(f"no clash was placed in any township{self._why_none()}{self._other_lead()}")
        if last < COUP:
            raise UnusableInput(
                f"the newest clash of the leading source, {self.lead.first}, is of {last}, before {COUP}, where the "
                f"window starts; deliver its later records{self._other_lead()}"
            )
        return last

    def _other_lead(self) -> str:
        """What to do where another source of clashes could lead."""
        if not self.lead.others:
            return ""
        beside = "; ".join(map(str, self.lead.others))
        return (
            f". {self.lead.first} leads; beside it were delivered: {beside}. To let another lead write primary = true "
            "into its sidecar, or withdraw the leading one"
        )

    def _why_none(self) -> str:
        """The commonest reason that clash rows were set aside, with its remedy and one example."""
        aside = self.warehouse.read("records.set_aside")
        own = aside.filter(aside["kind"] == str(Kind.CLASHES))
        if own.is_empty():
            return ": no row was delivered"
        reason = own["reason"].mode().sort()[0]
        row = own.filter(own["reason"] == reason).row(0, named=True)
        return (
            f": {own.height} rows were set aside, most as {reason} ({row['file_name']}, line {row['row_number']}: "
            f"{row['found'] or 'blank'}). {REASON_REMEDY[Reason(reason)]}"
        )

    @property
    def covered_until(self) -> date:
        """The day up to which the leading source's silence can mean anything.

        The end of the month of its last event, wherever that is located, or the day that a delivery's sidecar
        states.
        """
        days = [
            date.fromisoformat(d.covered_until)
            for d in self.known
            if d.covered_until and d.source_key == self.clash_source
        ]
        for table in ("records.clash_days", "records.unallocated_events"):
            events = self.warehouse.read(table)
            last = events.filter(events["source_key"] == self.clash_source)["event_date"].dt.month_end().max()
            if isinstance(last, date):
                days.append(last)
        return max(days, default=date.min)

    @property
    def boundary_delivery(self) -> Delivery | None:
        """The newest boundary file in force; None where the shapes are schematic."""
        return next((d for d in reversed(self.known) if d.kind == Kind.BOUNDARIES), None)

    @property
    def gazetteer(self) -> Gazetteer:
        chosen = self.boundary_delivery
        return gazetteer(self.place.root, chosen.delivery_id if chosen else "")


def as_date(text: str, option: str) -> date | None:
    """A date from an option; UnusableInput says what was wrong with it."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UnusableInput(f"{option} {text!r} is not a date such as 2023-11-26") from error
