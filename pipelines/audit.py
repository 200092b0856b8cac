"""The audit as one ordered list of plain steps: the command line runs it, and the Prefect flows put tasks around it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from . import manifest, publish
from .run import Request, Run, Step


class GateError(Exception):
    """The extracts could be read, but what they hold may not be audited or published."""


# ingest


def take_in(run: Run) -> None:
    """Read and check the extracts; what is too large for memory is checked while it is stored."""
    from pipelines.ingest import pieces

    _ = run.pieces if pieces.size(run.request.extracts) > pieces.PIECE else run.intake


def store_registry(run: Run) -> None:
    """Put accepted and quarantined rows into the database."""
    from pipelines import store

    if "pieces" in run.__dict__:
        store.save_pieces(run.database, run.pieces)
    else:
        store.save(run.database, run.intake, run.moved)


# validate


def check(run: Run) -> None:
    """Refuse to go on when nothing was accepted."""
    patients = run.counts.filter(pl.col("table") == "patients")
    if patients["accepted"].sum() == 0:
        rules = run.quarantine.filter(pl.col("table") == "patients")["rule"].value_counts(sort=True).head(5)
        why = ", ".join(f"{rule} ({n})" for rule, n in rules.iter_rows()) or "the files hold no rows"
        raise GateError(
            f"No patient was accepted: none of the {patients['read'].sum()} rows of `patients` keeps to it ({why}).\n"
            "See every row with `osteoconcord validate EXTRACT`, and the contract with `osteoconcord contract`."
        )


def measure_quality(run: Run) -> None:
    """Write quarantine, counts, completeness and linkage."""
    for name in ("quarantine", "counts", "completeness", "linkage"):
        write_parquet(getattr(run, name), run.folder / "quality" / f"{name}.parquet")


def gate_registry(run: Run) -> None:
    """Measure the registry as a whole, and refuse to go on when the quality gate says so."""
    from . import quality

    # A later process that works on an audit does not have the audit before: what was judged stands.
    stands = "intake" not in run.__dict__ and (run.folder / quality.FILE).exists()
    _pass_gate(run, run.gate if stands else quality.of_registry(run, quality.before(run)))


def _pass_gate(run: Run, judged: pl.DataFrame) -> None:
    from . import quality

    if why := quality.refusal(judged):
        raise GateError(why)
    write_parquet(judged, run.folder / quality.FILE)


# score


def score_lesions(run: Run) -> None:
    """Compute and write the scores and classifications."""
    from pipelines import store
    from scoring.scores import grows

    for name, frame in run.scores.items():
        write_parquet(frame, run.folder / "results" / f"scores_{name}.parquet")
    with store.connect(run.database) as con:
        con.begin()
        for name, frame in run.scores.items():
            store.put(con, "scores", name, frame, None if grows(name) else run.moved)
        con.commit()


# audit


def judge_decisions(run: Run) -> None:
    """Build the facts of every decision and judge it."""
    _ = run.judgement


def store_verdicts(run: Run) -> None:
    """Write the verdicts and the dictionary of their codes."""
    from pipelines import store

    verdicts = run.judgement.verdicts
    frames = {f"verdicts_{grain}": frame for grain, frame in verdicts.items()}
    for name, frame in frames.items():
        write_parquet(frame, run.folder / "results" / f"{name}.parquet")
    write_parquet(run.judgement.codes, run.folder / "results" / "verdict_codes.parquet")
    with store.connect(run.database) as con:
        con.begin()
        # Where a verdict is the first of its kind, or the last of it is gone, all codes are numbered anew.
        same = run.moved is not None and store.read_frame(con, "concordance", "codes").equals(run.judgement.codes)
        for name, frame in frames.items():
            store.put(con, "concordance", name, frame, run.moved if same else None)
        store.write_frame(con, "concordance", "codes", run.judgement.codes)
        store.create_long_view(con, {g.value: [r.id for r in run.rules if r.grain == g] for g in verdicts})
        con.commit()


def count_rates(run: Run) -> None:
    """Count the verdicts into rates with their uncertainty, and the options taken where there is a choice."""
    counted = {"rates": run.rates, "options": run.options}
    for name, frame in counted.items():
        write_parquet(frame, run.folder / "results" / f"{name}.parquet")
    _to_database(run, "concordance", counted)


def gate_verdicts(run: Run) -> None:
    """Add to the quality gate what keeps decisions from being assessed."""
    from . import quality

    _pass_gate(run, pl.concat([run.gate.filter(pl.col("metric") != "not_assessable"), quality.of_verdicts(run)]))


def try_readings(run: Run) -> None:
    """Judge again under the other readings of the guideline, where that was asked for."""
    found = run.sensitivity
    if found is None:
        return
    frames = {
        "sensitivity": found.rules,
        "sensitivity_centres": found.centres,
        "sensitivity_decisions": found.decisions,
    }
    for name, frame in frames.items():
        write_parquet(frame, run.folder / "results" / f"{name}.parquet")
    _to_database(run, "concordance", frames)


# report


def write_network_report(run: Run) -> None:
    """Write the report of the network."""
    from reports.html import network_report

    _write_text(run.folder / "publish" / "report.html", network_report(run.report_data, run.request.lang))


def write_centre_reports(run: Run) -> None:
    """Write each centre's own page."""
    from reports.html import centre_page

    for centre_id, folder in publish.folder_names(run.centres).items():
        path = run.folder / "centres" / folder / "report.html"
        _write_text(path, centre_page(run.report_data, centre_id, run.request.lang))


def list_cases(run: Run) -> None:
    """Write each centre's list of cases."""
    for centre_id, folder in publish.folder_names(run.centres).items():
        path = run.folder / "centres" / folder / "cases.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)  # it may be the list of the audit before under a second name
        run.cases.write(centre_id, path)


# publish


def write_manifest(run: Run) -> None:
    """Say what went in, what came out and what it cost."""
    _write_text(run.folder / publish.MANIFEST, json.dumps(manifest.of(run), indent=2, ensure_ascii=False) + "\n")


STAGES: Mapping[str, tuple[Step, ...]] = {
    "ingest": (take_in, store_registry),
    "validate": (check, measure_quality, gate_registry),
    "score": (score_lesions,),
    "audit": (judge_decisions, store_verdicts, count_rates, gate_verdicts, try_readings),
    "report": (write_network_report, write_centre_reports, list_cases),
    "publish": (write_manifest,),
}
"""The audit: its stages in order, and the steps of each."""


class Direct:
    """Runs stages and steps as they are. Progress bars and Prefect put something around them."""

    def stage(self, run: Run, name: str) -> None:
        """Run the steps of one stage."""
        for step in STAGES[name]:
            self.step(run, name, step)

    def step(self, run: Run, stage: str, step: Step) -> None:
        """Run one step."""
        run.do(stage, step)


def compose(request: Request, around: Direct | None = None, stages: tuple[str, ...] = tuple(STAGES)) -> Run:
    """Run the stages in order and swap what they made into OUT; OUT is untouched when one of them fails.

    Args:
        request: what is asked.
        around: what runs each stage and step; as they are by default.
        stages: all of them by default. A part that does not begin with ingest works on the audit that OUT holds.
    """
    around = around or Direct()
    from scoring.recommendations import parameters

    request.check()
    staged = publish.staging(request.out, keep=stages[0] != "ingest")
    with parameters.using(request.overrides), staged as folder:
        run = Run(request, folder)
        for name in stages:
            if name != "report" or request.report:
                around.stage(run, name)
    return run


def write_parquet(frame: pl.DataFrame, path: Path) -> None:
    """Write a frame so that equal frames are equal bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.write_parquet(path, compression="zstd", compression_level=3, statistics=True, row_group_size=1 << 18)


def _write_text(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def _to_database(run: Run, schema: str, frames: Mapping[str, pl.DataFrame]) -> None:
    from pipelines import store

    with store.connect(run.database) as con:
        for name, frame in frames.items():
            store.write_frame(con, schema, name, frame)
