"""Spinal metastases and cord compression (G1 3.5.3, 3.8.1, 3.8.5)."""

from functools import partial

import polars as pl

from scoring.core.recommendation import Domain, Grain, Ground, Recommendation, Strength
from scoring.core.text import G1, Source, Text

from . import vocabularies as V
from .bounds import at_least, at_most, within

_surgery_date, _radiotherapy_date = pl.col("compression_surgery_date"), pl.col("compression_radiotherapy_date")
_spine = partial(Recommendation, grain=Grain.SPINAL_ASSESSMENT, domain=Domain.SPINE)
_given_strategy = V.given(("surgery", pl.col("spinal_surgery")))
_opinion = pl.col("surgeon_consulted") | pl.col("surgeon_at_mdt")
_mdt_for_surgery = pl.col("mdt_decision") == "surgery"

RULES = (
    # Cord compression: radiotherapy as an emergency, or neurosurgery and then radiotherapy.
    Recommendation(
        id="G1-3.5.3-01", grain=Grain.CORD_COMPRESSION, domain=Domain.RADIOTHERAPY, strength=Strength.PERMISSIVE, source=Source(G1, "3.5.3"),
        title=Text("Cord compression: emergency radiotherapy, or surgery then radiotherapy", "Compression médullaire : radiothérapie en urgence, ou chirurgie puis radiothérapie"),
        population=Text("spinal metastases with cord compression", "métastases rachidiennes avec compression médullaire"),
        action=Text("radiotherapy or surgery within 2 days; after surgery, radiotherapy within 28 days", "radiothérapie ou chirurgie dans les 2 jours ; après chirurgie, radiothérapie dans les 28 jours"),
        applies=pl.lit(True),
        met=pl.col("compression_treated"),
        due=pl.col("compression_due"), observed=("radiotherapy_courses", "procedures"),
        late=pl.col("compression_treated_late"),
        judged_on=("compression_treated", "compression_radiotherapy_date", "compression_surgery_date", "radiotherapy_after_surgery_date"),
        vocabulary=V.CORD_COMPRESSION, recommended=("radiotherapy", "surgery_then_radiotherapy"),
        given=V.given(
            ("surgery_then_radiotherapy", (_surgery_date < _radiotherapy_date) | (_surgery_date.is_not_null() & pl.col("radiotherapy_after_surgery_date").is_not_null())),
            ("radiotherapy", _radiotherapy_date.is_not_null()),
            ("surgery", _surgery_date.is_not_null()),
        ),
        reading=Text("No hour is printed: 48 hours, read as 2 days (P23).", "Aucun délai n'est imprimé : 48 heures, lues comme 2 jours (P23)."),
    ),
    # SINS of 7 or more: ask a surgeon.
    _spine(
        id="G1-3.8.1-01", strength=Strength.BINDING, source=Source(G1, "3.8.1"),
        title=Text("SINS of 7 or more: surgeon's opinion", "SINS de 7 ou plus : avis chirurgical"),
        population=Text("spinal lesions with a SINS of 7 to 18", "lésions rachidiennes avec un SINS de 7 à 18"),
        action=Text("opinion of a spine surgeon, or MDT meeting with one, within 14 days (2 days from SINS 13)", "avis d'un chirurgien du rachis, ou RCP avec lui, dans les 14 jours (2 jours à partir de SINS 13)"),
        applies=pl.col("opens_sins") & at_least("sins", 7),
        met=_opinion,
        due=pl.col("surgical_opinion_due"), observed=("consultations", "mdt_meetings"),
        late=pl.col("surgical_opinion_late"),
        judged_on=("sins_min", "sins_max", "surgeon_consulted", "surgeon_at_mdt", "surgical_opinion_date"),
        vocabulary=V.OPINION, recommended=("surgical_opinion",),
        given=V.given(("surgical_opinion", _opinion), ("late_opinion", pl.col("surgical_opinion_late"))),
        reading=Text("The text gives no delay: 14 days, 2 days from SINS 13. The lower bound of the score decides.", "Le texte ne donne pas de délai : 14 jours, 2 jours à partir de SINS 13. La borne inférieure du score décide."),
    ),
    # Tokuhashi of 0 to 8: conservative treatment.
    _spine(
        id="G1-3.8.5-03", strength=Strength.PERMISSIVE, source=Source(G1, "3.8.5"),
        title=Text("Tokuhashi of 0 to 8: conservative treatment", "Tokuhashi de 0 à 8 : traitement conservateur"),
        population=Text("spinal metastases with a six-item Tokuhashi score of 0 to 8", "métastases rachidiennes avec un score de Tokuhashi (six items) de 0 à 8"),
        action=Text("no spinal surgery in the 60 days after", "pas de chirurgie rachidienne dans les 60 jours"),
        applies=pl.col("opens_tokuhashi") & at_most("tokuhashi", 8),
        met=~pl.col("spinal_surgery"),
        judged_on=("tokuhashi_min", "tokuhashi_max", "spinal_surgery", "spinal_surgery_date", "sins_min", "neurological_deficit", "mdt_decision"),
        vocabulary=V.SPINE, recommended=("conservative", "none"), given=_given_strategy,
        exceptions=(
            Ground("sins_unstable", at_least("sins", 13), Text("unstable spine (SINS of 13 or more)", "rachis instable (SINS de 13 ou plus)")),
            Ground("neurological_deficit", pl.col("neurological_deficit"), Text("neurological deficit", "déficit neurologique")),
        ),
        mdt_against=_mdt_for_surgery,
        reading=Text("Six items; as printed every lung cancer would fall here (C01, C02).", "Six items ; tel qu'imprimé, tout cancer du poumon tomberait ici (C01, C02)."),
    ),
    # Tomita of 8 to 10: supportive care.
    _spine(
        id="G1-3.8.5-07", strength=Strength.PERMISSIVE, source=Source(G1, "3.8.5"),
        title=Text("Tomita of 8 to 10: supportive care", "Tomita de 8 à 10 : soins de support"),
        population=Text("spinal metastases with a Tomita score of 8 to 10", "métastases rachidiennes avec un score de Tomita de 8 à 10"),
        action=Text("no spinal surgery in the 60 days after", "pas de chirurgie rachidienne dans les 60 jours"),
        applies=pl.col("opens_tomita") & at_least("tomita", 8),
        met=~pl.col("spinal_surgery"),
        judged_on=("tomita_min", "tomita_max", "spinal_surgery", "spinal_surgery_date", "mdt_before_surgery", "mdt_decision"),
        vocabulary=V.SPINE, recommended=("supportive_care", "none"), given=_given_strategy,
        exceptions=(
            Ground("rcp_zone", within("tomita", 8, 8) & pl.col("mdt_before_surgery"), Text("score of 8, discussed by the MDT before surgery", "score de 8, discuté en RCP avant la chirurgie")),
        ),
        mdt_against=_mdt_for_surgery,
        reading=Text("The growth classes are those of Tomita 2001 (external). 8 is left to the MDT (C03).", "Les classes de croissance sont celles de Tomita 2001 (externe). 8 est laissé à la RCP (C03)."),
    ),
)  # fmt: skip
