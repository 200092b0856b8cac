"""A million synthetic patients from CSV through validation into DuckDB, beside DuckDB's load of the same files.

Each is measured in a fresh process: CPU seconds (user and system, all threads) after imports, and peak memory. Twice: as
sixty centres send it, a folder each, and as one folder for the whole network, a file of each table.
Run with `make bench-intake`; files (5 GB) stay in build/bench/.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

from audit_100k import CENTRES, FOLDER, SEED, invent, report

PATIENTS, EACH = 1_000_000, 200_000
AT_MOST, AT_MOST_MIB = 1.6, 2048
CENTRE = re.compile(rb"(?<![A-Za-z0-9])C(\d\d)(?=[-,\"\r\n]|$)")
"""The code of a centre, with which every synthetic identifier begins."""


def load(extract: Path, out: Path) -> dict:
    """DuckDB alone: every table of the extract into a table of a database on disk."""
    import duckdb

    from validation.contract import TABLES

    started = time.process_time()
    with duckdb.connect(out / "load.duckdb") as con:
        for table in TABLES:
            files = [str(path) for path in sorted(extract.rglob(f"{table}.csv"))]
            con.execute(f"CREATE TABLE {table} AS SELECT * FROM read_csv(?)", [files])
    return report(started, {})


def centres(patients: int = PATIENTS) -> Path:
    """The extract with a folder per centre, made once: networks of 200,000 patients with seeds and centres of their own."""
    extract = FOLDER / f"centres_{patients}"
    if not extract.exists():
        partial = FOLDER / "partial_centres"
        shutil.rmtree(partial, ignore_errors=True)
        for network in range(patients // EACH):
            invented = invent(EACH, SEED + network)
            for folder in sorted(path for path in invented.iterdir() if path.is_dir()):
                target = partial / moved(folder.name.encode(), network).decode()
                target.mkdir(parents=True)
                for file in folder.iterdir():
                    with file.open("rb") as old, (target / file.name).open("wb") as new:
                        new.writelines(moved(line, network) for line in old)
            shutil.rmtree(invented)
        partial.rename(extract)
    return extract


def moved(text: bytes, network: int) -> bytes:
    """A line with the centres of a network numbered after those of the networks before it."""
    return CENTRE.sub(lambda found: b"C%02d" % (int(found[1]) + CENTRES * network), text)


def one_folder(patients: int = PATIENTS) -> Path:
    """The same rows in one folder, a file of each table."""
    extract = FOLDER / f"one_{patients}"
    if not extract.exists():
        partial = FOLDER / "partial_one"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        for folder in sorted(centres(patients).iterdir()):
            for file in sorted(folder.glob("*.csv")):
                target = partial / file.name
                first = not target.exists()
                with file.open("rb") as old, target.open("ab") as new:
                    header = old.readline()
                    if first:
                        new.write(header)
                    shutil.copyfileobj(old, new, 1 << 20)
        (partial / "extract.toml").write_text("extraction_date = 2026-06-30\n")
        partial.rename(extract)
    return extract


def intake(extract: Path, out: Path) -> dict:
    """Our intake: read, convert, check, into the database; its imports made beforehand."""
    import pipelines.ingest.pieces
    import pipelines.store
    import validation.check  # noqa: F401
    from pipelines.audit import compose
    from pipelines.run import Request

    started = time.process_time()
    compose(Request((extract,), out / "audit", report=False), stages=("ingest",))
    found = report(started, {})
    with pipelines.store.connect(out / "audit" / "audit.duckdb", read_only=True) as con:
        [rows] = con.sql("SELECT sum(read), sum(accepted) FROM quarantine.counts").fetchall()
    return found | {"read": int(rows[0]), "accepted": int(rows[1])}


def measured(what: str, extract: Path) -> dict:
    """Run one of the two in a fresh process, in an empty folder."""
    out = FOLDER / "out"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    command = [sys.executable, __file__, "--run", what, "--extract", str(extract), "--out", str(out)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", choices=["load", "intake"], help=argparse.SUPPRESS)
    parser.add_argument("--extract", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.run:
        print(json.dumps({"load": load, "intake": intake}[given.run](given.extract, given.out)))
        return
    print(f"{'':<38}{'CPU s':>8}{'peak MiB':>10}")
    for words, extract in (("a folder per centre", centres()), ("one folder", one_folder())):
        size = sum(path.stat().st_size for path in extract.rglob("*.csv")) / 1e6
        print(f"{PATIENTS:,} patients, {size:,.0f} MB of CSV, {words}")
        loaded, taken = measured("load", extract), measured("intake", extract)
        for name, row in (("DuckDB loads the files", loaded), ("read, checked, stored", taken)):
            print(f"  {name:<36}{row['cpu']:>8.1f}{row['peak_mib']:>10,}")
        print(f"  {'ratio':<36}{taken['cpu'] / loaded['cpu']:>8.2f}   (at most {AT_MOST:g}; {AT_MOST_MIB:,} MiB)")
        print(f"  rows read {taken['read']:,}, accepted {taken['accepted']:,}", flush=True)


if __name__ == "__main__":
    main()
