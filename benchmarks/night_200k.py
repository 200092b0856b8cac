"""A night in which 1 % of 200,000 patients changed, beside the rebuild of the same state from all kept deposits.

Each is measured in a fresh process: CPU seconds (user and system, all threads) after imports, and peak memory. The changed
patients lie in one centre, or in all twelve, whose extraction dates move on by a week. Files stay in build/bench/.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import polars as pl
from audit_100k import FOLDER, IMPORTS, extract_of

PATIENTS = 200_000
AT_MOST = 0.15
SHARE = 100
"""One patient of so many changes."""
NIGHTLY = ("pipelines.nightly.night", "pipelines.nightly.rejudge", "reports.digest", "reports.html", "reports.cases")


def prepare(root: Path) -> dict:
    """A network that took in a full deposit of every centre and published it; made once."""
    from pipelines.nightly import night
    from pipelines.nightly.home import Home

    if not (root / "ready").exists():
        shutil.rmtree(root, ignore_errors=True)
        home = Home.create(root)
        home.config_file.write_text('language = "en"\nquiet_minutes = 0\n[keep]\nraw_days = 0\n')
        for centre in (path for path in extract_of(int(root.name.split("_")[1])).iterdir() if path.is_dir()):
            shutil.copytree(centre, root / "inbox" / centre.name / "full")
        night.run(Home.at(root))
        (root / "ready").touch()
    return {}


def change(root: Path, centres: list[str]) -> None:
    """Incremental deposits of these centres: all rows of 1 % of the network's patients, with one cell of each altered."""
    for centre in centres:
        full, folder = root / "inbox" / centre / "full", root / "inbox" / centre / "incremental"
        folder.mkdir()
        (folder / "extract.toml").write_text(
            f'centre = "{centre}"\nextraction_date = 2026-07-07\nkind = "incremental"\n'
        )
        patients = pl.read_csv(full / "patients.csv", infer_schema=False)
        chosen = patients["patient_id"].gather_every(SHARE // (12 // len(centres)))
        for path in full.glob("*.csv"):
            rows = pl.read_csv(path, infer_schema=False)
            if "patient_id" in rows.columns:
                rows = rows.filter(pl.col("patient_id").is_in(chosen.implode()))
                if path.stem == "patients":
                    rows = rows.with_columns(sex=pl.lit("female"))
                if path.stem == "clinical_assessments":
                    rows = rows.with_columns(pain_nrs=pl.lit("5"))
                rows.write_csv(folder / path.name)


def night(root: Path) -> dict:
    """The night after the deposits came."""
    from pipelines.nightly import night as nights
    from pipelines.nightly.home import Home

    return measured(lambda around: nights.run(Home.at(root), around))


def rebuild(root: Path) -> dict:
    """The published run made again from all deposits."""
    from pipelines.nightly import facts, rebuilding
    from pipelines.nightly.home import Home, locked

    home = Home.at(root)
    entry = facts.current(home.ledger.entries())
    folder = FOLDER / "rebuilt"
    shutil.rmtree(folder, ignore_errors=True)
    with locked(home, "benchmark"):
        return measured(lambda _: rebuilding.rebuild(home, entry, folder))


def measured(work: Callable) -> dict:
    """CPU seconds after imports, of all and of every step."""
    from pipelines.run import peak_mib

    for module in (*IMPORTS, *NIGHTLY):
        import_module(module)
    steps: dict[str, float] = {}

    def around(step, tonight) -> None:
        began = time.process_time()
        step(tonight)
        steps[step.name] = round(time.process_time() - began, 2)

    started = time.process_time()
    work(around)
    cpu = time.process_time() - started
    return {"startup": round(started, 2), "cpu": round(cpu, 2), "peak_mib": peak_mib(), "steps": steps}


def in_fresh_process(what: str, root: Path) -> dict:
    """Run one part in a process of its own."""
    command = [sys.executable, __file__, "--run", what, "--root", str(root)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--patients", type=int, default=PATIENTS)
    parser.add_argument("--run", choices=["prepare", "night", "rebuild"], help=argparse.SUPPRESS)
    parser.add_argument("--root", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.run:
        print(json.dumps({"prepare": prepare, "night": night, "rebuild": rebuild}[given.run](given.root)))
        return
    ready = FOLDER / f"nights_{given.patients}"
    in_fresh_process("prepare", ready)
    names = sorted(path.name for path in (ready / "inbox").iterdir())
    print(f"{given.patients:,} patients, 1 % of them changed\n")
    print(f"{'':<36}{'CPU s':>8}{'peak MiB':>10}{'start-up s':>12}")
    for where, centres in (("in one centre", names[:1]), ("in all centres", names)):
        root = FOLDER / "nights_changed"
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(ready, root, symlinks=True)
        change(root, centres)
        found = {"night, " + where: in_fresh_process("night", root), "rebuild": in_fresh_process("rebuild", root)}
        for name, row in found.items():
            print(f"{name:<36}{row['cpu']:>8.2f}{row['peak_mib']:>10}{row['startup']:>12.2f}")
        one, other = found.values()
        print(f"{'ratio':<36}{one['cpu'] / other['cpu']:>8.2f}   (at most {AT_MOST:g})\n")
        for name, seconds in one["steps"].items():
            print(f"  {name:<34}{seconds:>8.2f}")
        print()


if __name__ == "__main__":
    main()
