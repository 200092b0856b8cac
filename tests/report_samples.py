"""A made-up audit for the tests of the reports: a dozen rules, seven centres, names that mean harm; no patient."""

from __future__ import annotations

import sys
from datetime import date, timedelta
from functools import cache
from types import SimpleNamespace

import numpy as np
import polars as pl

from reports.data import ReportData
from reports.statistics import options, rates
from scoring.core.fact import Fact, FactKind
from scoring.core.recommendation import Domain, Grain, Recommendation, Strength, Vocabulary
from scoring.core.text import G1, Source, Text
from scoring.judgement import Judgement
from scoring.recommendations.parameters import Parameter
from validation.contract import TABLES

HOSTILE = 'CHU <script>alert("x")</script> & fils ]]> $\\frac{1}{2}$ \n' + "é" * 200
CENTRES = {
    "C01": "CHU de Besançon",
    "C02": "CH de Vesoul",
    "C03": HOSTILE,
    "C04": "Institut du Jura",
    "C05": "=HYPERLINK(0)",
    "C06": "CH de Montbéliard",
    "C07": "Clinique Saint-Luc",
}


def words(*tokens: str, **named: tuple[str, str]) -> dict[str, Text]:
    return {t: Text(t.replace("_", " "), t.replace("_", " ")) for t in tokens} | {k: Text(*v) for k, v in named.items()}


AGENT = Vocabulary(
    "bone_agent",
    words(
        zoledronic_acid=("zoledronic acid", "acide zolédronique"),
        denosumab=("denosumab 120 mg", "dénosumab 120 mg"),
        other=("another agent", "autre agent"),
        none=("no agent", "aucun agent"),
    ),
)
LIMB = Vocabulary(
    "limb_treatment",
    words(
        surgery=("prophylactic surgery", "chirurgie prophylactique"),
        radiotherapy=("radiotherapy", "radiothérapie"),
        interventional=("interventional procedure", "geste de radiologie interventionnelle"),
        none=("no local treatment", "aucun traitement local"),
    ),
)
DONE = Vocabulary("done", words(done=("done", "fait"), none=("not done", "non fait")))

#      id, grain, domain, strength, section, vocabulary, recommended, title, share met, number of rows asked
SPECS = [
    ("G1-3.5.3-01", Grain.SPINAL_ASSESSMENT, Domain.RADIOTHERAPY, "permissive", DONE, 0.72, 0.30,
     ("Cord compression: emergency radiotherapy, or surgery then radiotherapy",
      "Compression médullaire : irradiation en urgence, ou chirurgie puis irradiation")),
    ("G1-3.8.1-01", Grain.SPINAL_ASSESSMENT, Domain.SPINE, "binding", DONE, 0.62, 0.9,
     ("Surgical opinion from SINS 7", "Avis chirurgical à partir d'un SINS à 7")),
    ("G1-2-02", Grain.SPINE_PATIENT, Domain.IMAGING, "binding", DONE, 0.55, 1.0,
     ("MRI of the whole spine when a vertebra is involved", "IRM de tout le rachis en cas d'atteinte vertébrale")),
    ("G1-3.5.2-04", Grain.LESION_ASSESSMENT, Domain.LIMB_SURGERY, "binding", LIMB, 0.5, 0.25,
     ("Prophylactic surgery from Mirels 9", "Chirurgie prophylactique à partir d'un Mirels à 9")),
    ("G1-3.7-01", Grain.PROCEDURE, Domain.LIMB_SURGERY, "binding", DONE, 0.8, 0.7,
     ("Surgery decided in a multidisciplinary meeting", "Chirurgie décidée en RCP")),
    ("G1-3.5.4-01", Grain.PROCEDURE, Domain.RADIOTHERAPY, "binding", DONE, 0.66, 0.6,
     ("Radiotherapy after surgery", "Radiothérapie après chirurgie")),
    ("G1-3.5.4-02", Grain.RADIOTHERAPY_COURSE, Domain.RADIOTHERAPY, "binding", DONE, 0.4, 0.3,
     ("Radiotherapy after surgery between day 15 and day 21", "Radiothérapie postopératoire entre J15 et J21")),
    ("G1-3.7.1-09", Grain.SYSTEMIC_LINE, Domain.PERIOPERATIVE, "permissive", DONE, 0.85, 0.2,
     ("Systemic therapy no sooner than three weeks after surgery",
      "Traitement systémique au plus tôt trois semaines après la chirurgie")),
    ("G1-3.6.1-03", Grain.PROCEDURE, Domain.INTERVENTIONAL, "binding", DONE, 0.7, 0.3,
     ("Interventional radiology decided in a meeting", "Radiologie interventionnelle décidée en RCP")),
    ("G1-3.4-01", Grain.PATIENT, Domain.ANTIRESORPTIVE, "binding", AGENT, 0.6, 0.9,
     ("Antiresorptive treatment from discovery", "Antirésorptif dès la découverte")),
    ("G1-3.4-14", Grain.ANTIRESORPTIVE_COURSE, Domain.ANTIRESORPTIVE, "binding", DONE, 0.45, 1.0,
     ("Dental examination before the first dose", "Bilan dentaire avant la première dose")),
    ("G1-3.4-08", Grain.DRUG_DOSE, Domain.ANTIRESORPTIVE, "binding", DONE, 0.97, 0.5,
     ("No zoledronic acid below 30 mL/min", "Pas d'acide zolédronique sous 30 mL/min")),
    ("G1-3.4-21", Grain.ANTIRESORPTIVE_COURSE, Domain.ANTIRESORPTIVE, "binding", DONE, 0.5, 0.4,
     ("At least two years of treatment", "Au moins deux ans de traitement")),
    ("G1-4-03", Grain.PATIENT, Domain.TRIALS, "permissive", DONE, 0.1, 0.0,
     ("Trial proposed", "Essai proposé")),
]  # fmt: skip

JUDGED_ON = {
    Grain.PATIENT: ("life_expectancy_days", "first_agent_delay"),
    Grain.DRUG_DOSE: ("clearance_before_dose",),
    Grain.ANTIRESORPTIVE_COURSE: ("days_on_treatment", "treatment_ended"),
}


def rule(rule_id, grain, domain, strength, vocabulary, title) -> Recommendation:
    tokens = {"bone_agent": ("zoledronic_acid", "denosumab"), "limb_treatment": ("surgery",), "done": ("done",)}
    return Recommendation(
        id=rule_id,
        grain=grain,
        domain=domain,
        strength=Strength(strength),
        source=Source(G1, rule_id.split("-")[1]),
        title=Text(*title),
        population=Text("Patients with a bone metastasis", "Patients avec métastase osseuse"),
        action=Text("What the title says", "Ce que dit le titre"),
        applies=pl.lit(True),
        met=pl.lit(True),
        judged_on=JUDGED_ON.get(grain, ("delay_days",)),
        vocabulary=vocabulary,
        recommended=tokens[vocabulary.id],
        given=pl.lit("none"),
        reading=Text("The time is a reading.", "Le délai est une lecture.") if grain == Grain.PATIENT else None,
    )


RULES = tuple(rule(i, g, d, s, v, t) for i, g, d, s, v, _, _, t in SPECS)


def fact(name: str, en: str, fr: str, kind: FactKind, unit: str = "") -> Fact:
    return Fact(name, Text(en, fr), "clinical_assessments", kind, unit)


FACTS = {
    f.name: f
    for f in (
        fact("life_expectancy_days", "life expectancy", "espérance de vie", "days", "d"),
        fact("first_agent_delay", "delay to the first dose", "délai avant la première dose", "days"),
        fact("clearance_before_dose", "clearance", "clairance", "number", "mL/min"),
        fact("days_on_treatment", "days on treatment", "jours de traitement", "number"),
        fact("treatment_ended", "treatment ended", "traitement arrêté", "bool"),
        fact("delay_days", "delay", "délai", "days"),
    )
}
REASONS = {
    "outside_reading_window": Text("done, but outside the time allowed", "fait, mais hors du délai retenu"),
    "fracture_while_waiting": Text("fracture while fixation was awaited", "fracture pendant l'attente de la fixation"),
    "mdt_decision": Text("the meeting decided otherwise", "la RCP en a décidé autrement"),
    "deviation:patient_refusal": Text("documented: patient refusal", "documenté : refus du patient"),
    "lab_results.value": Text("not recorded: value", "non renseigné : value"),
    "mdt_meetings": Text("not supplied: mdt_meetings", "non fourni : mdt_meetings"),
    "urgent_start": Text("urgent start", "début en urgence"),
}
FLAGS = {
    "exception_unknown": Text("the named exception is not recorded", "l'exception prévue n'est pas renseignée"),
    "retrospective": Text("before the edition", "avant l'édition"),
}

STATUS_REASONS = [
    ("concordant", "", ""),
    ("discordant", "", ""),
    ("discordant", "", "exception_unknown"),
    ("to_justify", "outside_reading_window", ""),
    ("to_justify", "fracture_while_waiting", ""),
    ("to_justify", "", ""),
    ("justified", "deviation:patient_refusal", ""),
    ("justified", "urgent_start", ""),
    *[("not_due", "", ""), ("not_assessable", "lab_results.value", ""), ("not_assessable", "mdt_meetings", "")],
]
GRAIN_ROWS = {Grain.PATIENT: 1, Grain.SPINE_PATIENT: 0.6, Grain.DRUG_DOSE: 3, Grain.LESION_ASSESSMENT: 1.5}


def judgement(n_patients: int = 500, seed: int = 1, rules: tuple[Recommendation, ...] = RULES) -> Judgement:
    """Verdicts drawn at random: the second centre does worse, the fifth better; the third lacks some tables."""
    draw = np.random.default_rng(seed)
    centre = draw.choice(7, n_patients, p=[0.3, 0.2, 0.14, 0.14, 0.12, 0.09, 0.01])
    codes: dict[tuple[str, ...], int] = {}
    shares = {i: (met, asked) for i, *_, met, asked, _ in SPECS}
    verdicts, facts = {}, {}
    for grain in dict.fromkeys(r.grain for r in rules):
        n = int(n_patients * GRAIN_ROWS.get(grain, 0.5))
        who = np.sort(draw.choice(n_patients, n, replace=grain not in (Grain.PATIENT, Grain.SPINE_PATIENT)))
        base = pl.DataFrame(
            {
                "patient_id": [f"P{p:06d}" for p in who],
                "centre_id": [f"C{c + 1:02d}" for c in centre[who]],
                "entity_id": [f"E{i:06d}" for i in range(n)],
                "lesion_id": [None] * n,
                "index_date": [date(2022, 8, 1) + timedelta(int(d)) for d in draw.integers(0, 700, n)],
            },
            schema_overrides={"lesion_id": pl.String},
        )
        columns = {}
        for r in [r for r in rules if r.grain == grain]:
            met, asked = shares.get(r.id, (0.6, 0.5))
            columns[r.id] = _column(draw, r, centre[who], met, asked, codes)
        verdicts[grain] = base.with_columns(**{k: pl.Series(v, dtype=pl.UInt16) for k, v in columns.items()})
        facts[grain] = base.with_columns(
            **{name: _fact(draw, FACTS[name], n) for name in JUDGED_ON.get(grain, ("delay_days",))}
        )
    names = ("status", "reason", "recommended", "given", "flags")
    return Judgement(
        verdicts=verdicts,
        facts=facts,
        codes=pl.DataFrame(
            [dict(zip(names, key, strict=True)) | {"code": code} for key, code in codes.items()],
            schema={"code": pl.UInt16} | dict.fromkeys(names, pl.String),
        ),
        flow=_flow(n_patients, centre),
        left_out=pl.DataFrame(
            {
                "centre_id": [None, "C01"],
                "reason": ["before_edition"] * 2,
                "n_patients": [61, 20],
                "n_decisions": [410, 99],
            }
        ),
        at_risk=pl.DataFrame(
            {
                "rule_id": ["G1-3.4-08"] * 2 + ["G1-3.7-03"],
                "centre_id": [None, "C01", None],
                "n_at_risk": [40, 20, 31],
                "n_breached": [9, 6, 2],
            }
        ),
    )


def _column(draw, r, centre, met, asked, codes) -> list[int | None]:
    shift = np.array([0, -0.25, 0, 0, 0.2, 0, 0])[centre]
    out: list[int | None] = []
    for share in np.clip(met + shift, 0.02, 0.99):
        if draw.random() > asked:
            out.append(None)
            continue
        kind = (
            0
            if draw.random() < share
            else int(draw.choice(10, p=[0.4, 0.12, 0.12, 0.03, 0.05, 0.08, 0.05, 0.05, 0.06, 0.04]) + 1)
        )
        status, reason, flags = STATUS_REASONS[kind]
        if status == "discordant" and r.strength == Strength.PERMISSIVE:
            status = "to_justify"
        wrong = [w for w in r.vocabulary.words if w not in r.recommended]
        given = str(draw.choice(r.recommended if status == "concordant" else wrong))
        out.append(codes.setdefault((status, reason, "|".join(r.recommended), given, flags), len(codes)))
    return out


def _fact(draw, fact: Fact, n: int) -> pl.Series:
    unknown = draw.random(n) < 0.1
    values = draw.random(n) < 0.5 if fact.kind == "bool" else draw.integers(1, 1000, n)
    return pl.Series([None if u else v.item() for u, v in zip(unknown, values, strict=True)])


STEPS = {"accepted": 1.2, "lung": 1.1, "cohort": 1.08, "in_period": 1.0, "applicable": 0.98, "assessable": 0.9}


def _flow(n: int, centre: np.ndarray) -> pl.DataFrame:
    rows = []
    for name, mine in [(None, n), *((f"C{c + 1:02d}", int((centre == c).sum())) for c in range(7))]:
        for step, share in STEPS.items():
            decisions = None if step in ("accepted", "lung", "cohort") else int(mine * share * 7)
            rows.append((name, step, int(mine * share), decisions))
    return pl.DataFrame(rows, schema=["centre_id", "step", "n_patients", "n_decisions"], orient="row")


BANDS = {
    "mirels": (4, 12, [("radiotherapy", 7), ("mdt_discussion", 8), ("prophylactic_surgery", 12)]),
    "sins": (0, 18, [("stable", 6), ("potentially_unstable", 12), ("unstable", 18)]),
    "rades": (21, 40, [("I", 28), ("II", 37), ("III", 44)]),
    "frankel": (0, 6, [("complete", 1), ("incomplete", 5), ("none", 6)]),
    "tokuhashi": (0, 10, [("0-8", 8), ("9-11", 11), ("12-15", 15)]),
    "tomita": (5, 10, [("2-3", 3), ("4-5", 5), ("6-7", 7), ("8-10", 10)]),
}


def scores(n: int = 300, seed: int = 2) -> dict[str, pl.DataFrame]:
    draw = np.random.default_rng(seed)
    frames = {}
    for name, (low, high, bands) in BANDS.items():
        total = np.clip(np.round(draw.normal((low + high) / 2, (high - low) / 5, n)), low, high).astype(int)
        known = draw.random(n) > 0.15
        band = [next(b for b, top in bands if t <= top) for t in total]
        frames[name] = pl.DataFrame(
            {
                "assessment_id": [f"A{i}" for i in range(n)],
                "patient_id": [f"P{i:06d}" for i in range(n)],
                "total": [int(t) if k else None for t, k in zip(total, known, strict=True)],
                "band": [b if k or draw.random() < 0.3 else None for b, k in zip(band, known, strict=True)],
            },
            schema_overrides={"total": pl.Int16},
        )
    return frames


NOT_SUPPLIED = {("C03", "lab_results"), ("C04", "mdt_meetings")}
NOT_COMPLETE = {*NOT_SUPPLIED, ("C06", "consultations")}


def coverage() -> pl.DataFrame:
    rows = [
        (c, t, (c, t) not in NOT_SUPPLIED, (c, t) not in NOT_COMPLETE, None, None, date(2024, 6, 30))
        for c in CENTRES
        for t in TABLES
    ]
    dates = dict.fromkeys(("from", "to", "extraction_date"), pl.Date)
    flags = {"supplied": pl.Boolean, "complete": pl.Boolean}
    return pl.DataFrame(rows, {"centre_id": pl.String, "table": pl.String} | flags | dates, orient="row")


def completeness(seed: int = 3) -> pl.DataFrame:
    draw = np.random.default_rng(seed)
    rows = []
    for centre in CENTRES:
        for table in TABLES.values():
            n = int(draw.integers(2, 300)) * (centre != "C07") + 3 * (centre == "C07")
            for column in table.columns:
                filled = n if column.required else int(n * draw.uniform(0.5, 1))
                rows.append((centre, table.name, column.name, n, filled, filled / n if n else None))
    return pl.DataFrame(rows, schema=["centre_id", "table", "column", "n_rows", "n_filled", "share"], orient="row")


def counts() -> pl.DataFrame:
    rows = [
        (c, t, 300 + 7 * i + j, 298 + 7 * i + j - (i == 2) * 20, 2 + (i == 2) * 20)
        for i, c in enumerate(CENTRES)
        for j, t in enumerate(TABLES)
    ]
    return pl.DataFrame(rows, schema=["centre_id", "table", "read", "accepted", "quarantined"], orient="row")


def quarantine() -> pl.DataFrame:
    rows = [("C01", "lab_results", "range", 3), ("C01", "patients", "key", 1), ("C03", "patients", "token", 20)]
    return pl.DataFrame(rows, schema=["centre_id", "table", "rule", "n"], orient="row")


PARAMETERS = (Parameter("A", 60, "days", "reading", "P03"), Parameter("B", 0.1, "mg", "external", "design"))


@cache
def report_data(n_patients: int = 500) -> ReportData:
    judged = judgement(n_patients)
    return ReportData(
        judgement=judged,
        rates=rates(judged, RULES),
        options=options(judged, ()),
        scores=scores(),
        coverage=coverage(),
        completeness=completeness(),
        counts=counts(),
        quarantine=quarantine(),
        centres=CENTRES,
        rules=RULES,
        headline=RULES[:12],
        start=date(2022, 7, 30),
        end=date(2024, 6, 30),
        parameters={p.name: p for p in PARAMETERS},
        versions={"osteoconcord": "0.1.0", "polars": pl.__version__},
    )


def stand_in(monkeypatch) -> None:
    """Put the words of this audit where the reports look for those of the real rules."""
    monkeypatch.setitem(sys.modules, "scoring.concordance", SimpleNamespace(REASONS=REASONS, FLAGS=FLAGS))
    monkeypatch.setitem(sys.modules, "scoring.facts", SimpleNamespace(FACTS=FACTS))
