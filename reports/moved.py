"""What moved between two published audits: cohort, rows, completeness, quality gate, rates, verdicts.

Disclosure control is that of the network report, and three things more, because two states side by side tell their
difference: a number before is hidden where it differs from the number now by a small count; a verdict that changed is
counted by centre, by reason and by rule under one ledger; what the report would not print is not told here either.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from scoring.recommendations import OPTIONAL
from validation.contract import TABLES
from validation.quality.gate import failures
from validation.quality.model import KEY

from .changes import CHANGES_SCHEMA, WHYS, changes
from .disclosure import Ledger
from .moved_rates import RATES_SCHEMA, moved_rates
from .night import Thresholds
from .published_cohort import publish_intake
from .statistics import ALL
from .tables import optional_columns

KINDS = ("changed", "new", "gone")
"""What can become of a verdict: another status, a decision that was not there, one that is there no more."""
MEASURES = ("patients", "decisions", "assessable")
NOTHING = dict.fromkeys((*MEASURES, "unknown"), 0)
RULES_NAMED = 12
"""Rules named among those whose verdicts changed, at most."""


@dataclass(frozen=True)
class Moved:
    """The differences between the audit published before and the one of now. In all frames but `verdicts` null means hidden.

    - `first`: there was none before
    - `cohort`: centre_id (null: the network), measure (`MEASURES`), now, change, what; a centre that is `new` or `gone` has no
      change
    - `intake`: centre_id (null: the network), read, accepted, quarantined
    - `rates`: `moved_rates.RATES_SCHEMA`
    - `completeness`: centre_id, table, column (null: the whole table came or went), what (fell, rose, lost, gained), before, now
    - `gate`: metric, centre_id, table, column, severity, what (appeared, disappeared), en, fr, do_en, do_fr
    - `changed`: scope (`all`, `why`, `centre`, `rule`), key, kind (`KINDS`), before, after, why, n: the verdicts that changed,
      with what each scope adds to the network's numbers
    - `verdicts`: `changes.CHANGES_SCHEMA`, in full. It holds small counts and never leaves the store
    """

    first: bool
    thresholds: Thresholds
    cohort: pl.DataFrame
    intake: pl.DataFrame
    rates: pl.DataFrame
    completeness: pl.DataFrame
    gate: pl.DataFrame
    changed: pl.DataFrame
    verdicts: pl.DataFrame

    def n_changed(self, kind: str) -> int | None:
        """How many verdicts of the network changed in this way; null where that is hidden."""
        found = self.changed.filter(pl.col("scope") == "all", pl.col("kind") == kind)["n"]
        return found[0] if found.len() else 0


def moved(before: Path | None, now: Path, touched: pl.DataFrame, thresholds: Thresholds | None = None) -> Moved:
    """What differs between two folders of `osteoconcord audit`; `before` is None where nothing was published yet.

    `touched`: patient_id, why of the patients whose data differ (`changes.changes`).
    """
    given = thresholds or Thresholds()
    verdicts = pl.DataFrame(schema=CHANGES_SCHEMA) if before is None else changes(before, now, touched)
    changed = publish_changes(verdicts, given.smallest_count)
    return Moved(
        first=before is None,
        thresholds=given,
        cohort=_cohort(before, now, changed, given.smallest_count),
        intake=_intake(now, given.smallest_count),
        rates=pl.DataFrame(schema=RATES_SCHEMA) if before is None else moved_rates(before, now, given),
        completeness=_completeness(before, now, given),
        gate=_gate(before, now),
        changed=changed,
        verdicts=verdicts,
    )


# Cohort and rows


def _cohort(before: Path | None, now: Path, changed: pl.DataFrame, smallest: int) -> pl.DataFrame:
    old, new = ({} if out is None else _counted(out) for out in (before, now))
    centres = sorted(set(old) | set(new))
    both = {centre: (old.get(centre, NOTHING), new.get(centre, NOTHING)) for centre in centres}
    hidden = _hidden_now({centre: other for centre, (_, other) in both.items()}, smallest)
    counted = changed.filter(pl.col("scope").is_in(["all", "centre"]), pl.col("kind") != "changed")
    secret = set(counted.filter(pl.col("n").is_null())["key"])
    rows: list[tuple[str | None, str, int | None, int | None, str | None]] = []
    for measure in MEASURES:
        differences = {centre: other[measure] - one[measure] for centre, (one, other) in both.items()}
        untold = {
            centre
            for centre, (one, other) in both.items()
            if (centre, measure) in hidden
            or _tells(one, other, measure, smallest)
            # Decisions that are new or gone make the difference.
            or (measure != "patients" and centre in secret)
        }
        for centre, difference in differences.items():
            shown = None if (centre, measure) in hidden else both[centre][1][measure]
            what = None if before is None or (centre in old and centre in new) else "new" if centre in new else "gone"
            told = before is not None and what is None and centre not in untold
            rows.append((centre, measure, shown, difference if told else None, what))
        whole = None if (None, measure) in hidden else sum(other[measure] for _, other in both.values())
        told = before is not None and whole is not None and not untold and (measure == "patients" or None not in secret)
        rows.append((None, measure, whole, sum(differences.values()) if told else None, None))
    schema = {"centre_id": pl.String, "measure": pl.String, "now": pl.Int64, "change": pl.Int64, "what": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _counted(out: Path) -> dict[str, dict[str, int]]:
    """Per centre the accepted patients, the decisions, those that can be assessed and those that cannot."""
    filled = pl.read_parquet(out / "quality" / "completeness.parquet")
    patients = filled.filter(pl.col("table") == "patients", pl.col("column") == "patient_id")
    rates = pl.read_parquet(out / "results" / "rates.parquet")
    decided = (
        rates.filter(pl.col("period") == ALL, pl.col("centre_id").is_not_null())
        .group_by("centre_id")
        .agg(decisions=pl.col("n_applicable").sum(), unknown=pl.col("n_not_assessable").sum())
        .with_columns(assessable=pl.col("decisions") - pl.col("unknown"))
    )
    both = patients.select("centre_id", patients="n_rows").join(decided, on="centre_id", how="left").fill_null(0)
    return {row["centre_id"]: {name: row[name] for name in NOTHING} for row in both.iter_rows(named=True)}


def _hidden_now(counts: dict[str, dict[str, int]], smallest: int) -> set[Any]:
    """The numbers of now that must not be told: small ones, and those from which they follow."""
    ledger = Ledger(smallest)
    total = {name: sum(row[name] for row in counts.values()) for name in NOTHING}
    for scope, row in [*counts.items(), (None, total)]:
        for name in NOTHING:
            # What cannot be assessed is not told, only worked out: to give it up costs nothing.
            ledger.add((scope, name), row[name], reluctance=-1 if name == "unknown" else int(scope is None))
        ledger.line((scope, "decisions"), [(scope, "assessable"), (scope, "unknown")])
    for name in NOTHING:
        ledger.line((None, name), [(scope, name) for scope in counts])
    return ledger.hidden()


def _tells(one: dict[str, int], other: dict[str, int], measure: str, smallest: int) -> bool:
    """Whether the change of a measure is a small count, or gives one away."""
    names = ("assessable", "unknown") if measure == "assessable" else (measure,)
    return any(0 < abs(other[name] - one[name]) < smallest for name in names)


def _intake(now: Path, smallest: int) -> pl.DataFrame:
    """The rows of each centre as the network report gives them."""
    rows = publish_intake(pl.read_parquet(now / "quality" / "counts.parquet"), smallest)
    schema = {"centre_id": pl.String, "read": pl.Int64, "accepted": pl.Int64, "quarantined": pl.Int64}
    return pl.DataFrame([{"centre_id": centre, **row} for centre, row in rows.items()], schema=schema)


# Completeness and quality gate

COMPLETENESS_SCHEMA = {
    **dict.fromkeys(("centre_id", "table", "column", "what"), pl.String),
    **dict.fromkeys(("before", "now"), pl.Float64),
}


def _completeness(before: Path | None, now: Path, given: Thresholds) -> pl.DataFrame:
    if before is None:
        return pl.DataFrame(schema=COMPLETENESS_SCHEMA)
    old, new = (pl.read_parquet(out / "quality" / "completeness.parquet") for out in (before, now))
    centres = set(old["centre_id"]) & set(new["centre_id"])
    old, new = (frame.filter(pl.col("centre_id").is_in(centres)) for frame in (old, new))
    return pl.concat([_tables_moved(old, new), _columns_moved(old, new, given)])


def _tables_moved(old: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    """Tables that a centre supplies no more, or for the first time."""
    place = ["centre_id", "table"]
    one, other = (frame.select(place).unique() for frame in (old, new))
    parts = [
        one.join(other, on=place, how="anti").with_columns(what=pl.lit("lost")),
        other.join(one, on=place, how="anti").with_columns(what=pl.lit("gained")),
    ]
    nothing = {name: pl.lit(None, COMPLETENESS_SCHEMA[name]) for name in ("column", "before", "now")}
    found = pl.concat(parts).with_columns(**nothing).select(*COMPLETENESS_SCHEMA)
    return found.sort("centre_id", pl.col("table").cast(pl.Enum(list(TABLES))))


def _columns_moved(old: pl.DataFrame, new: pl.DataFrame, given: Thresholds) -> pl.DataFrame:
    """Columns of which the filled share moved; a share that tells a small count is hidden."""
    place = ["centre_id", "table", "column"]
    both = optional_columns(new).join(old, on=place, suffix="_old").drop_nulls(["share", "share_old"])
    change = 100 * (pl.col("share") - pl.col("share_old"))
    least = given.smallest_count

    def shown(end: str) -> pl.Expr:
        n, filled = pl.col(f"n_rows{end}"), pl.col(f"n_filled{end}")
        few = pl.any_horizontal(*((count > 0) & (count < least) for count in (filled, n - filled)))
        return pl.when((n >= least) & ~few).then(pl.col(f"share{end}"))

    return (
        both.filter(change.abs() >= given.completeness_points - 1e-9)
        .sort(change.abs(), *place, descending=[True, False, False, False])
        .select(
            *place,
            what=pl.when(change < 0).then(pl.lit("fell")).otherwise(pl.lit("rose")),
            before=shown("_old"),
            now=shown(""),
        )
    )


def _gate(before: Path | None, now: Path) -> pl.DataFrame:
    """What the quality gate finds in a centre that it did not find before, and the other way round; no number."""
    new = _failures(now)
    old = new.clear() if before is None else _failures(before)
    parts = [
        one.join(other, on=KEY, how="anti", nulls_equal=True).with_columns(what=pl.lit(what))
        for one, other, what in ((new, old, "appeared"), (old, new, "disappeared"))
    ]
    columns = (*KEY, "severity", "what", "en", "fr", "do_en", "do_fr")
    return pl.concat(parts).sort("what", "severity", *KEY).select(columns)


def _failures(out: Path) -> pl.DataFrame:
    failed = failures(pl.read_parquet(out / "quality" / "gate.parquet"))
    return failed.filter(pl.col("centre_id").is_not_null())


# Verdicts

CHANGED_SCHEMA: dict[str, Any] = {
    **dict.fromkeys(("scope", "key", "kind", "before", "after", "why"), pl.String),
    "n": pl.Int64,
}


def publish_changes(verdicts: pl.DataFrame, smallest: int) -> pl.DataFrame:
    """How many verdicts changed, in all, by reason, by centre and by rule: small counts hidden, and what they follow from.

    Of the changes by rule the largest are given, none of which may be hidden. Options taken are no verdicts.
    """
    kind = (
        pl.when(pl.col("before").is_null())
        .then(pl.lit("new"))
        .when(pl.col("after").is_null())
        .then(pl.lit("gone"))
        .otherwise(pl.lit("changed"))
    )
    frame = verdicts.filter(~pl.col("rule_id").is_in([rule.id for rule in OPTIONAL])).with_columns(
        pl.col("before", "after", "why").cast(pl.String), kind=kind
    )
    numbers = (pl.col("n").sum(), pl.col("n_patients").sum())
    parts = {
        "why": frame.group_by("kind", key="why").agg(numbers),
        "centre": frame.group_by("kind", key="centre_id").agg(numbers),
        "rule": frame.filter(pl.col("kind") == "changed")
        .group_by("kind", "before", "after", "why", key="rule_id")
        .agg(numbers),
    }
    named = parts["rule"].filter(pl.col("n") >= smallest, pl.col("n_patients") >= smallest)
    parts["rule"] = named.sort("n", "key", "before", "after", "why", descending=[True] + [False] * 4).head(RULES_NAMED)
    rows = [{"scope": scope, **row} for scope, part in parts.items() for row in part.iter_rows(named=True)]
    totals = {kind: int(n) for kind, n in frame.group_by("kind").agg(pl.col("n").sum()).iter_rows()}
    hidden = _hidden_changes(rows, totals, smallest)
    shown: list[dict[str, Any]] = [
        {"scope": "all", "kind": kind, "n": None if ("all", kind) in hidden else totals.get(kind, 0)} for kind in KINDS
    ]
    shown += [row | {"n": None if place in hidden else row["n"]} for place, row in enumerate(rows)]
    order = pl.col("scope").replace_strict(["all", "why", "centre", "rule"], [0, 1, 2, 3]), pl.col("kind")
    found = pl.DataFrame(shown, schema=CHANGED_SCHEMA).filter((pl.col("scope") != "rule") | pl.col("n").is_not_null())
    return found.sort(*order, "n", "key", descending=[False, False, True, False], nulls_last=True)


def _hidden_changes(rows: list[dict[str, Any]], totals: dict[str, int], smallest: int) -> set[Any]:
    ledger = Ledger(smallest)
    for kind, total in totals.items():
        ledger.add(("all", kind), total, reluctance=2)
    for place, row in enumerate(rows):
        ledger.add(place, row["n"], people=row["n_patients"], reluctance=int(row["scope"] == "why"))
    for kind in totals:
        for scope in ("why", "centre"):
            mine = [place for place, row in enumerate(rows) if (row["scope"], row["kind"]) == (scope, kind)]
            ledger.line(("all", kind), mine)
        for why in WHYS:
            _rest_of(ledger, rows, kind, why)
    return ledger.hidden()


def _rest_of(ledger: Ledger, rows: list[dict[str, Any]], kind: str, why: str) -> None:
    """The changes by rule with one reason, and the rest that is not named, make the changes with that reason."""
    mine = [(place, row) for place, row in enumerate(rows) if row["kind"] == kind]
    whole = [place for place, row in mine if (row["scope"], row["key"]) == ("why", why)]
    parts = [place for place, row in mine if (row["scope"], row.get("why")) == ("rule", why)]
    if whole and parts:
        rest = rows[whole[0]]["n"] - sum(rows[place]["n"] for place in parts)
        ledger.add(("rest", kind, why), rest, reluctance=-1)
        ledger.line(whole[0], [*parts, ("rest", kind, why)])
