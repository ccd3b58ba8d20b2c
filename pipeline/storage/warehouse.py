"""The only importer of duckdb: DDL and comments from the declarations; read, conform and write, snapshot.

The database file is a product of the deliveries: what is damaged is moved aside and built again. Only the
pipeline opens the working file, in short connections; analysts read a snapshot that is replaced whole. Tables that
memory does not hold are written and read in batches, and sorted on disk.
"""

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb
import polars as pl

from geo.lookup import spellings
from pipeline.declare.database import ABOUT, MAIN, TOWNSHIP_NAMES
from pipeline.declare.errors import UnusableInput
from pipeline.declare.frames import conform, empty, is_declared, raw_comments, table_columns
from pipeline.declare.tables import TABLES, Layer, Table, row_key
from pipeline.storage import batches as batched
from pipeline.storage import database

# DuckDB clients from 1.4 on can open a file written for this storage version.
STORAGE_VERSION = "v1.4.0"
# Of the many small tables and keys each takes blocks of its own: with the default of 262,144 bytes a release's database
# is 31.7 MB, with this 23.1 MB; smaller ones save no more. DuckDB 1.4 opens it.
BLOCK_BYTES = 65_536
# What DuckDB may hold in memory: a table that is larger is sorted on disk, in a folder beside the database.
MEMORY = "1GB"


class Warehouse:
    """The working database of one home; `open` keeps one connection for a run, else each call has its own.

    Opening costs more than most of what is done with it, and the home's lock keeps other runs out.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._held: duckdb.DuckDBPyConnection | None = None
        self._elsewhere: tempfile.TemporaryDirectory[str] | None = None

    def open(self) -> str | None:
        """Prepare the file and hold a connection until `close`; returns what `prepare` says."""
        message = self.prepare()
        self._held = self._new_connection()
        return message

    def close(self) -> None:
        if self._held is not None:
            self._held.close()
            self._held = None
            self._bring_home()

    def prepare(self) -> str | None:
        """Make sure the working file can be opened; returns a message where a damaged one was moved aside."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        for part in self.path.parent.glob(".*.part*"):
            shutil.rmtree(part) if part.is_dir() else part.unlink(missing_ok=True)
        shutil.rmtree(self.path.with_name(self.path.name + ".tmp"), ignore_errors=True)
        try:
            with self._connect():
                return None
        except (duckdb.Error, OSError) as error:
            self._elsewhere = None
            if "No space left" in str(error):
                raise  # not damaged: the disk is full
            if not self.path.is_file():
                raise UnusableInput(f"{self.path}: the working database cannot be made here ({error})") from error
            aside = self.path.with_name(self.path.name + ".damaged")
            self.path.replace(aside)
            if wal_of(self.path).exists():
                wal_of(self.path).replace(wal_of(aside))
            return (
                f"{self.path.name} could not be opened ({str(error).splitlines()[0]}); moved to {aside.name}, rebuilt"
            )

    def _new_connection(self) -> duckdb.DuckDBPyConnection:
        return duckdb.connect(str(self._file()), config={"threads": str(os.cpu_count() or 1), "memory_limit": MEMORY})

    def _file(self) -> Path:
        """The file itself, or a copy where DuckDB would take a question mark in the path for the start of a query."""
        if "?" not in str(self.path):
            return self.path
        if self._elsewhere is None:
            self._elsewhere = tempfile.TemporaryDirectory(prefix="township-index-")
            if self.path.is_file():
                shutil.copyfile(self.path, Path(self._elsewhere.name) / self.path.name)
        return Path(self._elsewhere.name) / self.path.name

    def _bring_home(self) -> None:
        """Put such a copy back in one rename; where a run is killed before, the next one makes the tables again."""
        if self._elsewhere is not None:
            part = self.path.with_name(f".{self.path.name}.part")
            shutil.copyfile(self._file(), part)
            part.replace(self.path)
            self._elsewhere.cleanup()
            self._elsewhere = None

    @contextmanager
    def _connect(self) -> Iterator[duckdb.DuckDBPyConnection]:
        if self._held is not None:
            yield self._held
            return
        con = self._new_connection()
        try:
            yield con
        finally:
            con.close()
            self._bring_home()

    def write(self, full_name: str, frame: pl.DataFrame, only: tuple[str, str] | None = None) -> int:
        """Replace a table by the frame, or only its rows where a column has a value; in one transaction.

        `only` is (column, value), such as ("kind", "clashes"). Returns the number of rows written.
        """
        conformed = conform(frame, full_name)
        schema, name = full_name.split(".")
        columns = ", ".join(f'"{c}" {t}' for c, t in table_columns(full_name).items())
        with self._connect() as con:
            con.execute("BEGIN")
            try:
                con.execute(f'CREATE SCHEMA IF NOT EXISTS "{schema}"')
                # A table of an earlier version of the code may lack a column: it is a product, so it is made anew.
                if only is None or self._columns(con, schema, name) != list(table_columns(full_name)):
                    con.execute(f'DROP TABLE IF EXISTS "{schema}"."{name}"')
                con.execute(f'CREATE TABLE IF NOT EXISTS "{schema}"."{name}" ({columns})')
                if only is not None:
                    con.execute(f'DELETE FROM "{schema}"."{name}" WHERE "{only[0]}" = ?', [only[1]])
                con.register("incoming", conformed.to_arrow())
                con.execute(f'INSERT INTO "{schema}"."{name}" SELECT * FROM incoming')
                con.execute("COMMIT")
            except BaseException:
                # The connection may be held for the whole run. Where the disk is full the transaction is gone already,
                # and what DuckDB says of that would hide the cause.
                with suppress(duckdb.Error):
                    con.execute("ROLLBACK")
                raise
            finally:
                with suppress(duckdb.Error):
                    con.unregister("incoming")
        return conformed.height

    def append(self, full_name: str, frames: Iterable[pl.DataFrame]) -> int:
        """Add rows to a table that `write` made, frame by frame, each in a transaction; returns how many."""
        schema, name = full_name.split(".")
        count = 0
        with self._connect() as con:
            for frame in frames:
                con.register("incoming", conform(frame, full_name).to_arrow())
                try:
                    con.execute(f'INSERT INTO "{schema}"."{name}" SELECT * FROM incoming')
                finally:
                    con.unregister("incoming")
                count += frame.height
        return count

    def read(self, full_name: str, columns: Sequence[str] = ()) -> pl.DataFrame:
        """The whole table, or some of its columns; empty where it was not written yet."""
        schema, name = full_name.split(".")
        chosen = ", ".join(f'"{column}"' for column in columns) or "*"
        with self._connect() as con:
            try:
                frame: pl.DataFrame = con.sql(f'SELECT {chosen} FROM "{schema}"."{name}"').pl()
            except duckdb.CatalogException:
                frame = empty(full_name).select(columns or pl.all())
        return frame.cast(empty(full_name).select(columns).schema) if columns else conform(frame, full_name)

    def rows_between(self, full_name: str, delivery_id: str, lines: range = range(batched.NO_LINE)) -> pl.DataFrame:
        """The rows of one delivery that stand in these lines of its file."""
        schema, name = full_name.split(".")
        with self._connect() as con:
            found: pl.DataFrame = con.sql(
                f'SELECT * FROM "{schema}"."{name}" WHERE delivery_id = ? AND row_number >= ? AND row_number < ?',
                params=[delivery_id, lines.start, lines.stop],
            ).pl()
        return conform(found, full_name)

    def repeated_keys(self, full_name: str, columns: Sequence[str]) -> pl.DataFrame:
        """The values of some columns, all filled, that stand in several rows: one row each."""
        schema, name = full_name.split(".")
        chosen = ", ".join(f'"{column}"' for column in columns)
        filled = " AND ".join(f"trim(\"{column}\") <> ''" for column in columns)
        with self._connect() as con:
            found: pl.DataFrame = con.sql(
                f'SELECT {chosen} FROM "{schema}"."{name}" WHERE {filled} GROUP BY {chosen} HAVING count(*) > 1'
            ).pl()
        return found

    def batches(self, full_name: str, order: Sequence[str], columns: Sequence[str] = ()) -> Iterator[pl.DataFrame]:
        """The table, or some of its columns, in the order of some columns or in any, in frames of BATCH_ROWS rows."""
        schema, name = full_name.split(".")
        with self._connect() as con:
            yield from _sorted(con.cursor(), f'"{schema}"."{name}"', order, columns)

    def sorted_parts(self, parts: Sequence[Path], order: Sequence[str]) -> Iterator[pl.DataFrame]:
        """The rows of Parquet files of one schema in the order of some columns; rows equal in all of them in one frame.

        Frames of about BATCH_ROWS rows, in the types of the files.
        """
        schema = pl.Schema(pl.read_parquet_schema(parts[0]))
        listed = ", ".join(f"'{_quoted(part)}'" for part in parts)
        with self._connect() as con:
            frames = _sorted(con.cursor(), f"read_parquet([{listed}])", order)
            yield from batched.together((frame.cast(schema) for frame in frames), order)

    def export(self, full_name: str, path: Path, order: Sequence[str]) -> None:
        """The table as a Parquet file in the order of some columns, in groups of BATCH_ROWS rows."""
        schema, name = full_name.split(".")
        columns = ", ".join(f'"{column}"' for column in order)
        with self._connect() as con:
            con.execute(
                f'COPY (SELECT * FROM "{schema}"."{name}" ORDER BY {columns}) '
                f"TO '{_quoted(path)}' (FORMAT parquet, ROW_GROUP_SIZE {batched.BATCH_ROWS})"
            )

    @staticmethod
    def _columns(con: duckdb.DuckDBPyConnection, schema: str, name: str) -> list[str]:
        found = con.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = ? AND table_name = ? "
            "AND table_catalog = current_catalog() ORDER BY ordinal_position",
            [schema, name],
        ).fetchall()
        return [column for (column,) in found]

    def snapshot(
        self,
        target: Path,
        layers: tuple[Layer, ...] = tuple(Layer),
        notice: str = "",
        like: Path | None = None,
        about: Mapping[str, pl.DataFrame] | None = None,
    ) -> None:
        """Write the tables of some layers to a new database at `target`, with keys and comments.

        The file is written under a temporary name; the caller moves it into place. Tables that were not
        written in this home are left out, and so are those that no declaration knows (any more). A `notice` goes
        before the comment of every table. `like` is a snapshot of the same state that holds other layers: its tables
        are taken over, which is faster than writing them twice. `about` are the tables about the release that stand in
        schema main (pipeline/declare/database.py); with them come the types, views and macros there.
        """
        if "?" in str(target):  # DuckDB would take it for the start of a query
            with tempfile.TemporaryDirectory(prefix="township-index-") as folder:
                self.snapshot(Path(folder) / target.name, layers, notice, like, about)
                shutil.copyfile(Path(folder) / target.name, target)
            return
        target.unlink(missing_ok=True)
        wal_of(target).unlink(missing_ok=True)
        if like is not None:
            shutil.copyfile(like, target)
        with self._connect() as con:
            how = f"STORAGE_VERSION '{STORAGE_VERSION}', BLOCK_SIZE {BLOCK_BYTES}"
            con.execute(f"ATTACH '{_quoted(target)}' AS snapshot ({how})")
            try:
                found = con.execute(
                    "SELECT table_schema, table_name FROM information_schema.tables "
                    "WHERE table_catalog = current_catalog() ORDER BY 1, 2"
                ).fetchall()
                taken = [
                    f"{schema}.{name}"
                    for schema, name in found
                    if schema in tuple(layers) and is_declared(schema, name)
                ]
                # In one transaction: each comment on a column would else be brought to the disk by itself.
                con.execute("BEGIN")
                for full_name in taken:
                    con.execute(f'CREATE SCHEMA IF NOT EXISTS snapshot."{full_name.split(".")[0]}"')
                    for statement in ddl(full_name, "snapshot", notice):
                        con.execute(statement)
                large = [full_name for full_name in taken if not self._copied(con, full_name)]
                con.execute("COMMIT")
                for full_name in large:
                    self._copy_in_batches(con, full_name)
                if about is not None:
                    _add_main(con, about, notice)
                con.execute("CHECKPOINT snapshot")
            finally:
                with suppress(duckdb.Error):  # none is open but after a failure
                    con.execute("ROLLBACK")
                with suppress(duckdb.Error):  # it must not hide the cause
                    con.execute("DETACH DATABASE IF EXISTS snapshot")  # the connection may be held for the run

    def _copied(self, con: duckdb.DuckDBPyConnection, full_name: str) -> bool:
        """Fill a table of the attached snapshot, in the order of its key; returns False for one that is large."""
        place, keys = _place(full_name), ", ".join(f'"{c}"' for c in row_key(full_name))
        ((rows_count,),) = con.execute(f"SELECT count(*) FROM {place}").fetchall()
        if rows_count >= batched.LARGE_ROWS:
            return False
        con.execute(f"INSERT INTO snapshot.{place} SELECT * FROM {place} ORDER BY {keys}")
        return True

    def _copy_in_batches(self, con: duckdb.DuckDBPyConnection, full_name: str) -> None:
        """The same for a large table: what one statement inserts is held until it ends, beyond DuckDB's own memory."""
        for frame in self.batches(full_name, row_key(full_name)):
            con.register("incoming", frame.to_arrow())
            con.execute(f"INSERT INTO snapshot.{_place(full_name)} SELECT * FROM incoming")
            con.unregister("incoming")
            con.execute("CHECKPOINT snapshot")


def _place(full_name: str) -> str:
    schema, name = full_name.split(".")
    return f'"{schema}"."{name}"'


def _sorted(
    cursor: duckdb.DuckDBPyConnection, source: str, order: Sequence[str], columns: Sequence[str] = ()
) -> Iterator[pl.DataFrame]:
    """Frames of BATCH_ROWS rows; a cursor of its own, so that others may be asked while it is read."""
    keys, chosen = (", ".join(f'"{column}"' for column in names) for names in (order, columns))
    try:
        ordered = f" ORDER BY {keys}" if keys else ""
        for batch in cursor.sql(f"SELECT {chosen or '*'} FROM {source}{ordered}").to_arrow_reader(batched.BATCH_ROWS):
            yield pl.DataFrame(pl.from_arrow(batch))
    finally:
        cursor.close()


def _add_main(con: duckdb.DuckDBPyConnection, about: Mapping[str, pl.DataFrame], notice: str) -> None:
    """Fill schema main of the attached snapshot. It is chosen meanwhile: so no statement holds the name of the file."""
    (own,) = con.execute("SELECT current_catalog()").fetchone() or ("",)
    con.execute("USE snapshot")
    try:
        con.execute("BEGIN")
        for statement in database.statements(notice):
            con.execute(statement)
        frames = {**about, TOWNSHIP_NAMES.name: spellings()}
        for table in ABOUT:
            con.register("incoming", frames[table.name].select(c.name for c in table.columns).to_arrow())
            con.execute(f"INSERT INTO {table.name} SELECT * FROM incoming")
            con.unregister("incoming")
        con.execute("COMMIT")
    finally:
        with suppress(duckdb.Error):  # it must not hide the cause
            con.execute("ROLLBACK")
        con.execute(f'USE "{own}"')


def wal_of(path: Path) -> Path:
    """DuckDB's write-ahead log of a database: what a client wrote into it and did not bring home."""
    return path.with_name(path.name + ".wal")


def put_snapshot(part: Path, target: Path) -> bool:
    """Move a finished snapshot to its name; returns whether a client had left a write-ahead log there.

    A log beside a database that it does not belong to keeps every client out. So it goes first, and once more after
    the move, should a client have been at work in between; whoever has the old file open keeps reading that.
    """
    left = wal_of(target).exists()
    wal_of(target).unlink(missing_ok=True)
    part.replace(target)
    wal_of(target).unlink(missing_ok=True)
    return left


def read_snapshot(path: Path, full_name: str) -> pl.DataFrame:
    """A table of an analysts' snapshot or a release, read only; empty where it does not hold the table.

    Where a client left a write-ahead log or holds the file, a copy is read: our rows, without what the client wrote.
    Raises UnusableInput where there is no such file yet or it cannot be read.
    """
    if not path.exists():
        raise UnusableInput(f"{path}: nothing was published in this home yet; run first")
    try:
        if wal_of(path).exists():
            return _copy_read(path, full_name)
        try:
            return _read_table(path, full_name)
        except duckdb.IOException as error:
            if not _is_held(error):
                raise
            return _copy_read(path, full_name)
    except duckdb.CatalogException as error:
        if full_name.startswith(f"{MAIN}."):
            raise UnusableInput(
                f"{path}: made by an earlier version of the code, without {full_name}; run again"
            ) from error
        return empty(full_name)
    except duckdb.Error as error:
        raise UnusableInput(
            f"{path}: cannot be read ({str(error).splitlines()[0]}); run again to rebuild it"
        ) from error


def _read_table(path: Path, full_name: str) -> pl.DataFrame:
    schema, name = full_name.split(".")
    con = duckdb.connect(str(path), read_only=True)
    try:
        frame: pl.DataFrame = con.sql(f'SELECT * FROM "{schema}"."{name}"').pl()
    finally:
        con.close()
    return frame


def _copy_read(path: Path, full_name: str) -> pl.DataFrame:
    with tempfile.TemporaryDirectory(prefix="township-index-") as folder:
        return _read_table(Path(shutil.copy(path, folder)), full_name)


def _is_held(error: duckdb.Error) -> bool:
    return "lock" in str(error).splitlines()[0].casefold()


def look_at(path: Path) -> str:
    """What is wrong with a database file, in a few words; empty where it is one of ours or in use by a run."""
    try:
        con = duckdb.connect(str(path), read_only=True)
    except duckdb.Error as error:
        return "" if _is_held(error) else f"cannot be opened ({str(error).splitlines()[0]})"
    try:
        found = con.execute("SELECT DISTINCT table_schema, table_name FROM information_schema.tables").fetchall()
    except duckdb.Error as error:
        return f"cannot be read ({str(error).splitlines()[0]})"
    finally:
        con.close()
    foreign = [f"{schema}.{name}" for schema, name in found if not is_declared(schema, name)]
    return f"holds {len(foreign)} tables that are not ours, such as {min(foreign)}" if foreign else ""


def ddl(full_name: str, catalog: str, notice: str = "") -> list[str]:
    """CREATE TABLE with its key and NOT NULL, and a comment on the table and on each column."""
    schema, name = full_name.split(".")
    place = f'"{catalog}"."{schema}"."{name}"'
    table: Table | None = TABLES.get(full_name)
    lines = []
    for column, kind in table_columns(full_name).items():
        required = table is not None and column not in table.nullable
        lines.append(f'"{column}" {kind}' + (" NOT NULL" if required else ""))
    if table is None:
        lines.append('PRIMARY KEY ("delivery_id", "row_number")')
        comments = [f"COMMENT ON TABLE {place} IS 'Mirror of the files of format {name}, text as delivered.'"]
        comments += [f"COMMENT ON COLUMN {place}.\"{c}\" IS '{_quoted(w)}'" for c, w in raw_comments(name).items()]
        return [f"CREATE TABLE {place} ({', '.join(lines)})", *comments]
    lines.append("PRIMARY KEY (" + ", ".join(f'"{c}"' for c in table.key) + ")")
    said = f"{notice} {table.comment}".strip()
    comments = [f"COMMENT ON TABLE {place} IS '{_quoted(said)}'"]
    comments += [f"COMMENT ON COLUMN {place}.\"{c.name}\" IS '{_quoted(c.comment)}'" for c in table.specs]
    return [f"CREATE TABLE {place} ({', '.join(lines)})", *comments]


def _quoted(text: object) -> str:
    return str(text).replace("'", "''")
