"""The case list of a centre: every verdict that is not concordant, with its reason and its facts in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from scoring.core.recommendation import Recommendation

from .texts import say

if TYPE_CHECKING:
    from scoring.concordance import Judgement
    from scoring.core.fact import Fact
    from scoring.core.text import Text

ORDER = ("discordant", "to_justify", "justified", "not_assessable", "not_due")
COLUMNS = (
    *("patient_id", "entity_id", "index_date", "rule_id", "title", "verdict", "reason"),
    *("recommended", "given", "facts", "source", "flags"),
)
SENTINEL = "fracture_while_waiting"

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
    listed = [_of_rule(judgement, rule, position, centre_id, lang, statuses) for position, rule in enumerate(rules)]
    found = [frame for frame in listed if frame is not None and frame.height]
    if not found:
        return pl.DataFrame(schema=dict.fromkeys(COLUMNS, pl.String) | {"index_date": pl.Date})
    order = ("is_sentinel", "rank", "position", "patient_id", "index_date", "entity_id")
    return pl.concat(found).sort(order, descending=[True, *[False] * 5]).select(COLUMNS)


def write_csv(frame: pl.DataFrame, path: Path, lang: str) -> None:
    """Write a case list for a spreadsheet: UTF-8 with BOM, semicolons and French dates in French, no formula."""
    texts = [name for name, dtype in frame.schema.items() if dtype == pl.String]
    safe = frame.with_columns(_without_formula(pl.col(name)).alias(name) for name in texts)
    french = lang == "fr"
    safe.write_csv(
        path, include_bom=True, separator=";" if french else ",", date_format="%d/%m/%Y" if french else "%Y-%m-%d"
    )


def _without_formula(text: pl.Expr) -> pl.Expr:
    """One line per cell, and an apostrophe before what a spreadsheet would run; plain numbers stay numbers."""
    line = text.str.replace_all(r"[\x00-\x1f\x7f]+", " ")
    runs = text.str.contains(FORMULA) & ~text.str.contains(PLAIN_NUMBER)
    return pl.when(runs).then("'" + line).otherwise(line)


def _of_rule(
    judgement: Judgement,
    rule: Recommendation,
    position: int,
    centre_id: str | None,
    lang: str,
    statuses: Sequence[str],
) -> pl.DataFrame | None:
    verdicts = judgement.verdicts.get(rule.grain)
    if verdicts is None or rule.id not in verdicts.columns:
        return None
    mine = verdicts[rule.id].is_not_null()
    if centre_id is not None:
        mine &= verdicts["centre_id"] == centre_id
    rows = verdicts.filter(mine).select("patient_id", "entity_id", "index_date", code=rule.id)
    met = judgement.codes.join(rows, on="code", how="semi")
    codes = _codes_in_words(met, rule, lang, statuses)
    facts = _facts_in_words(judgement.facts[rule.grain].filter(mine), rule, lang)
    return (
        rows.with_columns(facts=facts)
        .join(codes, on="code", how="inner", maintain_order="left")
        .with_columns(
            rule_id=pl.lit(rule.id),
            title=pl.lit(rule.title[lang]),
            source=pl.lit(str(rule.source)),
            position=pl.lit(position),
        )
    )


def _codes_in_words(codes: pl.DataFrame, rule: Recommendation, lang: str, statuses: Sequence[str]) -> pl.DataFrame:
    """The dictionary of verdicts of these statuses in the words of one rule."""
    from scoring.concordance import FLAGS

    wanted = codes.filter(pl.col("status").is_in(statuses))
    options = rule.vocabulary.words
    status, reason = wanted["status"].to_list(), wanted["reason"].to_list()
    reasons = [reason_words(*pair, lang) for pair in zip(status, reason, strict=True)]
    return wanted.select("code").with_columns(
        pl.Series("is_sentinel", [r == SENTINEL for r in reason], dtype=pl.Boolean),
        pl.Series("rank", [(*ORDER, "concordant").index(s) for s in status], dtype=pl.Int8),
        pl.Series("verdict", [say(f"case.{s}", lang) for s in status], dtype=pl.String),
        pl.Series("reason", reasons, dtype=pl.String),
        pl.Series("recommended", [_words(tokens, options, lang) for tokens in wanted["recommended"]], dtype=pl.String),
        pl.Series("given", [_words(tokens, options, lang) for tokens in wanted["given"]], dtype=pl.String),
        pl.Series("flags", [_words(tokens, FLAGS, lang) for tokens in wanted["flags"]], dtype=pl.String),
    )  # fmt: skip


def _words(tokens: str | None, words: Mapping[str, Text], lang: str) -> str:
    """The words of tokens joined with "|"; a token without words stands for itself."""
    return ", ".join(words[t][lang] if t in words else t for t in (tokens or "").split("|") if t)


def reason_words(status: str, reason: str | None, lang: str) -> str:
    """The reason of a verdict in words. A failure without one says so: nothing was documented, or the rule permits."""
    if not reason:
        return {"discordant": say("no_reason", lang), "to_justify": say("leaves_a_choice", lang)}.get(status, "")
    from scoring.concordance import REASONS

    return REASONS[reason][lang] if reason in REASONS else reason


def _facts_in_words(facts: pl.DataFrame, rule: Recommendation, lang: str) -> pl.Series:
    """The facts that the rule was judged on, as "label: value unit" with semicolons between, one text per row."""
    from scoring.facts import FACTS

    parts = [_fact_in_words(FACTS[name], facts.schema[name], lang) for name in rule.judged_on if name in facts.columns]
    if not parts:
        return pl.Series("facts", [""] * facts.height, dtype=pl.String)
    return facts.select(facts=pl.concat_str(parts, separator=" ; " if lang == "fr" else "; "))["facts"]


def _fact_in_words(fact: Fact, dtype: pl.DataType, lang: str) -> pl.Expr:
    value = pl.col(fact.name)
    if fact.kind == "date":
        text = value.dt.strftime("%d/%m/%Y" if lang == "fr" else "%Y-%m-%d")
    elif fact.kind == "bool":
        text = pl.when(value).then(pl.lit(say("yes", lang))).when(~value).then(pl.lit(say("no", lang)))
    elif fact.tokens:
        text = value.cast(pl.String).replace({token: words[lang] for token, words in fact.tokens.items()})
    elif dtype.is_float():
        text = value.round(2).cast(pl.String).str.strip_suffix(".0")
        text = text.str.replace(".", ",", literal=True) if lang == "fr" else text
    else:
        text = value.cast(pl.String)
    unit = say("days", lang) if fact.kind == "days" or fact.unit == "days" else fact.unit
    colon = " : " if lang == "fr" else ": "
    known = text if not unit else text + pl.lit(f" {unit}")
    return pl.lit(fact.label[lang] + colon) + known.fill_null(say("not_recorded", lang))
