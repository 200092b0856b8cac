"""All measures on 100,000 synthetic patients beside the first measures of the project, on the same registry.

CPU seconds (user and system, all threads) of scores, facts and verdicts, each in a fresh process. The first measures are
those of the commit FIRST, checked out of the history into build/bench/first; so this runs in a clone with history.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

from audit_100k import FOLDER, PATIENTS, extract_of

FIRST = "44e9474"
"""The commit with the first measures, 41 of them."""
AT_MOST = 3.0
ROOT = Path(__file__).resolve().parent.parent


def judge_all(extract: Path) -> dict:
    """Scores, facts and verdicts of all measures of the tree in which this runs."""
    from pipelines.ingest import take_in
    from scoring.concordance import judge
    from scoring.recommendations import RULES
    from scoring.registry import Registry

    intake = take_in((extract,))
    registry = Registry(intake.tables, intake.coverage)
    began = time.process_time()
    judgement = judge(registry)
    return {
        "cpu": round(time.process_time() - began, 2),
        "measures": len(RULES),
        "decisions": sum(frame.height for frame in judgement.verdicts.values()),
    }


def checkout() -> Path:
    """The tree of the first measures."""
    tree = FOLDER / "first"
    if not tree.exists():
        subprocess.run(["git", "worktree", "add", "--detach", str(tree), FIRST], cwd=ROOT, check=True)
    return tree


def measured(tree: Path, extract: Path) -> dict:
    """Judge in a fresh process that imports the packages of `tree`."""
    program = f"import sys; sys.path.insert(0, {str(tree)!r}); sys.path.append({str(Path(__file__).parent)!r}); "
    program += f"import measures_100k, json, pathlib; print(json.dumps(measures_100k.judge_all(pathlib.Path({str(extract)!r}))))"
    told = subprocess.run(
        [sys.executable, "-c", program], cwd=tree, check=True, stdout=subprocess.PIPE, text=True
    ).stdout
    return json.loads(told.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--patients", type=int, default=PATIENTS)
    extract = extract_of(parser.parse_args().patients)
    first, all_of_them = measured(checkout(), extract), measured(ROOT, extract)
    print(f"{'':<20}{'measures':>10}{'decisions':>12}{'CPU s':>8}")
    for name, row in (("first measures", first), ("all measures", all_of_them)):
        print(f"{name:<20}{row['measures']:>10}{row['decisions']:>12,}{row['cpu']:>8.2f}")
    print(f"{'ratio':<20}{all_of_them['cpu'] / first['cpu']:>30.2f}   (at most {AT_MOST:g})")


if __name__ == "__main__":
    main()
