"""What the code of a verdict means: status, reason, given option and flags in one number, and the words of each.

A long code (UInt64) means the same in every run of one version of the software. What an audit writes are compact codes
(UInt16), numbered anew over the meanings that occur in it, with a dictionary beside them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from scoring.core.recommendation import Grain, Recommendation, Status
from scoring.core.tables import TABLE_WORDS
from scoring.core.text import Text
from scoring.facts import FACTS
from scoring.recommendations import RULES
from scoring.scores import SCORES
from validation.contract import TABLES

if TYPE_CHECKING:
    from numpy.typing import NDArray

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

STATUS_NUMBER = {status: number for number, status in enumerate(Status)}
REASON_NUMBER = {reason: number for number, reason in enumerate(REASONS)}
FLAG_BIT = {flag: 1 << number for number, flag in enumerate(FLAGS)}

_REASON_PLACE, _GIVEN_PLACE, _FLAG_PLACE = 1 << 3, 1 << 13, 1 << 18


def long_code(status: pl.Expr, reason: pl.Expr, given: pl.Expr, flags: pl.Expr) -> pl.Expr:
    """The four numbers in one; null where one of them is."""
    return (
        status.cast(pl.UInt64)
        + reason.cast(pl.UInt64) * _REASON_PLACE
        + given * _GIVEN_PLACE
        + flags.cast(pl.UInt64) * _FLAG_PLACE
    )


def where_known(values: pl.Series) -> tuple[NDArray[np.int64], NDArray[Any]]:
    """The rows where there is a value, and the values there."""
    return np.flatnonzero(values.is_not_null().to_numpy()), values.drop_nulls().to_numpy()


def compact(
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
            rows, codes = where_known(frame[name])
            values = pl.Series(codes).unique().sort()
            place = np.zeros(frame.height, dtype=np.uint16)
            place[rows] = np.searchsorted(values.to_numpy(), codes) + offset
            columns.append(pl.when(pl.col(name).is_not_null()).then(pl.Series(name, place)))
            meanings.append(_meaning(values, by_id[name], offset))
            offset += len(values)
        if offset >= 1 << 16:
            raise OverflowError("more kinds of verdict than a code can name")
        packed[grain] = frame.select(*KEYS, *columns)
    return packed, pl.concat(meanings) if meanings else _meaning(pl.Series([], dtype=pl.UInt64), rules[0], 0)


def expand(
    packed: dict[Grain, pl.DataFrame], codes: pl.DataFrame, rules: Sequence[Recommendation]
) -> dict[Grain, pl.DataFrame]:
    """The long codes again, from compact ones and what they mean: the inverse of `compact`."""
    by_id = {rule.id: rule for rule in rules}
    bits = [sum(FLAG_BIT[flag] for flag in flags.split("|") if flag) for flags in codes["flags"].to_list()]
    numbers = codes.select(
        "given",
        status=pl.col("status").replace_strict({str(s): n for s, n in STATUS_NUMBER.items()}, return_dtype=pl.UInt64),
        reason=pl.col("reason").replace_strict(REASON_NUMBER, return_dtype=pl.UInt64),
        flags=pl.Series(bits, dtype=pl.UInt64),
    )
    whole: dict[Grain, pl.DataFrame] = {}
    for grain, frame in packed.items():
        columns = []
        for name in frame.columns[len(KEYS) :]:
            options = list(by_id[name].vocabulary.words)
            given = pl.col("given").replace_strict(options, range(len(options)), default=None, return_dtype=pl.UInt64)
            values = numbers.select(long_code(pl.col("status"), pl.col("reason"), given, pl.col("flags"))).to_series()
            columns.append(values.gather(frame[name]).alias(name))
        whole[grain] = frame.select(KEYS).hstack(columns)
    return whole


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
                "flags": "|".join(flag for flag, bit in FLAG_BIT.items() if flags & bit),
            }
        )
    schema = {"code": pl.UInt16, **dict.fromkeys(("status", "reason", "recommended", "given", "flags"), pl.String)}
    return pl.DataFrame(rows, schema=schema)
