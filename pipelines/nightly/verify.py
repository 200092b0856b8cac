"""Is the store whole? Everything that is wrong with it, at once, with what to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from . import facts, runs
from .durable import UNFINISHED
from .errors import HomeError
from .home import Home
from .ledger import Entry

DATABASE = "audit.duckdb"

_REBUILD = "Remove that folder (store/runs/{run}): the run is rebuilt from its deposits when it is needed."
_REBUILD_NOW = "It is the published one: the next night makes it again; readers see it as it is until then."
_RESEND = "Put the folder back from a backup; without one, the centre has to send the deposit again."


def verify_store(home: Home) -> list[str]:
    """Everything that is wrong with the store: ledger, deposits, runs, databases, the link and what refers to what."""
    problems = [f"Ledger: {problem}." for problem in home.ledger.check()]
    try:
        entries = home.ledger.entries()
    except HomeError:
        problems.append("Nothing else can be verified without the ledger. Put its files back from a backup.")
        return problems
    problems += _deposits(home, entries)
    problems += _chains(entries)
    problems += _runs(home, entries)
    problems += _link(home, entries)
    problems += _erased(home, entries)
    problems += _leftovers(home)
    return problems


def _deposits(home: Home, entries: Sequence[Entry]) -> Iterator[str]:
    for deposit in facts.accepted(entries):
        folder = home.deposits / deposit
        if not folder.is_dir():
            yield f"Deposit {deposit} is missing from store/deposits. {_RESEND}"
        elif wrong := _damage(folder):
            yield from (f"Deposit {deposit}: {problem}" for problem in wrong)


def _damage(folder: Path) -> list[str]:
    from . import deposits  # polars takes long to import

    try:
        return deposits.damage(folder)
    except HomeError as error:
        return [str(error)]


def _chains(entries: Sequence[Entry]) -> Iterator[str]:
    """Runs and other entries that name what was never accepted or published."""
    known: set[str] = set()
    published: set[str] = set()
    for entry in entries:
        said = entry.facts
        named: set[str] = set()
        match entry.kind:
            case "accepted":
                known.add(said["deposit"])
            case "published":
                named = {deposit for chain in said.get("chains", {}).values() for deposit in chain}
                named |= set(said.get("held", {}))
                published.add(said["run"])
            case "rolled_back" if said["to"] not in published:
                yield f"Ledger: entry {entry.n} rolls back to run {said['to']}, which was not published before."
        for deposit in sorted(named - known):
            yield f"Ledger: entry {entry.n} ({entry.kind}) names deposit {deposit}, which was not accepted before."


def _runs(home: Home, entries: Sequence[Entry]) -> Iterator[str]:
    pruned, current = facts.pruned(entries), facts.standing(entries).run
    for run, entry in facts.published(entries).items():
        folder = home.runs / run
        what = _REBUILD_NOW if run == current else _REBUILD.format(run=run)
        if not folder.is_dir():
            if run not in pruned or run == current:
                yield f"Run {run}: its files are missing. {what}"
            continue
        wrong = runs.damage(home, run)
        run_file = folder / runs.RUN_FILE
        if not wrong and run not in pruned and runs.sha256_of(run_file) != entry.facts.get("run_file"):
            wrong = [f"store/runs/{run}/{runs.RUN_FILE} is not the one that was published"]
        wrong += _database(folder / runs.OUT / DATABASE)
        yield from (f"Run {run}: {problem}. {what}" for problem in wrong)


def _database(path: Path) -> list[str]:
    """What is wrong with a published database: it must open, and every table must be readable to its last row."""
    import duckdb

    from pipelines.store import connect

    if not path.exists():
        return []
    log = path.with_name(f"{path.name}.wal")
    if log.exists():
        return [
            f"{path.name} has a write-ahead log ({log.name}) beside it: something wrote into the published database, or "
            "stopped while it did"
        ]
    try:
        with connect(path, read_only=True) as con:
            tables = con.execute(
                "SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal ORDER BY ALL"
            ).fetchall()
            for names in tables:
                schema, table = (name.replace('"', '""') for name in names)
                con.execute(f'SELECT bit_xor(hash(row)) FROM "{schema}"."{table}" AS row').fetchall()
    except duckdb.Error as error:
        return [f"{path.name} is damaged ({type(error).__name__}): it cannot be read"]
    return []


def _link(home: Home, entries: Sequence[Entry]) -> Iterator[str]:
    run = facts.standing(entries).run
    linked = runs.linked(home)
    if linked != run:
        leads = f"leads to run {linked}" if linked else "leads to no run"
        wanted = f"run {run}" if run else "none, for no run was published"
        yield f"`published` {leads}, but must lead to {wanted}. The next run puts it right."


def _erased(home: Home, entries: Sequence[Entry]) -> Iterator[str]:
    """The fingerprints of erased patients, and the key without which they are worth nothing."""
    from .erased import Erased  # polars takes long to import

    try:
        Erased.of(home, entries)
    except HomeError as error:
        yield str(error)
    if home.erased_key.exists() and home.erased_key.stat().st_mode & 0o077:
        yield f"{home.erased_key} can be read by others. Set its mode to 600."


def _leftovers(home: Home) -> Iterator[str]:
    """What has no entry in the ledger, or no meaning."""
    entries = home.ledger.entries()
    known = {
        home.deposits: facts.accepted(entries),
        home.raw: facts.accepted(entries),
        home.runs: facts.published(entries),
    }
    for folder, names in known.items():
        for path in sorted(folder.iterdir()):
            if path.name not in names and not path.name.endswith(UNFINISHED):
                yield f"store/{folder.name}/{path.name} has no entry in the ledger. The next run removes it."
