"""The case list of a centre: every verdict that is not concordant, with its reason and its facts in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from scoring.core.recommendation import Recommendation

from .texts import say

if TYPE_CHECKING:
    from scoring.concordance import Judgement
    from scoring.core.fact import Fact
    from scoring.core.text import Text

ORDER = ("discordant", "to_justify", "justified", "not_assessable", "not_due")
ORDERED = (*ORDER, "concordant", "reported")
RULES_AT_MOST = 1 << 16
"""Room for the positions of rules within a verdict."""
COLUMNS = (
    *("patient_id", "entity_id", "index_date", "rule_id", "title", "verdict", "reason"),
    *("recommended", "given", "facts", "source", "flags"),
)
SENTINEL = "fracture_while_waiting"
LISTED = {"centre_id": pl.String, "place": pl.UInt32} | dict.fromkeys(COLUMNS, pl.String) | {"index_date": pl.Date}

FORMULA = r"^[\s\u00a0\ufeff]*[=+\-@＝＋－＠|%]"
PLAIN_NUMBER = r"^-?\d+([.,]\d+)?$"


def cases(
    judgement: Judgement,
    rules: Sequence[Recommendation],
    centre_id: str | None,
    lang: str,
    statuses: Sequence[str] = ORDER,
) -> pl.DataFrame:
    """One line per verdict of the centre that is not concordant: sentinel cases, then by verdict, rule and patient.

    Without a centre the verdicts of all; `statuses` may name concordant ones too.
    """
    return listed(judgement, rules, centre_id, lang, statuses).select(COLUMNS)


def listed(
    judgement: Judgement,
    rules: Sequence[Recommendation],
    centre_id: str | None,
    lang: str,
    statuses: Sequence[str] = ORDER,
) -> pl.DataFrame:
    """The same lines with their centre, and their place in the list: lines of one place are in the order of their patients."""
    codes = judgement.codes.filter(pl.col("status").is_in(statuses))
    found = [_of_rule(judgement, codes, rule, position, centre_id, lang) for position, rule in enumerate(rules)]
    frames = [pl.DataFrame(schema=LISTED), *(frame.select(*LISTED) for frame in found if frame is not None)]
    return pl.concat(frames).sort("place", "patient_id", "index_date", "entity_id", maintain_order=True)


def write_csv(frame: pl.DataFrame, path: Path, lang: str) -> None:
    """Write a case list for a spreadsheet: UTF-8 with BOM, semicolons and French dates in French, no formula."""
    path.write_bytes(csv_head(frame.columns, lang) + csv_lines(frame, lang))


def csv_head(columns: Sequence[str], lang: str) -> bytes:
    """The beginning of a case list: the mark of its encoding and the names of the columns."""
    return pl.DataFrame(schema=list(columns)).write_csv(include_bom=True, **_dialect(lang)).encode("utf-8")


def csv_lines(frame: pl.DataFrame, lang: str) -> bytes:
    """The lines of a case list, one per row: a cell holds no line break."""
    texts = [name for name, dtype in frame.schema.items() if dtype == pl.String]
    safe = frame.with_columns(_without_formula(pl.col(name)).alias(name) for name in texts)
    buffer = BytesIO()
    safe.write_csv(buffer, include_header=False, **_dialect(lang))
    return buffer.getvalue()


def _dialect(lang: str) -> dict[str, Any]:
    french = lang == "fr"
    return {"separator": ";" if french else ",", "date_format": "%d/%m/%Y" if french else "%Y-%m-%d"}


def _without_formula(text: pl.Expr) -> pl.Expr:
    """One line per cell, and an apostrophe before what a spreadsheet would run; plain numbers stay numbers."""
    line = text.str.replace_all(r"[\x00-\x1f\x7f]+", " ")
    runs = text.str.contains(FORMULA) & ~text.str.contains(PLAIN_NUMBER)
    return pl.when(runs).then("'" + line).otherwise(line)


def _of_rule(
    judgement: Judgement,
    codes: pl.DataFrame,
    rule: Recommendation,
    position: int,
    centre_id: str | None,
    lang: str,
) -> pl.DataFrame | None:
    """The lines of one rule, those with one of these codes; None where there is none."""
    verdicts = judgement.verdicts.get(rule.grain)
    if verdicts is None or rule.id not in verdicts.columns:
        return None
    mine = verdicts[rule.id].is_in(codes["code"].implode()).fill_null(False)
    if centre_id is not None:
        mine &= verdicts["centre_id"] == centre_id
    if not mine.any():
        return None
    rows = verdicts.select("patient_id", "centre_id", "entity_id", "index_date", code=rule.id).filter(mine)
    met = codes.join(rows, on="code", how="semi")
    rows = rows.join(_codes_in_words(met, rule, lang), on="code", how="left", maintain_order="left")
    return rows.with_columns(
        facts=_facts_in_words(judgement.facts[rule.grain], mine, rows["status"], rule, lang),
        rule_id=pl.lit(rule.id),
        title=pl.lit(rule.title[lang]),
        source=pl.lit(str(rule.source)),
        place=pl.col("rank") * RULES_AT_MOST + position,
    )


def _codes_in_words(codes: pl.DataFrame, rule: Recommendation, lang: str) -> pl.DataFrame:
    """The dictionary of verdicts in the words of one rule."""
    from scoring.concordance import FLAGS

    options, either = rule.vocabulary.words, say("or", lang)
    status, reason = codes["status"].to_list(), codes["reason"].to_list()
    ranks = [0 if r == SENTINEL else 1 + ORDERED.index(s) for s, r in zip(status, reason, strict=True)]
    # Where it cannot be known what was done, that is not to say that nothing was.
    unknown = say("not_recorded", lang)
    given = [
        unknown if s == "not_assessable" and t == "none" else _words(t, options, lang, ", ")
        for s, t in zip(status, codes["given"], strict=True)
    ]
    reasons = [reason_words(*pair, lang) for pair in zip(status, reason, strict=True)]
    return codes.select("code", "status").with_columns(
        pl.Series("rank", ranks, dtype=pl.UInt32),
        pl.Series("verdict", [say(f"case.{s}", lang) for s in status], dtype=pl.String),
        pl.Series("reason", reasons, dtype=pl.String),
        pl.Series("recommended", [_words(t, options, lang, either) for t in codes["recommended"]], dtype=pl.String),
        pl.Series("given", given, dtype=pl.String),
        pl.Series("flags", [_words(t, FLAGS, lang, ", ") for t in codes["flags"]], dtype=pl.String),
    )  # fmt: skip


def _words(tokens: str | None, words: Mapping[str, Text], lang: str, last: str) -> str:
    """The words of tokens joined with "|", `last` before the last; a token without words stands for itself."""
    *others, end = [words[t][lang] if t in words else t for t in (tokens or "").split("|")]
    return last.join([", ".join(others), end] if others else [end])


def reason_words(status: str, reason: str | None, lang: str) -> str:
    """The reason of a verdict in words. Where none is given, what that means: nothing was documented, for instance."""
    if not reason:
        implied = {"discordant": "no_reason", "to_justify": "leaves_a_choice", "not_due": "time_not_over"}
        return say(implied[status], lang) if status in implied else ""
    from scoring.concordance import REASONS

    return REASONS[reason][lang] if reason in REASONS else reason


def _facts_in_words(
    facts: pl.DataFrame, mine: pl.Series, status: pl.Series, rule: Recommendation, lang: str
) -> pl.Series:
    """The facts that the rule was judged on, as "label: value unit" with semicolons between, one text per row of `mine`.

    First what made the verdict: the unknown if it is not assessable, what excuses it if it is justified; then what
    fulfils the rule, what goes with that, what makes the rule apply, and the exceptions.
    """
    from scoring.facts import FACTS

    held = set(facts.columns)
    shown = _ordered(rule, [name for name in rule.judged_on if name in held])
    if not shown:
        return pl.Series("facts", [""] * status.len(), dtype=pl.String)
    excuses = _asked(*(ground.when for ground in rule.exceptions))
    unknown, justified = pl.lit(status == "not_assessable"), pl.lit(status == "justified")
    facts = facts.select({*shown, *map(_highest, shown)} & held).filter(mine)
    schema = facts.schema
    first, rest = [], []
    for name in shown:
        words = _fact_in_words(FACTS[name], schema, lang)
        leads = unknown & pl.col(name).is_null() & pl.lit(not _is_act(FACTS[name]))
        if name in excuses:
            leads = leads | justified
        first.append(pl.when(leads).then(words))
        rest.append(pl.when(~leads).then(words))
    separator = " ; " if lang == "fr" else "; "
    return facts.select(facts=pl.concat_str(first + rest, separator=separator, ignore_nulls=True))["facts"]


def _ordered(rule: Recommendation, names: Sequence[str]) -> list[str]:
    """Facts by their part in the rule. The highest total of a score goes with the lowest, as one range."""
    met, applies = _asked(rule.given if rule.met is None else rule.met), _asked(rule.applies)
    excuses = _asked(*(ground.when for ground in rule.exceptions))

    def part(name: str) -> int:
        return 0 if name in met else 2 if name in applies else 3 if name in excuses else 1

    once = [name for name in names if not (name.endswith("_max") and _lowest(name) in names)]
    return sorted(once, key=part)


def _asked(*expressions: pl.Expr) -> set[str]:
    return {name for expression in expressions for name in expression.meta.root_names()}


def _lowest(name: str) -> str:
    return name.removesuffix("_max") + "_min"


def _highest(name: str) -> str:
    return name.removesuffix("_min") + "_max"


def _is_act(fact: Fact) -> bool:
    """Whether the fact is a day or a time of an act: then unknown means that the table holds no such act."""
    return fact.kind in ("date", "days") and "." not in fact.missing


def _fact_in_words(fact: Fact, schema: Mapping[str, pl.DataType], lang: str) -> pl.Expr:
    unit = say("days", lang) if fact.kind == "days" or fact.unit == "days" else fact.unit
    highest = _highest(fact.name)
    label = fact.label[lang]
    if fact.name.endswith("_min") and highest in schema:
        # Labels of totals end in ", lowest possible": the range says that.
        label = label.rpartition(",")[0] or label
        known = _range(pl.col(fact.name), pl.col(highest), lang)
    else:
        known = _value(fact, schema[fact.name], lang)
    colon = " : " if lang == "fr" else ": "
    unknown = say("none_in_data" if _is_act(fact) else "not_recorded", lang)
    return pl.lit(label + colon) + (known if not unit else known + pl.lit(f" {unit}")).fill_null(unknown)


def _range(low: pl.Expr, high: pl.Expr, lang: str) -> pl.Expr:
    one = low.cast(pl.String)
    both = pl.format(say("range", lang, low="{}", high="{}"), low, high)
    return pl.when(low == high).then(one).when(low.is_not_null() & high.is_not_null()).then(both)


def _value(fact: Fact, dtype: pl.DataType, lang: str) -> pl.Expr:
    value = pl.col(fact.name)
    if fact.kind == "date":
        return value.dt.strftime("%d/%m/%Y" if lang == "fr" else "%Y-%m-%d")
    if fact.kind == "bool":
        return pl.when(value).then(pl.lit(say("yes", lang))).when(~value).then(pl.lit(say("no", lang)))
    if fact.tokens:
        return value.cast(pl.String).replace({token: words[lang] for token, words in fact.tokens.items()})
    if dtype.is_float():
        text = value.round(2).cast(pl.String).str.strip_suffix(".0")
        return text.str.replace(".", ",", literal=True) if lang == "fr" else text
    return value.cast(pl.String)
