"""Verdicts: the only place where an unknown becomes a status, and the only place where the precedence is written.

A verdict is one code per rule and decision (`scoring.verdict_codes`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import polars as pl

from scoring.context import Context, Timeline
from scoring.core.recommendation import Grain, Recommendation, Status, Strength
from scoring.facts import FACTS, Cohort, build
from scoring.judgement import EXPOSED, LEFT_OUT, Decided, Judgement, conclude, merge
from scoring.observation import Observation
from scoring.recommendations import RULES
from scoring.recommendations import parameters as P
from scoring.registry import Registry
from scoring.scores import evaluate_all
from scoring.verdict_codes import FLAG_BIT, FLAGS, KEYS, REASON_NUMBER, REASONS, STATUS_NUMBER, long_code
from validation.contract import TABLES

__all__ = ["FLAGS", "KEYS", "REASONS", "Decided", "Judgement", "conclude", "decide", "judge", "merge", "replaced_on"]


def judge(
    registry: Registry,
    *,
    rules: Sequence[Recommendation] = RULES,
    start: date | None = None,
    end: date | None = None,
    retrospective: bool = False,
    scores: dict[str, pl.DataFrame] | None = None,
    context: Context | None = None,
) -> Judgement:
    """Judge every decision of the cohort whose index date lies in the period and in the edition of the rule.

    `context` and `scores` (of `scoring.scores.evaluate_all`) spare their recomputation where the caller has them.
    """
    decided = decide(
        registry, rules=rules, start=start, end=end, retrospective=retrospective, scores=scores, context=context
    )
    return conclude(decided, rules)


def decide(
    registry: Registry,
    *,
    rules: Sequence[Recommendation] = RULES,
    start: date | None = None,
    end: date | None = None,
    retrospective: bool = False,
    scores: dict[str, pl.DataFrame] | None = None,
    context: Context | None = None,
) -> Decided:
    """All of `judge` that is decided about one patient at a time."""
    context = context or Context(registry)
    context.observation = Observation(context)
    cohort = Cohort(context)
    facts = build(cohort, scores or evaluate_all(context))
    judged: dict[Grain, pl.DataFrame] = {}
    kept: dict[Grain, pl.DataFrame] = {}
    left_out = [pl.DataFrame(schema=LEFT_OUT)]
    for grain, frame in facts.items():
        own = [rule for rule in rules if rule.grain is grain]
        if not own:
            continue
        in_force = {rule.id: _in_edition(rule, rules, retrospective) for rule in own}
        codes, placed = _judge_grain(frame, own, in_force, cohort, start, end)
        inside = placed["inside"]
        reasons = placed.filter(~inside).group_by("patient_id", "centre_id", "reason", maintain_order=True)
        left_out.append(reasons.agg(n_decisions=pl.len()))
        judged[grain] = pl.concat([frame.select(KEYS), codes], how="horizontal").filter(inside)
        kept[grain] = frame.filter(inside)
    exposed = _exposed(cohort, rules, start, end, retrospective)
    return Decided(judged, kept, pl.concat(left_out), exposed, _people(cohort), context.observation.waits)


def _judge_grain(
    facts: pl.DataFrame,
    rules: Sequence[Recommendation],
    in_edition: dict[str, pl.Expr],
    cohort: Cohort,
    start: date | None,
    end: date | None,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The long code of each rule where `in_edition` says it is in force, and whether each decision belongs to the audit."""
    staged = _with_coverage(facts, rules, cohort.context)
    staged = _with_deviations(staged, rules, cohort)
    staged = _with_observation(staged, rules, cohort.context)
    in_period = pl.lit(True)
    if start is not None:
        in_period = in_period & (pl.col("index_date") >= start)
    if end is not None:
        in_period = in_period & (pl.col("index_date") <= end)
    codes = staged.select([pl.when(in_period & in_edition[rule.id]).then(_code(rule)).alias(rule.id) for rule in rules])
    placed = staged.select(
        "patient_id",
        "centre_id",
        inside=in_period & pl.any_horizontal(list(in_edition.values())),
        reason=pl.when(in_period).then(pl.lit("before_edition")).otherwise(pl.lit("outside_period")),
    )
    return codes, placed


def _in_edition(rule: Recommendation, rules: Sequence[Recommendation], retrospective: bool) -> pl.Expr:
    """Is the rule in force on the index date: from its edition on, until another one replaces it?"""
    if rule.own_window is not None:
        return pl.col("index_date").is_between(*rule.own_window)
    edition = rule.source.edition
    first_edition_of_all = retrospective and not edition.replaces
    in_force = pl.lit(True) if first_edition_of_all else pl.col("index_date") >= edition.valid_from
    until = replaced_on(rule, rules)
    return in_force if until is None else in_force & (pl.col("index_date") < until)


def replaced_on(rule: Recommendation, rules: Sequence[Recommendation]) -> date | None:
    """The date of the next edition that declares the rule again."""
    later = (other.source.edition for other in rules if other.place == rule.place)
    return min((e.valid_from for e in later if e.replaces == rule.source.edition.id), default=None)


def _code(rule: Recommendation) -> pl.Expr:
    """Status, reason, given option and flags of one rule in one integer; null where the rule does not apply."""
    if rule.met is None:
        return _option_code(rule)
    applies, met = rule.applies, rule.met
    failed = _failure(rule)
    status = (
        pl.when(applies.is_null()).then(STATUS_NUMBER[Status.NOT_ASSESSABLE])
        .when(~applies).then(None)
        .when(met.is_null()).then(STATUS_NUMBER[Status.NOT_ASSESSABLE])
        .when(met).then(STATUS_NUMBER[Status.CONCORDANT])
        .otherwise(failed[0])
    )  # fmt: skip
    reason = (
        pl.when(applies.is_null()).then(_missing(rule, applies))
        .when(met.is_null()).then(_missing(rule, met))
        .when(met).then(REASON_NUMBER[""])
        .otherwise(failed[1])
    )  # fmt: skip
    return _coded(rule, status, reason)


def _option_code(rule: Recommendation) -> pl.Expr:
    """The option that was taken where the text leaves the choice; null where the rule does not apply."""
    applies, given = rule.applies, rule.given
    status = (
        pl.when(applies.is_null()).then(STATUS_NUMBER[Status.NOT_ASSESSABLE])
        .when(~applies).then(None)
        .when(given.is_null()).then(STATUS_NUMBER[Status.NOT_ASSESSABLE])
        .otherwise(STATUS_NUMBER[Status.REPORTED])
    )  # fmt: skip
    reason = (
        pl.when(applies.is_null()).then(_missing(rule, applies))
        .when(given.is_null()).then(_missing(rule, given))
        .otherwise(REASON_NUMBER[""])
    )  # fmt: skip
    return _coded(rule, status, reason)


def _coded(rule: Recommendation, status: pl.Expr, reason: pl.Expr) -> pl.Expr:
    options = list(rule.vocabulary.words)
    given = rule.given.fill_null("none").replace_strict(options, range(len(options)), return_dtype=pl.UInt64)
    return long_code(status, reason, given, _flags(rule, status))


def _failure(rule: Recommendation) -> tuple[pl.Expr, pl.Expr]:
    """Status and reason where the recommendation was not met, in the order of precedence."""
    to_justify = STATUS_NUMBER[Status.TO_JUSTIFY]
    last = Status.TO_JUSTIFY if rule.strength is Strength.PERMISSIVE else Status.DISCORDANT
    late = _certain(rule.late) if rule.late is not None else pl.lit(False)
    cases: list[tuple[pl.Expr, int, pl.Expr]] = []
    if rule.due is not None:
        cases.append((_certain(~pl.col(f"observed_{rule.id}")) & ~late, STATUS_NUMBER[Status.NOT_DUE], _reason("")))
    for ground in rule.exceptions:
        cases.append((_certain(ground.when), STATUS_NUMBER[Status.JUSTIFIED], _reason(ground.id)))
    if rule.excusable:
        deviation = pl.col(f"deviation_{rule.domain}")
        cases.append((deviation.is_not_null(), STATUS_NUMBER[Status.JUSTIFIED], deviation))
    for ground in rule.ambers:
        cases.append((_certain(ground.when), to_justify, _reason(ground.id)))
    if rule.late is not None:
        cases.append((late, to_justify, _reason("outside_reading_window")))
    if rule.mdt_against is not None:
        cases.append((_certain(rule.mdt_against), to_justify, _reason("mdt_decision")))
    status: Any = pl.when(pl.lit(False)).then(STATUS_NUMBER[last])
    reason: Any = pl.when(pl.lit(False)).then(_reason(""))
    for holds, number, words in cases:
        status, reason = status.when(holds).then(number), reason.when(holds).then(words)
    return status.otherwise(STATUS_NUMBER[last]), reason.otherwise(_reason(""))


def _certain(expression: pl.Expr) -> pl.Expr:
    """True where the expression is known to be true."""
    return expression.fill_null(False)


def _reason(token: str) -> pl.Expr:
    return pl.lit(REASON_NUMBER[token], pl.UInt32)


def _missing(rule: Recommendation, expression: pl.Expr) -> pl.Expr:
    """The reason of `not_assessable`: the table or column behind the first fact of the expression that is not known.

    Bounds of a score are blamed on its first missing item: they are known, and leave the question open all the same.
    """
    asked = set(expression.meta.root_names())
    named = []
    for name in rule.judged_on:
        fact = FACTS[name]
        if name not in asked and not fact.gate:
            continue
        open_question = pl.col(name).is_null()
        column = pl.lit(REASON_NUMBER[fact.missing], pl.UInt32)
        if fact.blames is not None:
            open_question = open_question | pl.col(fact.blames).is_not_null()
            blamed = pl.col(fact.blames).replace_strict(REASON_NUMBER, default=None, return_dtype=pl.UInt32)
            column = pl.coalesce(blamed, column)
        known = pl.col(f"proves_{fact.table}" if fact.absence else f"supplied_{fact.table}")
        token = pl.when(known).then(column).otherwise(REASON_NUMBER[fact.table])
        if fact.absence:
            token = (
                pl.when(pl.col(f"hole_{fact.table}")).then(REASON_NUMBER[f"quarantine:{fact.table}"]).otherwise(token)
            )
        named.append(pl.when(open_question).then(token))
    return pl.coalesce(*named, pl.lit(REASON_NUMBER[FACTS[rule.judged_on[0]].missing], pl.UInt32))


def _flags(rule: Recommendation, status: pl.Expr) -> pl.Expr:
    """The flags of a verdict as bits."""
    failing = status.is_in([STATUS_NUMBER[Status.TO_JUSTIFY], STATUS_NUMBER[Status.DISCORDANT]])
    bits = pl.lit(0, pl.UInt64)
    if rule.exceptions:
        unknown = pl.any_horizontal([ground.when.is_null() for ground in rule.exceptions])
        bits = bits + pl.when(_certain(failing & unknown)).then(FLAG_BIT["exception_unknown"]).otherwise(0)
    if rule.own_window is None:
        before = pl.col("index_date") < rule.source.edition.valid_from
        bits = bits + pl.when(before).then(FLAG_BIT["retrospective"]).otherwise(0)
    for flag in rule.flags:
        bits = bits + pl.when(_certain(flag.when)).then(FLAG_BIT[flag.id]).otherwise(0)
    return bits


def _with_coverage(facts: pl.DataFrame, rules: Sequence[Recommendation], context: Context) -> pl.DataFrame:
    """What the centre of each decision supplied of the tables behind the facts: `supplied_<table>`, `proves_<table>`."""
    tables = sorted({FACTS[name].table for rule in rules for name in rule.judged_on})
    for table in tables:
        coverage = context.coverage(table).select(
            "centre_id",
            "from_day",
            pl.col("supplied").alias(f"supplied_{table}"),
            pl.col("proves").alias(f"proves_{table}"),
        )
        facts = facts.join(coverage, on="centre_id", how="left", maintain_order="left")
        reaches_back = (pl.col("from_day") <= pl.col("day") - P.OLDER_ACT).fill_null(True)
        facts = facts.with_columns(pl.col(f"proves_{table}") & reaches_back).drop("from_day")
        facts = facts.with_columns(context.hole(table, facts["pid"]).alias(f"hole_{table}"))
    return facts.with_columns(pl.col("^(supplied|proves)_.*$").fill_null(False))


def _with_deviations(facts: pl.DataFrame, rules: Sequence[Recommendation], cohort: Cohort) -> pl.DataFrame:
    """`deviation_<domain>`: the reason number of the first documented departure around the decision."""
    tokens = [f"deviation:{token}" for token in TABLES["deviations"]["reason"].tokens or {}]
    numbers = [REASON_NUMBER[token] for token in tokens]
    for domain in sorted({rule.domain for rule in rules if rule.excusable}):
        acts = cohort.library.deviations(domain)
        placed = facts["lid"].is_not_null()
        found = _deviation(acts.of_lesion, "lid", facts).zip_with(placed, _deviation(acts.of_patient, "pid", facts))
        known = found.cast(pl.String).replace_strict(
            [token.partition(":")[2] for token in tokens], numbers, default=None, return_dtype=pl.UInt32
        )
        facts = facts.with_columns(known.alias(f"deviation_{domain}"))
    return facts


def _deviation(rows: Timeline, key: str, facts: pl.DataFrame) -> pl.Series:
    position = rows.first(facts[key], facts["day"] - P.DEVIATION)
    inside = rows.take("day", position) <= facts["day"] + P.DEVIATION
    return pl.select(pl.when(inside).then(rows.take("reason", position).cast(pl.String))).to_series()


def _with_observation(facts: pl.DataFrame, rules: Sequence[Recommendation], context: Context) -> pl.DataFrame:
    """`observed_<rule>`: would an act of the rule's tables have been seen up to the last day allowed?"""
    reached = context.observation.reaches
    return facts.with_columns(
        reached(facts["pid"], facts.select(rule.due).to_series(), rule.observed).alias(f"observed_{rule.id}")
        for rule in rules
        if rule.due is not None
    )


def _people(cohort: Cohort) -> pl.DataFrame:
    """Every patient: whether the tumour of record is one of the lung, and whether the patient is judged."""
    lung = cohort.context.tumours.filter(pl.col("primary_site") == "lung")["pid"]
    return cohort.context.patients.select(
        "patient_id",
        "centre_id",
        lung=pl.col("pid").is_in(lung.implode()),
        cohort=pl.col("pid").is_in(cohort.patients["pid"].implode()),
    )


def _exposed(
    cohort: Cohort, rules: Sequence[Recommendation], start: date | None, end: date | None, retrospective: bool
) -> pl.DataFrame:
    """Per do-not rule the patients at risk in the audit: those with an act of the kind that the rule names."""
    people = cohort.context.patients.select("pid", "patient_id", "centre_id")
    found = [pl.DataFrame(schema=EXPOSED)]
    for rule in rules:
        if rule.at_risk is None:
            continue
        since = max(start or date.min, date.min if retrospective else rule.source.edition.valid_from)
        replaced = replaced_on(rule, rules)
        until = min(end or date.max, replaced - timedelta(days=1) if replaced else date.max)
        dated = (pl.col("day").cast(pl.Date) >= since) & (pl.col("day").cast(pl.Date) <= until)
        rows = cohort.keep(cohort.context.rows(rule.at_risk.table)).filter(rule.at_risk.when & dated)
        persons = people.join(rows.select("pid").unique(), on="pid", how="semi", maintain_order="left")
        found.append(persons.select(pl.lit(rule.id).alias("rule_id"), "patient_id", "centre_id"))
    return pl.concat(found)
