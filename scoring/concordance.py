"""Verdicts: the only place where an unknown becomes a status, and the only place where the precedence is written.

A verdict is one small code per rule and decision. `codes` says what a code means: status, reason, recommended, given, flags.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

from scoring.context import Context, Timeline
from scoring.core.recommendation import Grain, Recommendation, Status, Strength
from scoring.core.tables import TABLE_WORDS
from scoring.core.text import Text
from scoring.facts import FACTS, Cohort, build
from scoring.recommendations import RULES
from scoring.recommendations import parameters as P
from scoring.registry import Registry
from scoring.scores import SCORES, evaluate_all
from validation.contract import TABLES

KEYS = ["patient_id", "centre_id", "entity_id", "lesion_id", "index_date"]

_GENERAL_REASONS = {
    "": Text("–", "–"),
    "fracture_while_waiting": Text("fracture while waiting for the fixation", "fracture en attente de l'ostéosynthèse"),
    "outside_reading_window": Text(
        "done, but outside the time that this audit allows (not printed in the guideline)",
        "fait, mais hors du délai retenu par l'audit (non imprimé dans le référentiel)",
    ),
    "mdt_decision": Text("decided otherwise by the MDT meeting", "décision contraire de la RCP"),
}
_GENERAL_FLAGS = {
    "exception_unknown": Text(
        "whether a named exception holds is not recorded", "l'existence d'une exception prévue n'est pas renseignée"
    ),
    "retrospective": Text("decision before the edition", "décision antérieure à l'édition"),
}


_LABELS: dict[str, Text] = {fact.missing: fact.label for fact in reversed(FACTS.values()) if fact.blames is None} | {
    item.input: Text(f"{score.title.en}, {item.label.en}", f"{score.title.fr}, {item.label.fr}")
    for score in SCORES.values()
    for item in score.items
    if item.input not in {fact.missing for fact in FACTS.values()}
}
"""What to call a column of the contract that is missing: the fact that asks for it, or the item of a score."""


_DEPARTURES = {
    "patient_refusal": "refusal of the patient",
    "contraindication": "contraindication",
    "comorbidity": "comorbidity",
    "mdt_decision": "decision of the MDT meeting",
    "death_or_palliation": "death or palliative care",
    "not_available": "not available",
    "other": "other",
}


def _reasons(rules: Iterable[Recommendation]) -> dict[str, Text]:
    words = dict(_GENERAL_REASONS)
    for rule in rules:
        words |= {ground.id: ground.words for ground in (*rule.exceptions, *rule.ambers)}
    for token, label in (TABLES["deviations"]["reason"].tokens or {}).items():
        words[f"deviation:{token}"] = Text(
            f"documented departure: {token.replace('_', ' ')}", f"écart documenté : {label}"
        )
    for table in TABLES.values():
        called = TABLE_WORDS[table.name]
        words[table.name] = Text(f"nothing in the data: {called.en}", f"rien dans les données : {called.fr}")
        words[f"quarantine:{table.name}"] = Text(
            f"rows of this patient are in quarantine or lie with another centre: {called.en}",
            f"des lignes de ce patient sont en quarantaine ou dans un autre centre : {called.fr}",
        )
        for column in table.columns:
            name = f"{table.name}.{column.name}"
            asked = _LABELS.get(name, Text(name, name))
            words[name] = Text(f"not recorded: {asked.en}", f"non renseigné : {asked.fr}")
    return words


REASONS: dict[str, Text] = _reasons(RULES)
"""Words of every reason that a verdict can give."""

FLAGS: dict[str, Text] = _GENERAL_FLAGS | {flag.id: flag.words for rule in RULES for flag in rule.flags}
"""Words of every flag that a verdict can carry."""

_STATUS_NUMBER = {status: number for number, status in enumerate(Status)}
_REASON_NUMBER = {reason: number for number, reason in enumerate(REASONS)}
_FLAG_BIT = {flag: 1 << number for number, flag in enumerate(FLAGS)}


_AT_RISK_SCHEMA = {"rule_id": pl.String, "centre_id": pl.String, "n_at_risk": pl.Int64, "n_breached": pl.Int64}


@dataclass(frozen=True)
class Judgement:
    """The verdicts of an audit.

    `verdicts`: per grain one row per decision and one UInt16 code per rule (null: the rule does not apply). `facts`: the same
    rows in the same order. `codes`: the meaning of each code. `flow`: patients and decisions at each step. `left_out`: per
    centre (null: all) the decisions before the edition or outside the period. `at_risk`: per do-not rule and centre the
    patients whom it protects, and those of them with a breach.
    """

    verdicts: dict[Grain, pl.DataFrame]
    facts: dict[Grain, pl.DataFrame]
    codes: pl.DataFrame
    flow: pl.DataFrame
    left_out: pl.DataFrame
    at_risk: pl.DataFrame


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
    context = context or Context(registry)
    cohort = Cohort(context)
    facts = build(cohort, scores or evaluate_all(context))
    judged: dict[Grain, pl.DataFrame] = {}
    kept: dict[Grain, pl.DataFrame] = {}
    left_out: list[pl.DataFrame] = []
    for grain, frame in facts.items():
        own = [rule for rule in rules if rule.grain is grain]
        if not own:
            continue
        in_force = {rule.id: _in_edition(rule, rules, retrospective) for rule in own}
        codes, placed = _judge_grain(frame, own, in_force, cohort, start, end)
        inside = placed["inside"]
        left_out.append(placed.filter(~inside).select("patient_id", "centre_id", "reason"))
        judged[grain] = pl.concat([frame.select(KEYS), codes], how="horizontal").filter(inside)
        kept[grain] = frame.filter(inside)
    packed, dictionary = _compact(judged, rules)
    at_risk = _at_risk(cohort, rules, packed, dictionary, start, end, retrospective)
    return Judgement(packed, kept, dictionary, _flow(cohort, packed, dictionary), _left_out(left_out), at_risk)


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
        pl.when(applies.is_null()).then(_STATUS_NUMBER[Status.NOT_ASSESSABLE])
        .when(~applies).then(None)
        .when(met.is_null()).then(_STATUS_NUMBER[Status.NOT_ASSESSABLE])
        .when(met).then(_STATUS_NUMBER[Status.CONCORDANT])
        .otherwise(failed[0])
    )  # fmt: skip
    reason = (
        pl.when(applies.is_null()).then(_missing(rule, applies))
        .when(met.is_null()).then(_missing(rule, met))
        .when(met).then(_REASON_NUMBER[""])
        .otherwise(failed[1])
    )  # fmt: skip
    return _coded(rule, status, reason)


def _option_code(rule: Recommendation) -> pl.Expr:
    """The option that was taken where the text leaves the choice; null where the rule does not apply."""
    applies, given = rule.applies, rule.given
    status = (
        pl.when(applies.is_null()).then(_STATUS_NUMBER[Status.NOT_ASSESSABLE])
        .when(~applies).then(None)
        .when(given.is_null()).then(_STATUS_NUMBER[Status.NOT_ASSESSABLE])
        .otherwise(_STATUS_NUMBER[Status.REPORTED])
    )  # fmt: skip
    reason = (
        pl.when(applies.is_null()).then(_missing(rule, applies))
        .when(given.is_null()).then(_missing(rule, given))
        .otherwise(_REASON_NUMBER[""])
    )  # fmt: skip
    return _coded(rule, status, reason)


def _coded(rule: Recommendation, status: pl.Expr, reason: pl.Expr) -> pl.Expr:
    options = list(rule.vocabulary.words)
    given = rule.given.fill_null("none").replace_strict(options, range(len(options)), return_dtype=pl.UInt64)
    return (
        status.cast(pl.UInt64)
        + reason.cast(pl.UInt64) * _REASON_PLACE
        + given * _GIVEN_PLACE
        + _flags(rule, status).cast(pl.UInt64) * _FLAG_PLACE
    )


_REASON_PLACE, _GIVEN_PLACE, _FLAG_PLACE = 1 << 3, 1 << 13, 1 << 18


def _failure(rule: Recommendation) -> tuple[pl.Expr, pl.Expr]:
    """Status and reason where the recommendation was not met, in the order of precedence."""
    to_justify = _STATUS_NUMBER[Status.TO_JUSTIFY]
    last = Status.TO_JUSTIFY if rule.strength is Strength.PERMISSIVE else Status.DISCORDANT
    late = _certain(rule.late) if rule.late is not None else pl.lit(False)
    cases: list[tuple[pl.Expr, int, pl.Expr]] = []
    if rule.due is not None:
        observed = pl.min_horizontal([pl.col(f"until_{table}") for table in rule.observed])
        cases.append((_certain(observed < rule.due) & ~late, _STATUS_NUMBER[Status.NOT_DUE], _reason("")))
    for ground in rule.exceptions:
        cases.append((_certain(ground.when), _STATUS_NUMBER[Status.JUSTIFIED], _reason(ground.id)))
    if rule.excusable:
        deviation = pl.col(f"deviation_{rule.domain}")
        cases.append((deviation.is_not_null(), _STATUS_NUMBER[Status.JUSTIFIED], deviation))
    for ground in rule.ambers:
        cases.append((_certain(ground.when), to_justify, _reason(ground.id)))
    if rule.late is not None:
        cases.append((late, to_justify, _reason("outside_reading_window")))
    if rule.mdt_against is not None:
        cases.append((_certain(rule.mdt_against), to_justify, _reason("mdt_decision")))
    status: Any = pl.when(pl.lit(False)).then(_STATUS_NUMBER[last])
    reason: Any = pl.when(pl.lit(False)).then(_reason(""))
    for holds, number, words in cases:
        status, reason = status.when(holds).then(number), reason.when(holds).then(words)
    return status.otherwise(_STATUS_NUMBER[last]), reason.otherwise(_reason(""))


def _certain(expression: pl.Expr) -> pl.Expr:
    """True where the expression is known to be true."""
    return expression.fill_null(False)


def _reason(token: str) -> pl.Expr:
    return pl.lit(_REASON_NUMBER[token], pl.UInt32)


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
        column = pl.lit(_REASON_NUMBER[fact.missing], pl.UInt32)
        if fact.blames is not None:
            open_question = open_question | pl.col(fact.blames).is_not_null()
            blamed = pl.col(fact.blames).replace_strict(_REASON_NUMBER, default=None, return_dtype=pl.UInt32)
            column = pl.coalesce(blamed, column)
        known = pl.col(f"proves_{fact.table}" if fact.absence else f"supplied_{fact.table}")
        token = pl.when(known).then(column).otherwise(_REASON_NUMBER[fact.table])
        if fact.absence:
            token = (
                pl.when(pl.col(f"hole_{fact.table}")).then(_REASON_NUMBER[f"quarantine:{fact.table}"]).otherwise(token)
            )
        named.append(pl.when(open_question).then(token))
    return pl.coalesce(*named, pl.lit(_REASON_NUMBER[FACTS[rule.judged_on[0]].missing], pl.UInt32))


def _flags(rule: Recommendation, status: pl.Expr) -> pl.Expr:
    """The flags of a verdict as bits."""
    failing = status.is_in([_STATUS_NUMBER[Status.TO_JUSTIFY], _STATUS_NUMBER[Status.DISCORDANT]])
    bits = pl.lit(0, pl.UInt64)
    if rule.exceptions:
        unknown = pl.any_horizontal([ground.when.is_null() for ground in rule.exceptions])
        bits = bits + pl.when(_certain(failing & unknown)).then(_FLAG_BIT["exception_unknown"]).otherwise(0)
    if rule.own_window is None:
        before = pl.col("index_date") < rule.source.edition.valid_from
        bits = bits + pl.when(before).then(_FLAG_BIT["retrospective"]).otherwise(0)
    for flag in rule.flags:
        bits = bits + pl.when(_certain(flag.when)).then(_FLAG_BIT[flag.id]).otherwise(0)
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
    numbers = [_REASON_NUMBER[token] for token in tokens]
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


def _compact(
    judged: dict[Grain, pl.DataFrame], rules: Sequence[Recommendation]
) -> tuple[dict[Grain, pl.DataFrame], pl.DataFrame]:
    """Long codes to UInt16 codes, and what each of them means. The recommended options are the rule's, so codes are per rule."""
    meanings: list[pl.DataFrame] = []
    packed: dict[Grain, pl.DataFrame] = {}
    by_id = {rule.id: rule for rule in rules}
    offset = 0
    for grain, frame in judged.items():
        columns = []
        for name in frame.columns[len(KEYS) :]:
            values = frame[name].drop_nulls().unique().sort()
            place = values.search_sorted(frame[name].fill_null(0)).cast(pl.UInt32) + offset
            columns.append(pl.select(pl.when(frame[name].is_not_null()).then(place).alias(name)).to_series())
            meanings.append(_meaning(values, by_id[name], offset))
            offset += len(values)
        if offset >= 1 << 16:
            raise OverflowError("more kinds of verdict than a code can name")
        packed[grain] = pl.concat(
            [frame.select(KEYS), pl.DataFrame(columns, schema=[c.name for c in columns]).cast(pl.UInt16)],
            how="horizontal",
        )
    return packed, pl.concat(meanings) if meanings else _meaning(pl.Series([], dtype=pl.UInt64), rules[0], 0)


def _meaning(values: pl.Series, rule: Recommendation, offset: int) -> pl.DataFrame:
    """Rows of the dictionary for the codes of one rule."""
    statuses, reasons, options = list(Status), list(REASONS), list(rule.vocabulary.words)
    rows = []
    for place, value in enumerate(values.to_list()):
        flags = value // _FLAG_PLACE
        status, given = statuses[value % _REASON_PLACE], options[value % _FLAG_PLACE // _GIVEN_PLACE]
        allowed = rule.do_not and status is Status.CONCORDANT
        rows.append(
            {
                "code": offset + place,
                "status": str(status),
                "reason": reasons[value % _GIVEN_PLACE // _REASON_PLACE],
                "recommended": given if allowed else "|".join(rule.recommended),
                "given": given,
                "flags": "|".join(flag for flag, bit in _FLAG_BIT.items() if flags & bit),
            }
        )
    schema = {"code": pl.UInt16, **dict.fromkeys(("status", "reason", "recommended", "given", "flags"), pl.String)}
    return pl.DataFrame(rows, schema=schema)


def _flow(cohort: Cohort, verdicts: dict[Grain, pl.DataFrame], codes: pl.DataFrame) -> pl.DataFrame:
    """Patients and decisions at each step from the accepted rows to the assessable verdicts, per centre and over all."""
    context = cohort.context
    people = context.patients.select("pid", "patient_id", "centre_id")
    lung = context.tumours.filter(pl.col("primary_site") == "lung").select("pid")
    steps = [
        _step("accepted", people, decisions=False),
        _step("lung", people.join(lung, on="pid", how="semi"), decisions=False),
        _step("cohort", people.join(cohort.patients, on="pid", how="semi"), decisions=False),
    ]
    unknown = codes.filter(pl.col("status") == Status.NOT_ASSESSABLE)["code"].to_list()
    inside, applicable, assessable = [], [], []
    for frame in verdicts.values():
        rules = frame.columns[len(KEYS) :]
        who = frame.select("patient_id", "centre_id", *rules)
        inside.append(who.select("patient_id", "centre_id"))
        applicable.append(who.filter(pl.any_horizontal(pl.col(rules).is_not_null())).select("patient_id", "centre_id"))
        known = pl.any_horizontal([pl.col(r).is_not_null() & ~pl.col(r).is_in(unknown) for r in rules])
        assessable.append(who.filter(known).select("patient_id", "centre_id"))
    for step, rows in (("in_period", inside), ("applicable", applicable), ("assessable", assessable)):
        steps.append(_step(step, pl.concat(rows) if rows else people.head(0), decisions=True))
    return pl.concat(steps)


def _step(step: str, rows: pl.DataFrame, *, decisions: bool) -> pl.DataFrame:
    count = {
        "n_patients": pl.col("patient_id").n_unique().cast(pl.Int64),
        "n_decisions": (pl.len() if decisions else pl.lit(None)).cast(pl.Int64),
    }
    centres = rows.group_by("centre_id").agg(**count).sort("centre_id")
    overall = rows.select(pl.lit(None, pl.String).alias("centre_id"), **count).head(1)
    return pl.concat([overall.select(centres.columns), centres]).select(
        "centre_id", pl.lit(step).alias("step"), "n_patients", "n_decisions"
    )


def _at_risk(
    cohort: Cohort,
    rules: Sequence[Recommendation],
    verdicts: dict[Grain, pl.DataFrame],
    codes: pl.DataFrame,
    start: date | None,
    end: date | None,
    retrospective: bool,
) -> pl.DataFrame:
    """Per do-not rule and centre (null: all) the patients at risk in the audit, and those of them with a breach."""
    failing = codes.filter(pl.col("status").is_in([Status.DISCORDANT, Status.TO_JUSTIFY]))["code"].to_list()
    people = cohort.context.patients.select("pid", "patient_id", "centre_id")
    counts = [pl.DataFrame(schema=_AT_RISK_SCHEMA)]
    for rule in rules:
        if rule.at_risk is None:
            continue
        since = max(start or date.min, date.min if retrospective else rule.source.edition.valid_from)
        replaced = replaced_on(rule, rules)
        until = min(end or date.max, replaced - timedelta(days=1) if replaced else date.max)
        dated = (pl.col("day").cast(pl.Date) >= since) & (pl.col("day").cast(pl.Date) <= until)
        exposed = cohort.keep(cohort.context.rows(rule.at_risk.table)).filter(rule.at_risk.when & dated)
        breached = verdicts[rule.grain].filter(pl.col(rule.id).is_in(failing))["patient_id"]
        persons = people.join(exposed.select("pid").unique(), on="pid", how="semi").with_columns(
            breach=pl.col("patient_id").is_in(breached.to_list())
        )
        for rows in (persons.with_columns(centre_id=pl.lit(None, pl.String)), persons):
            counts.append(
                rows.group_by("centre_id")
                .agg(n_at_risk=pl.len().cast(pl.Int64), n_breached=pl.col("breach").sum().cast(pl.Int64))
                .select(pl.lit(rule.id).alias("rule_id"), "centre_id", "n_at_risk", "n_breached")
                .sort("centre_id")
            )
    return pl.concat(counts)


def _left_out(parts: list[pl.DataFrame]) -> pl.DataFrame:
    if not parts:
        return pl.DataFrame(
            schema={"centre_id": pl.String, "reason": pl.String, "n_patients": pl.Int64, "n_decisions": pl.Int64}
        )
    rows = pl.concat(parts)
    counted = [
        of.group_by("centre_id", "reason").agg(
            n_patients=pl.col("patient_id").n_unique().cast(pl.Int64), n_decisions=pl.len().cast(pl.Int64)
        )
        for of in (rows.with_columns(centre_id=pl.lit(None, pl.String)), rows)
    ]
    return pl.concat(counted).sort("centre_id", "reason", nulls_last=False)
