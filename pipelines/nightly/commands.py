"""The commands about nightly runs: `osteoconcord nightly ...`. Nothing heavy is imported before a command needs it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Nightly runs of a network: what centres deposit becomes a checked, published state, or yesterday's stays.",
    epilog="Begin with: osteoconcord nightly init HOME",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
)

Folder = Annotated[Path, typer.Argument(metavar="HOME", help="Folder of the network.", show_default=False)]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead.")]


@app.command()
def init(home: Folder, quiet: Quiet = False) -> None:
    """Make the folder of a network: an inbox, an empty store, and nightly.toml to be read and corrected.

    Examples:

      osteoconcord nightly init network
    """
    from . import shown
    from .home import Home

    made = Home.create(home)
    if not quiet:
        shown.made(made)


@app.command()
def run(home: Folder, quiet: Quiet = False, as_json: Json = False) -> None:
    """Run one night now: take in what is complete in the inbox, judge, publish.

    Ends with 0 where there is nothing to tell, 3 where the night went well and somebody should look, 1 where yesterday's
    state was kept or the run failed, 2 for wrong usage.

    Examples:

      osteoconcord nightly run network

      osteoconcord nightly run network --json > night.json
    """
    from . import night, shown
    from .home import Home

    place = Home.at(home)
    with shown.progress(quiet or as_json) as around:
        ended = night.run(place, around)
    outcome = ended.outcome()
    if as_json:
        shown.print_json(shown.outcome_facts(outcome, place.config.language))
    elif not quiet:
        shown.show_outcome(place, outcome)
    raise typer.Exit(outcome.exit_code)


@app.command()
def serve(
    home: Folder,
    cron: Annotated[
        str, typer.Option(metavar="CRON", help="When nights begin: minute, hour, day, month, day of the week.")
    ] = "0 2 * * *",
    timezone: Annotated[
        str | None,
        typer.Option(
            metavar="ZONE", help="Such as Europe/Paris. Default: the one of this machine.", show_default=False
        ),
    ] = None,
    poll_seconds: Annotated[
        float, typer.Option(metavar="N", min=1, help="How often the server is asked for a run that is due.")
    ] = 10,
) -> None:
    """Run a night whenever it is due, until ctrl-C, as a Prefect deployment.

    Uses the server in PREFECT_API_URL; where that is not set, a server of its own that ends with it and keeps everything in
    HOME/prefect.

    Examples:

      osteoconcord nightly serve network

      osteoconcord nightly serve network --cron "30 1 * * 1-5" --timezone Europe/Paris
    """
    from . import serving
    from .home import Home

    place = Home.at(home)
    _ = place.config  # everything wrong with it is told now, not at night
    raise typer.Exit(serving.serve(place, serving.Schedule.checked(cron, timezone, poll_seconds)))


@app.command()
def status(home: Folder, as_json: Json = False) -> None:
    """Show the last runs, how fresh each centre is, what is held, refused or in quarantine, and the size of the store.

    Examples:

      osteoconcord nightly status network

      osteoconcord nightly status network --json > status.json
    """
    from . import shown
    from .home import Home
    from .status import status_of

    found = status_of(Home.at(home))
    if as_json:
        shown.print_json(found)
    else:
        shown.show_status(found)


@app.command()
def rollback(
    home: Folder,
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run that `status` lists.", show_default=False)],
    quiet: Quiet = False,
) -> None:
    """Publish an earlier run again. Deposits accepted after it stay in the store and are set aside.

    Examples:

      osteoconcord nightly rollback network 000012-2026-11-25
    """
    from . import rebuilding, runs, shown
    from .home import Home, locked

    place = Home.at(home)
    with locked(place, f"rollback {run}"), shown.working("Rolling back", quiet):
        runs.recover(place)
        stands = rebuilding.roll_back(place, run)
    if not quiet:
        shown.say(f"Run {run} is published again; {len(stands.deposits)} deposits stand, others are set aside.")


@app.command()
def verify(home: Folder, as_json: Json = False) -> None:
    """Check the whole store: ledger, checksums, references between files, the published link; and make one of the kept runs,
    chosen by chance, again from its deposits, to compare.

    Examples:

      osteoconcord nightly verify network
    """
    from . import rebuilding, shown
    from .home import Home, locked
    from .verify import verify_store

    place = Home.at(home)
    with locked(place, "verify"), shown.working("Verifying", as_json):
        problems = verify_store(place) or rebuilding.verify_a_run(place)
    if as_json:
        shown.print_json({"problems": problems})
    else:
        shown.show_problems(problems, "The store is whole.")
    raise typer.Exit(1 if problems else 0)


@app.command()
def erase(
    home: Folder,
    patient_file: Annotated[
        Path,
        typer.Option(
            metavar="FILE",
            help="One identifier a line, as the centre sent it; - reads from standard input. Never on the command line: "
            "others could read it there.",
            show_default=False,
        ),
    ],
    quiet: Quiet = False,
) -> None:
    """Erase patients from every deposit, run and page that is kept, for good; later extracts do not bring them back.

    Examples:

      osteoconcord nightly erase network --patient-file opposed.txt
    """
    from pipelines.run import pseudonym_key

    from . import erase as erasure
    from . import shown
    from .home import Home, locked

    place = Home.at(home)
    patients, key = _identifiers(patient_file), pseudonym_key(place.config.pseudonym_key_env)
    with locked(place, "erase"), shown.working("Erasing", quiet):
        told = erasure.erase(place, patients, key)
    if not quiet:
        shown.say("\n".join(told))


@app.command()
def backup(
    home: Folder,
    target: Annotated[Path, typer.Argument(metavar="TARGET", help="A new .tar file.", show_default=False)],
    quiet: Quiet = False,
) -> None:
    """Put the store, the configuration and the receipts into one file with checksums. It holds patients' rows: keep it safe.

    Examples:

      osteoconcord nightly backup network /media/backup/network.tar
    """
    from . import shown
    from .backup import backup as pack
    from .home import Home, locked

    place = Home.at(home)
    with locked(place, "backup"), shown.working("Packing", quiet):
        files = pack(place, target)
    if not quiet:
        shown.say(f"{len(files)} files lie in {target}. It holds patients' rows: keep it as safe as the store.")


@app.command()
def restore(
    archive: Annotated[Path, typer.Argument(metavar="ARCHIVE", help="What `backup` wrote.", show_default=False)],
    home: Annotated[Path, typer.Argument(metavar="HOME", help="A new or empty folder.", show_default=False)],
    quiet: Quiet = False,
) -> None:
    """Make the network of a backup in a new folder. Everything is checked before anything is put in place.

    Examples:

      osteoconcord nightly restore /media/backup/network.tar network
    """
    from . import shown
    from .backup import restore as unpack

    with shown.working("Restoring", quiet):
        restored, problems = unpack(archive, home)
    if not quiet:
        shown.show_problems(problems, f"{restored.root} is restored, and whole.")
    raise typer.Exit(1 if problems else 0)


@app.command()
def migrate(home: Folder, quiet: Quiet = False) -> None:
    """Bring a store of an older version to the format of this one. It stays as it is until the new one is whole.

    Examples:

      osteoconcord nightly migrate network
    """
    from . import shown
    from .home import Home, locked
    from .migrate import migrate as bring_up

    place = Home(home.expanduser().absolute())
    with locked(place, "migrate"), shown.working("Migrating", quiet):
        formats = bring_up(place)
    if not quiet:
        shown.say(f"{len(formats)} migrations were done." if formats else "The store has the format of this version.")


def _identifiers(path: Path) -> list[str]:
    """The identifiers in a file, one a line; - is standard input."""
    from .errors import HomeError

    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise HomeError(f"{path} is not text in UTF-8. Write one identifier a line.") from None
    found = [line.strip() for line in text.splitlines() if line.strip()]
    if not found:
        raise HomeError(f"{path}: there is no identifier in it. Write one a line.")
    return found
