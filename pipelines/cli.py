"""The command line. Nothing heavy is imported before a command needs it."""

from __future__ import annotations

import gc
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from . import maps
from .nightly import commands as nightly

if TYPE_CHECKING:
    from .run import Run

DAY = ["%Y-%m-%d", "%d/%m/%Y"]

app = typer.Typer(
    help="Audit of the care of bone metastases of lung cancer against the French guidelines. Retrospective: not a "
    "clinical decision aid.",
    epilog="Begin with: osteoconcord audit EXTRACT --out DIR",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)

app.add_typer(maps.app, name="map")
app.add_typer(nightly.app, name="nightly")

Extracts = Annotated[
    list[Path],
    typer.Argument(
        metavar="EXTRACT",
        help="Folder with one file per table, folder of such folders, or a zip of one.",
        show_default=False,
    ),
]
Out = Annotated[
    Path,
    typer.Option(
        "--out", metavar="DIR", help="Where to write: a new folder, or one that holds an audit.", show_default=False
    ),
]
Lang = Annotated[Literal["fr", "en"], typer.Option("--lang", help="Language of what is written.")]
KeyEnv = Annotated[
    str | None,
    typer.Option(
        "--pseudonym-key-env",
        metavar="NAME",
        help="Environment variable with a key: identifiers of patients are replaced by keyed hashes (HMAC-SHA256).",
        show_default=False,
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")]
Gate = Annotated[
    Path | None,
    typer.Option("--gate", metavar="FILE", help="TOML file with other limits of the quality gate.", show_default=False),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of tables.")]


def main() -> None:
    """Entry point: an expected error becomes a message and an exit code, never a traceback."""
    gc.set_threshold(100_000, 20, 100)  # imports alone would call the collector hundreds of times: 5 % of a small audit
    try:
        app()
    except Exception as error:
        from .console import complain, exit_code

        code = exit_code(error)
        if code is None:
            raise
        complain(error)
        sys.exit(code)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"osteoconcord {version('osteoconcord')}")
        raise typer.Exit


@app.callback()
def common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Options of the command itself."""


@app.command()
def audit(
    extracts: Extracts,
    out: Out,
    lang: Lang = "fr",
    start: Annotated[
        datetime | None, typer.Option("--from", formats=DAY, metavar="DATE", help="First day of the period.")
    ] = None,
    end: Annotated[
        datetime | None, typer.Option("--to", formats=DAY, metavar="DATE", help="Last day of the period.")
    ] = None,
    rules: Annotated[
        str | None,
        typer.Option(metavar="ID,ID", help="Rules of the headlines instead of the core set. All are judged."),
    ] = None,
    retrospective: Annotated[
        bool, typer.Option("--retrospective", help="Decisions before the date of the guideline as well, marked.")
    ] = False,
    parameters: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="TOML file with other values of named thresholds.", show_default=False),
    ] = None,
    sensitivity: Annotated[
        bool, typer.Option("--sensitivity", help="Judge again under the other defensible readings of the guideline.")
    ] = False,
    gate: Gate = None,
    no_report: Annotated[bool, typer.Option("--no-report", help="Results and database only.")] = False,
    pseudonym_key_env: KeyEnv = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Audit extracts: scores, verdicts, rates, a report for the network and one for each centre.

    Examples:

      osteoconcord audit data_samples/fr_csv --out my_audit --lang en

      osteoconcord audit north south --out y2024 --from 2024-01-01 --to 2024-12-31

      osteoconcord audit extracts --out spine --rules G1-3.5.3-01,G1-3.8.1-01
    """
    from .quality import read_gate
    from .run import Request, read_overrides

    request = Request(
        extracts=tuple(extracts),
        out=out,
        lang=lang,
        start=start.date() if start else None,
        end=end.date() if end else None,
        rules=tuple(rule.strip() for rule in rules.split(",") if rule.strip()) if rules else None,
        retrospective=retrospective,
        overrides=read_overrides(parameters) if parameters else {},
        sensitivity=sensitivity,
        report=not no_report,
        gate=read_gate(gate) if gate else {},
        pseudonym_key_env=pseudonym_key_env,
    )
    _compose(request, quiet, as_json)


@app.command()
def score(
    extracts: Extracts,
    out: Out,
    lang: Lang = "fr",
    pseudonym_key_env: KeyEnv = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Scores and classifications of every lesion, examination and patient; no verdicts.

    Examples:

      osteoconcord score data_samples/parquet --out my_scores
    """
    from .run import Request

    request = Request(extracts=tuple(extracts), out=out, lang=lang, report=False, pseudonym_key_env=pseudonym_key_env)
    _compose(request, quiet, as_json, ("ingest", "validate", "score", "publish"))


def _compose(request, quiet: bool, as_json: bool, stages: tuple[str, ...] | None = None) -> None:  # type: ignore[no-untyped-def]
    from . import console
    from .audit import STAGES, compose

    stages = stages or tuple(STAGES)
    with console.progress(request, stages, quiet) as around:
        run = compose(request, around, stages)
    _tell(run, quiet, as_json)


def _tell(run: Run, quiet: bool, as_json: bool) -> None:
    from . import console

    if as_json:
        console.print_json(console.summary(run))
    elif not quiet:
        console.show_summary(run)


@app.command()
def validate(
    extracts: Extracts,
    gate: Gate = None,
    pseudonym_key_env: KeyEnv = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Check extracts: what was detected, what breaks the contract and where, and what the quality gate says.

    Writes nothing. Extracts over 256 MB alone are set down in the folder for temporary files (TMPDIR), readable by you
    alone, until they are checked.

    Examples:

      osteoconcord validate data_samples/fr_csv

      osteoconcord validate data_samples/xlsx --json > problems.json
    """
    import tempfile

    from . import audit, console, quality
    from .run import Request, Run

    request = Request(
        extracts=tuple(extracts),
        out=Path(),
        report=False,
        gate=quality.read_gate(gate) if gate else {},
        pseudonym_key_env=pseudonym_key_env,
    )
    with tempfile.TemporaryDirectory() as folder:
        run = Run(request, Path(folder))
        with console.working("Checking", quiet):
            audit.take_in(run)
            if "pieces" in run.__dict__:
                audit.store_registry(run)
            judged = quality.of_registry(run)
        if as_json:
            console.print_json(console.validation(run, judged))
        elif not quiet:
            console.show_validation(run, judged)
        audit.check(run)
        if why := quality.refusal(judged):
            raise audit.GateError(why)


@app.command()
def explain(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder of an audit.", show_default=False)],
    patient: Annotated[str, typer.Option(metavar="ID", help="The patient's pseudonym.", show_default=False)],
    lang: Annotated[
        Literal["fr", "en"] | None,
        typer.Option("--lang", help="Default: the language of the audit.", show_default=False),
    ] = None,
    pseudonym_key_env: Annotated[
        str | None,
        typer.Option(
            "--pseudonym-key-env",
            metavar="NAME",
            help="Environment variable with the key of the audit: ID is then the pseudonym that the centre gave.",
            show_default=False,
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show every verdict of one patient, with its facts and its source. Shows patient data.

    Examples:

      osteoconcord explain my_audit --patient C01-P000012
    """
    from . import console
    from .explain import explain as verdicts_of

    found = verdicts_of(out, patient, lang, pseudonym_key_env)
    if as_json:
        console.print_json(found)
    else:
        console.show_explanation(found)


@app.command()
def rules(
    domain: Annotated[
        str | None, typer.Option(metavar="DOMAIN", help="One domain, such as spine.", show_default=False)
    ] = None,
    diff: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="A B", help="What changed between two editions of a guideline.", show_default=False),
    ] = None,
    form: Annotated[
        Literal["table", "json", "md"], typer.Option("--format", help="For the screen, for programs, or as a page.")
    ] = "table",
    lang: Lang = "fr",
) -> None:
    """List the measures: id, title, how the wording binds, source; or what changed between two editions.

    Examples:

      osteoconcord rules --domain spine --lang en

      osteoconcord rules --domain spine --format md > spine.md
    """
    from . import catalogue, console

    if diff is not None:
        changes = catalogue.changes(*diff, domain, lang)
        console.print_json(changes) if form == "json" else typer.echo(catalogue.changes_page(changes, lang), nl=False)
        return
    found = catalogue.rule_rows(domain, lang)
    if form == "json":
        console.print_json(found)
    elif form == "md":
        typer.echo(catalogue.rules_page(domain, lang), nl=False)
    else:
        console.show_rules(found, lang)


@app.command()
def parameters(
    form: Annotated[
        Literal["table", "json", "toml"],
        typer.Option("--format", help="For the screen, for programs, or as a file to edit for `audit --parameters`."),
    ] = "table",
    lang: Lang = "fr",
) -> None:
    """List every threshold and window: value, unit, and whether it is printed, a reading, or external.

    Examples:

      osteoconcord parameters --lang en

      osteoconcord parameters --format toml > parameters.toml
    """
    from . import catalogue, console

    found = catalogue.parameter_rows(lang)
    if form == "json":
        console.print_json(found)
    elif form == "toml":
        typer.echo(catalogue.parameter_file(), nl=False)
    else:
        console.show_parameters(found, lang)


@app.command()
def needs(
    rules: Annotated[
        str | None, typer.Option(metavar="ID,ID", help="The measures to be computed; all by default.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Write to FILE.md or FILE.xlsx instead.", show_default=False),
    ] = None,
    as_json: Json = False,
    lang: Lang = "fr",
) -> None:
    """Write the request for an extraction: the tables and columns that the measures need, and which measures need each.

    Examples:

      osteoconcord needs --rules G1-3.5.2-04,G1-3.8.1-01 --lang en

      osteoconcord needs --out request.xlsx
    """
    from reports.indicators import headline
    from scoring.recommendations import RULES

    from . import console
    from . import needs as request
    from .run import RequestError

    wanted = [rule.strip() for rule in rules.split(",") if rule.strip()] if rules else None
    chosen = headline(wanted, RULES) if wanted else RULES
    if as_json:
        console.print_json(request.rows(chosen))
    elif out is None:
        typer.echo(request.markdown(chosen, lang), nl=False)
    elif out.suffix == ".xlsx":
        request.workbook(chosen, lang, out)
    elif out.suffix == ".md":
        out.write_text(request.markdown(chosen, lang), encoding="utf-8", newline="\n")
    else:
        raise RequestError(f"{out.name}: the request is written as .md or .xlsx.")


@app.command()
def contract(
    table: Annotated[
        str | None, typer.Argument(metavar="[TABLE]", help="One table; all by default, and always in a page.")
    ] = None,
    form: Annotated[
        Literal["table", "json", "md"], typer.Option("--format", help="For the screen, for programs, or as a page.")
    ] = "table",
) -> None:
    """Show the data contract: tables, columns, units, ranges, tokens.

    Examples:

      osteoconcord contract lesion_assessments

      osteoconcord contract --format md > dictionary.md
    """
    from . import console, dictionary

    rows = dictionary.rows(table)
    if form == "json":
        console.print_json(rows)
    elif form == "md":
        typer.echo(dictionary.markdown(), nl=False)
    else:
        console.show_contract(rows)


@app.command()
def codes(
    system: Annotated[
        str | None, typer.Argument(metavar="[SYSTEM]", help="One code system; all by default, as a list of them.")
    ] = None,
    form: Annotated[
        Literal["table", "json", "csv"], typer.Option("--format", help="For the screen, or for programs.")
    ] = "table",
) -> None:
    """Show the code systems that a mapping can name: each code, its token, its source, and whether it is active.

    Examples:

      osteoconcord codes atc-administered

      osteoconcord codes --format csv > codes.csv
    """
    from . import console
    from .codes import rows

    found = rows(system)
    if form == "json":
        console.print_json(found)
    elif form == "csv":
        console.print_csv(found)
    elif system is None:
        console.show_code_systems(found)
    else:
        console.show_codes(found)


@app.command()
def synth(
    out: Out,
    patients: Annotated[int, typer.Option(min=1, help="Number of patients.")] = 600,
    centres: Annotated[int, typer.Option(min=1, help="Number of centres.")] = 6,
    seed: Annotated[int, typer.Option(help="The same seed gives the same network.")] = 1,
    dialect: Annotated[Literal["fr", "iso"], typer.Option(help="French or ISO habits of writing.")] = "fr",
    form: Annotated[Literal["csv", "parquet", "xlsx"], typer.Option("--format", help="Shape of the files.")] = "csv",
    faults: Annotated[float, typer.Option(min=0, max=1, help="Share of rows with a planted fault.")] = 0.0,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Invent a network of centres: no real patient, no real hospital.

    Examples:

      osteoconcord synth --patients 1000 --centres 4 --out invented

      osteoconcord synth --dialect iso --format parquet --faults 0.01 --out invented
    """
    from . import console

    with console.working("Inventing patients", quiet):
        from .synth import synth as invent

        try:
            invent(patients, centres, seed, dialect, form, faults, out)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from None
    if as_json:
        console.print_json({"out": str(out), "patients": patients, "centres": centres, "seed": seed})
    elif not quiet:
        console.say(f"{patients} invented patients of {centres} centres lie in {out}")
