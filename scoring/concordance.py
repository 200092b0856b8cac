"""Verdicts: the only place where an unknown becomes a status, and the only place where the precedence is written.

A verdict is one code per rule and decision (`scoring.verdict_codes`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import polars as pl

from scoring.context import Context, Timeline
from scoring.core.answers import where
from scoring.core.fact import Fact
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

_DEVIATIONS = {token: REASON_NUMBER[f"deviation:{token}"] for token in TABLES["deviations"]["reason"].tokens or {}}

_REASON = pl.Enum(list(REASON_NUMBER))
"""A reason, whose number is its place."""
Reason = str | pl.Expr
"""The reason of a verdict by its token, or the number of that of each decision."""


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
    codes = _codes(staged, rules)
    codes = staged.select(pl.when(in_period & in_edition[id]).then(codes[id]).alias(id) for id in codes.columns)
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
    edition, place = rule.source.edition.id, rule.place
    later = (other for other in rules if other.source.edition.replaces == edition and other.place == place)
    return min((other.source.edition.valid_from for other in later), default=None)


def _codes(facts: pl.DataFrame, rules: Sequence[Recommendation]) -> pl.DataFrame:
    """Status, reason, given option and flags of each rule in one integer; null where the rule does not apply.

    What several expressions ask is worked out once: the reason why a fact is not known, whether a rule applies, is met.
    """
    asked = dict.fromkeys(name for rule in rules for name in rule.judged_on)
    facts = facts.with_columns(
        *(_unknown(FACTS[name]).alias(f"unknown_{name}") for name in asked),
        *(rule.applies.alias(f"applies_{rule.id}") for rule in rules),
        *(_answer(rule).alias(f"met_{rule.id}") for rule in rules),
    )
    facts = facts.with_columns(_verdict(rule).alias(f"verdict_{rule.id}") for rule in rules)
    return facts.select(_code(rule).alias(rule.id) for rule in rules)


def _answer(rule: Recommendation) -> pl.Expr:
    """Is the rule met? Where the text leaves the choice, every option that was taken will do."""
    return pl.when(rule.given.is_not_null()).then(True) if rule.met is None else rule.met


def _verdict(rule: Recommendation) -> pl.Expr:
    """Status and reason of one rule in one number (`_number`); null where the rule does not apply."""
    applies, met = pl.col(f"applies_{rule.id}"), pl.col(f"met_{rule.id}")
    asked = rule.given if rule.met is None else rule.met
    done = Status.REPORTED if rule.met is None else Status.CONCORDANT
    last = Status.TO_JUSTIFY if rule.strength is Strength.PERMISSIVE else Status.DISCORDANT
    verdict: Any = (
        pl.when(applies.is_null()).then(_number(Status.NOT_ASSESSABLE, _missing(rule, rule.applies)))
        .when(~applies).then(None)
        .when(met.is_null()).then(_number(Status.NOT_ASSESSABLE, _missing(rule, asked)))
        .when(met).then(_number(done))
    )  # fmt: skip
    for holds, status, reason in _failures(rule):
        verdict = verdict.when(holds).then(_number(status, reason))
    return verdict.otherwise(_number(last))


def _number(status: Status, reason: Reason = "") -> int | pl.Expr:
    """Status and reason, by its token or by its number, in one number."""
    return (REASON_NUMBER[reason] if isinstance(reason, str) else reason) * len(Status) + STATUS_NUMBER[status]


def _code(rule: Recommendation) -> pl.Expr:
    verdict = pl.col(f"verdict_{rule.id}")
    status, reason = verdict % len(Status), verdict // len(Status)
    given = rule.given.fill_null("none").cast(pl.Enum(list(rule.vocabulary.words))).to_physical().cast(pl.UInt64)
    return long_code(status, reason, given, _flags(rule, status))


def _failures(rule: Recommendation) -> list[tuple[pl.Expr, Status, Reason]]:
    """What is asked where the recommendation was not met, in the order of precedence, with the status and reason that it gives."""
    late = _certain(rule.late) if rule.late is not None else pl.lit(False)
    cases: list[tuple[pl.Expr, Status, Reason]] = []
    if rule.due is not None:
        cases.append((_certain(~pl.col(f"observed_{rule.id}")) & ~late, Status.NOT_DUE, ""))
    cases += [(_certain(ground.when), Status.JUSTIFIED, ground.id) for ground in rule.exceptions]
    if rule.excusable:
        deviation = pl.col(f"deviation_{rule.domain}")
        cases.append((deviation.is_not_null(), Status.JUSTIFIED, deviation))
    cases += [(_certain(ground.when), Status.TO_JUSTIFY, ground.id) for ground in rule.ambers]
    if rule.late is not None:
        cases.append((late, Status.TO_JUSTIFY, "outside_reading_window"))
    if rule.mdt_against is not None:
        cases.append((_certain(rule.mdt_against), Status.TO_JUSTIFY, "mdt_decision"))
    return cases


def _certain(expression: pl.Expr) -> pl.Expr:
    """True where the expression is known to be true."""
    return expression.fill_null(False)


def _missing(rule: Recommendation, expression: pl.Expr) -> pl.Expr:
    """The reason of `not_assessable`: the table or column behind the first fact of the expression that is not known."""
    asked = set(expression.meta.root_names())
    named = [pl.col(f"unknown_{name}") for name in rule.judged_on if name in asked or FACTS[name].gate]
    return pl.coalesce(*named, REASON_NUMBER[FACTS[rule.judged_on[0]].missing])


def _unknown(fact: Fact) -> pl.Expr:
    """The table or column to blame where the fact is not known.

    Bounds of a score are blamed on its first missing item: they are known, and leave the question open all the same.
    """
    open_question = pl.col(fact.name).is_null()
    column: int | pl.Expr = REASON_NUMBER[fact.missing]
    if fact.blames is not None:
        open_question = open_question | pl.col(fact.blames).is_not_null()
        column = pl.coalesce(pl.col(fact.blames).cast(_REASON, strict=False).to_physical(), column)
    known = pl.col(f"proves_{fact.table}" if fact.absence else f"supplied_{fact.table}")
    token: Any = pl.when(~open_question).then(None)
    if fact.absence:
        token = token.when(pl.col(f"hole_{fact.table}")).then(REASON_NUMBER[f"quarantine:{fact.table}"])
    return token.when(known).then(column).otherwise(REASON_NUMBER[fact.table]).cast(pl.UInt32)


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
    """Of the tables behind the facts: `supplied_<table>`, `proves_<table>` by the centre, `hole_<table>` of the patient."""
    tables = sorted({FACTS[name].table for rule in rules for name in rule.judged_on})
    declared = context.declared.pivot(
        "table", on_columns=tables, index="centre_id", values=["supplied", "proves", "from_day"]
    )
    since = pl.col("day") - P.OLDER_ACT
    return facts.join(declared, on="centre_id", how="left", maintain_order="left").with_columns(
        *(pl.col(f"supplied_{table}").fill_null(False) for table in tables),
        *(
            (pl.col(f"proves_{table}") & (pl.col(f"from_day_{table}") <= since).fill_null(True)).fill_null(False)
            for table in tables
        ),
        *(context.hole(table).alias(f"hole_{table}") for table in tables),
    )


def _with_deviations(facts: pl.DataFrame, rules: Sequence[Recommendation], cohort: Cohort) -> pl.DataFrame:
    """`deviation_<domain>`: the reason number of the first documented departure around the decision."""
    placed = facts["lid"].is_not_null()
    found = []
    for domain in sorted({rule.domain for rule in rules if rule.excusable}):
        acts = cohort.library.deviations[domain]
        reason = _deviation(acts.of_lesion, "lid", facts).zip_with(placed, _deviation(acts.of_patient, "pid", facts))
        found.append(reason.alias(f"deviation_{domain}"))
    return facts.with_columns(found).with_columns(
        pl.col("^deviation_.*$").replace_strict(_DEVIATIONS, default=None, return_dtype=pl.UInt32)
    )


def _deviation(rows: Timeline, key: str, facts: pl.DataFrame) -> pl.Series:
    position = rows.first(facts[key], facts["day"] - P.DEVIATION)
    inside = rows.take("day", position) <= facts["day"] + P.DEVIATION
    return where(inside, rows.take("reason", position))


def _with_observation(facts: pl.DataFrame, rules: Sequence[Recommendation], context: Context) -> pl.DataFrame:
    """`observed_<rule>`: would an act of the rule's tables have been seen up to the last day allowed?"""
    reached = context.observation.reaches
    due = facts.select(rule.due.alias(rule.id) for rule in rules if rule.due is not None)
    return facts.with_columns(
        reached(facts["pid"], due[rule.id], rule.observed).alias(f"observed_{rule.id}")
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
