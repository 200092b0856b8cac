"""The audit of 100,000 synthetic patients from CSV, beside DuckDB's load of the same files into tables on disk.

Each is measured in a fresh process: CPU seconds (user and system, all threads) after imports, and peak memory.
The start-up (interpreter and imports) is reported apart. Run with `make bench`; files stay in build/bench/.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path

PATIENTS, CENTRES, SEED = 100_000, 12, 20220730
FOLDER = Path(__file__).resolve().parent.parent / "build" / "bench"
AT_MOST = 3.0
IMPORTS = (
    "pipelines.ingest",
    "pipelines.store",
    "reports.statistics",
    "scipy.stats",
    "scoring.concordance",
    "validation.check",
    "validation.completeness",
)


def load(extract: Path, out: Path) -> dict:
    """DuckDB alone: every table of the extract into a table of a database on disk."""
    import duckdb

    from validation.contract import TABLES

    started = time.process_time()
    with duckdb.connect(out / "load.duckdb") as con:
        for table in TABLES:
            files = [str(path) for path in sorted(extract.glob(f"*/{table}.csv"))]
            con.execute(f"CREATE TABLE {table} AS SELECT * FROM read_csv(?)", [files])
    return report(started, {})


def audit(extract: Path, out: Path) -> dict:
    """The audit without report, its imports made beforehand."""
    for module in IMPORTS:
        import_module(module)
    from pipelines.audit import Direct, compose
    from pipelines.run import Request

    class Timed(Direct):
        spent: dict[str, float] = {}  # noqa: RUF012

        def step(self, run, stage, step) -> None:
            began = time.process_time()
            super().step(run, stage, step)
            self.spent[step.__name__] = round(time.process_time() - began, 2)

    started = time.process_time()
    compose(Request((extract,), out / "audit", report=False), Timed())
    return report(started, Timed.spent)


def report(started: float, steps: dict[str, float]) -> dict:
    from pipelines.run import peak_mib

    cpu = time.process_time() - started
    return {"startup": round(started, 2), "cpu": round(cpu, 2), "peak_mib": peak_mib(), "steps": steps}


def measured(what: str, extract: Path) -> dict:
    """Run one of the two in a fresh process, in an empty folder."""
    out = FOLDER / "out"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    command = [sys.executable, __file__, "--run", what, "--extract", str(extract), "--out", str(out)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def invent(patients: int, seed: int) -> Path:
    """A new synthetic extract."""
    print(f"Inventing {patients:,} patients ...", flush=True)
    partial = FOLDER / "partial"
    shutil.rmtree(partial, ignore_errors=True)
    options = f"--patients {patients} --centres {CENTRES} --seed {seed} --dialect iso --format csv"
    program = "from pipelines.cli import main; main()"
    command = [sys.executable, "-c", program, "synth", *options.split(), "--out", str(partial), "--quiet"]
    subprocess.run(command, check=True)
    return partial


def extract_of(patients: int) -> Path:
    """The synthetic extract, made once."""
    extract = FOLDER / f"iso_csv_{patients}"
    if not extract.exists():
        invent(patients, SEED).rename(extract)
    return extract


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--patients", type=int, default=PATIENTS)
    parser.add_argument("--run", choices=["load", "audit"], help=argparse.SUPPRESS)
    parser.add_argument("--extract", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.run:
        print(json.dumps({"load": load, "audit": audit}[given.run](given.extract, given.out)))
        return
    extract = extract_of(given.patients)
    size = sum(path.stat().st_size for path in extract.rglob("*.csv")) / 1e6
    loaded, audited = measured("load", extract), measured("audit", extract)
    print(f"{given.patients:,} patients, {size:.0f} MB of CSV\n")
    print(f"{'':<28}{'CPU s':>8}{'peak MiB':>10}{'start-up s':>12}")
    for name, row in (("DuckDB loads the files", loaded), ("audit without report", audited)):
        print(f"{name:<28}{row['cpu']:>8.2f}{row['peak_mib']:>10}{row['startup']:>12.2f}")
    print(f"{'ratio':<28}{audited['cpu'] / loaded['cpu']:>8.2f}   (at most {AT_MOST:g})\n")
    for name, seconds in audited["steps"].items():
        print(f"  {name:<26}{seconds:>8.2f}")


if __name__ == "__main__":
    main()
