"""Every verdict of one patient, judged again from the database of an audit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .run import DATABASE, Request, pseudonym_key


class UnknownPatient(LookupError):
    """The audit has no such patient."""


def explain(
    out: Path, patient_id: str, lang: str | None = None, pseudonym_key_env: str | None = None
) -> dict[str, Any]:
    """The verdicts of one patient in words, with facts and source.

    Only this patient's rows are read. The period and the edition are those of the audit.

    Args:
        out: the audit.
        patient_id: the patient's pseudonym in the audit, or with a key the one that the centre gave.
        lang: the language of the audit by default.
        pseudonym_key_env: the environment variable with the key by which the audit replaced every identifier.
    """
    from reports.cases import cases
    from scoring.concordance import judge
    from scoring.core.recommendation import Status
    from scoring.recommendations import declare, parameters
    from scoring.registry import Registry

    from . import store

    asked = Request.of(out)
    if key := pseudonym_key(pseudonym_key_env):
        from .ingest.rekey import pseudonym

        patient_id = pseudonym(patient_id.strip(), key)
    tables = store.load_patient(out / DATABASE, patient_id)
    if tables["patients"].is_empty():
        raise UnknownPatient(_unknown(out, asked, pseudonym_key_env))
    with store.connect(out / DATABASE, read_only=True) as con:
        coverage = store.read_frame(con, "quarantine", "coverage")
        holes = store.read_frame(con, "quarantine", "holes")
    lang = lang or asked.lang
    with parameters.using(asked.overrides):
        rules = declare()
        judgement = judge(
            Registry(tables, coverage, holes),
            rules=rules,
            start=asked.start,
            end=asked.end,
            retrospective=asked.retrospective,
        )
        found = cases(judgement, rules, None, lang, statuses=tuple(Status))
    return {
        "patient": patient_id,
        "centre": tables["patients"]["centre_id"][0],
        "lang": lang,
        "verdicts": found.drop("patient_id").to_dicts(),
    }


def _unknown(out: Path, asked: Request, pseudonym_key_env: str | None) -> str:
    said = (
        f"The audit in {out} has no accepted patient with this pseudonym. Check its spelling; a patient whose row "
        "broke the contract is in quality/quarantine.parquet by file and line."
    )
    if asked.pseudonym_key_env and pseudonym_key_env is None:
        return f"{said} The audit replaced every identifier: look for the one of the centre with --pseudonym-key-env."
    if pseudonym_key_env and not asked.pseudonym_key_env:
        return f"{said} The audit replaced no identifier: leave --pseudonym-key-env away."
    return f"{said} Is it the key of the audit?" if pseudonym_key_env else said
