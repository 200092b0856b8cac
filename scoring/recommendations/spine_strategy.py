"""Surgical strategy of the spine by Tokuhashi and Tomita, and how it is decided (G1 3.8.5)."""

from functools import partial

import polars as pl

from scoring.core.recommendation import Domain, Grain, Ground, Recommendation, Risk, Strength
from scoring.core.text import G1, Source, Text

from . import parameters as P
from . import vocabularies as V
from .bounds import at_least, at_most, within

AGAINST_SURGERY = ("radiotherapy", "interventional", "systemic", "supportive", "surveillance")

_section = partial(Recommendation, domain=Domain.SPINE, source=Source(G1, "3.8.5"))
_assessment = partial(_section, grain=Grain.SPINAL_ASSESSMENT)
_procedure = partial(_section, grain=Grain.PROCEDURE)
_operated, _kind = pl.col("spinal_surgery"), pl.col("spinal_resection")
_life = pl.col("life_expectancy_days")
_given_strategy = V.given(
    ("en_bloc_resection", _kind == "en_bloc"),
    ("intralesional_resection", _kind == "intralesional"),
    ("palliative_surgery", _kind == "palliative"),
    ("surgery", _operated),
    ("conservative", pl.col("locally_treated")),
)
_other = {"tokuhashi": "tomita", "tomita": "tokuhashi"}
_names = {"tokuhashi": Text("six-item Tokuhashi", "Tokuhashi (six items)"), "tomita": Text("Tomita", "Tomita")}
_mdt_for_surgery = pl.col("mdt_decision") == "surgery"
_either_score = Text(
    "Where the two scores ask for different treatments either may be given, if an MDT meeting discussed it (S15).",
    "Quand les deux scores demandent des traitements différents, l'un ou l'autre peut être fait, si une RCP en a discuté (S15).",
)  # fmt: skip


def _accepted(score: str) -> Ground:
    """What was done is what the other table asks for, and a meeting discussed it."""
    return Ground(
        "other_score",
        pl.col(f"{_other[score]}_accepts") & pl.col("strategy_discussed"),
        Text("as the other score asks, discussed by the MDT", "ce que demande l'autre score, discuté en RCP"),
    )


def _facts(score: str) -> tuple[str, ...]:
    both = "spinal_surgery", "spinal_resection", "spinal_surgery_date", "tokuhashi_strategy", "tomita_strategy"
    return f"{score}_min", f"{score}_max", *both, f"{_other[score]}_accepts", "strategy_discussed", "mdt_decision"


def _surgery(
    number: str, score: str, low: int, high: int, band: pl.Expr, what: Text, kinds: tuple[str, ...], recommended: tuple[str, ...], reading: Text
) -> Recommendation:  # fmt: skip
    """A band that asks for one kind of surgery."""
    name = _names[score]
    if len(kinds) == 1:
        done, later = _kind == kinds[0], pl.col(f"{kinds[0]}_later")
    else:
        done, later = _kind.is_in(list(kinds)), pl.any_horizontal([pl.col(f"{kind}_later") for kind in kinds])
    return _assessment(
        id=f"G1-3.8.5-{number}", strength=Strength.PERMISSIVE,
        title=Text(f"{score.capitalize()} of {low} to {high}: {what.en}", f"{score.capitalize()} de {low} à {high} : {what.fr}"),
        population=Text(f"spinal metastases with a {name.en} score of {low} to {high}", f"métastases rachidiennes avec un score de {name.fr} de {low} à {high}"),
        action=Text(f"{what.en} in the {P.LOCAL_TREATMENT} days after", f"{what.fr} dans les {P.LOCAL_TREATMENT} jours"),
        applies=pl.col(f"opens_{score}") & band,
        met=_operated & done,
        due=pl.col("strategy_due"), observed=("procedures",),
        late=later,
        judged_on=_facts(score),
        vocabulary=V.SPINE, recommended=recommended, given=_given_strategy,
        exceptions=(_accepted(score),),
        mdt_against=pl.col("mdt_decision").is_in(list(AGAINST_SURGERY)),
        reading=Text(f"{reading.en} {_either_score.en}", f"{reading.fr} {_either_score.fr}"),
    )  # fmt: skip


RULES = (
    # Tokuhashi of 12 to 15: excisional surgery.
    _surgery(
        "01", "tokuhashi", 12, 15, at_least("tokuhashi", 12), Text("excisional surgery", "chirurgie ablative"), ("en_bloc", "intralesional"), ("excisional_surgery", "en_bloc_resection", "intralesional_resection"),
        Text("Excisional: en bloc or intralesional, the resections that the Tomita table prints beside it. Out of reach of a lung cancer other than a carcinoid (C01).", "Ablative : en bloc ou intralésionnelle, les résections imprimées en regard dans le tableau de Tomita. Hors d'atteinte d'un cancer du poumon non carcinoïde (C01)."),
    ),
    # Tokuhashi of 9 to 11: palliative surgery.
    _surgery(
        "02", "tokuhashi", 9, 11, within("tokuhashi", 9, 11), Text("palliative surgery", "chirurgie palliative"), ("palliative",), ("palliative_surgery",),
        Text("Palliative: no resection, or one recorded as palliative. Six items; as printed no lung cancer other than a carcinoid gets here (C01).", "Palliative : sans résection, ou avec une résection dite palliative. Six items ; tel qu'imprimé, aucun cancer du poumon non carcinoïde n'arrive ici (C01)."),
    ),
    # Tokuhashi of 0 to 8: conservative treatment.
    _assessment(
        id="G1-3.8.5-03", strength=Strength.PERMISSIVE,
        title=Text("Tokuhashi of 0 to 8: conservative treatment", "Tokuhashi de 0 à 8 : traitement conservateur"),
        population=Text("spinal metastases with a six-item Tokuhashi score of 0 to 8", "métastases rachidiennes avec un score de Tokuhashi (six items) de 0 à 8"),
        action=Text(f"no spinal surgery in the {P.LOCAL_TREATMENT} days after", f"pas de chirurgie rachidienne dans les {P.LOCAL_TREATMENT} jours"),
        applies=pl.col("opens_tokuhashi") & at_most("tokuhashi", 8),
        met=~_operated,
        judged_on=(*_facts("tokuhashi"), "sins_min", "neurological_deficit"),
        vocabulary=V.SPINE, recommended=("conservative", "none"), given=_given_strategy,
        exceptions=(
            Ground("sins_unstable", at_least("sins", 13), Text("unstable spine (SINS of 13 or more)", "rachis instable (SINS de 13 ou plus)")),
            Ground("neurological_deficit", pl.col("neurological_deficit"), Text("neurological deficit", "déficit neurologique")),
            _accepted("tokuhashi"),
        ),
        mdt_against=_mdt_for_surgery,
        reading=Text(f"Six items; as printed every lung cancer would fall here (C01, C02). {_either_score.en}", f"Six items ; tel qu'imprimé, tout cancer du poumon tomberait ici (C01, C02). {_either_score.fr}"),
    ),
    # Tomita of 2 or 3: en-bloc resection.
    _surgery(
        "04", "tomita", 2, 3, at_most("tomita", 3), Text("en-bloc resection", "résection en bloc"), ("en_bloc",), ("en_bloc_resection",),
        Text("A resection recorded as oncological counts as en bloc. Out of reach of a lung cancer other than a carcinoid.", "Une résection dite carcinologique compte comme en bloc. Hors d'atteinte d'un cancer du poumon non carcinoïde."),
    ),
    # Tomita of 4 or 5: intralesional resection.
    _surgery(
        "05", "tomita", 4, 5, within("tomita", 4, 5), Text("intralesional resection", "résection intralésionnelle"), ("intralesional",), ("intralesional_resection",),
        Text("The growth classes are those of Tomita 2001 (external): in lung cancer 5 is a single bone metastasis.", "Les classes de croissance sont celles de Tomita 2001 (externe) : dans le cancer du poumon, 5 est une métastase osseuse unique."),
    ),
    # Tomita of 6 or 7: palliative surgery.
    _surgery(
        "06", "tomita", 6, 7, within("tomita", 6, 7), Text("palliative surgery", "chirurgie palliative"), ("palliative",), ("palliative_surgery",),
        Text("The growth classes are those of Tomita 2001 (external). Palliative: no resection, or one recorded as palliative. Tokuhashi asks most of these patients for conservative treatment.", "Les classes de croissance sont celles de Tomita 2001 (externe). Palliative : sans résection, ou avec une résection dite palliative. Pour la plupart de ces patients, Tokuhashi demande un traitement conservateur."),
    ),
    # Tomita of 8 to 10: supportive care.
    _assessment(
        id="G1-3.8.5-07", strength=Strength.PERMISSIVE,
        title=Text("Tomita of 8 to 10: supportive care", "Tomita de 8 à 10 : soins de support"),
        population=Text("spinal metastases with a Tomita score of 8 to 10", "métastases rachidiennes avec un score de Tomita de 8 à 10"),
        action=Text(f"no spinal surgery in the {P.LOCAL_TREATMENT} days after", f"pas de chirurgie rachidienne dans les {P.LOCAL_TREATMENT} jours"),
        applies=pl.col("opens_tomita") & at_least("tomita", 8),
        met=~_operated,
        judged_on=(*_facts("tomita"), "mdt_before_surgery"),
        vocabulary=V.SPINE, recommended=("supportive_care", "conservative", "none"), given=_given_strategy,
        exceptions=(
            Ground("rcp_zone", within("tomita", 8, 8) & pl.col("mdt_before_surgery"), Text("score of 8, discussed by the MDT before surgery", "score de 8, discuté en RCP avant la chirurgie")),
            _accepted("tomita"),
        ),
        mdt_against=_mdt_for_surgery,
        reading=Text(f"The growth classes are those of Tomita 2001 (external). 8 is left to the MDT (C03); radiotherapy is no breach. {_either_score.en}", f"Les classes de croissance sont celles de Tomita 2001 (externe). 8 est laissé à la RCP (C03) ; la radiothérapie n'est pas un écart. {_either_score.fr}"),
    ),
    # Both scores are considered together before an operation.
    _procedure(
        id="G1-3.8.5-08", strength=Strength.PERMISSIVE,
        title=Text("Tokuhashi and Tomita both known before spinal surgery", "Tokuhashi et Tomita tous deux connus avant une chirurgie rachidienne"),
        population=Text("operations on the spine", "interventions sur le rachis"),
        action=Text(f"both scores at the last assessment of the {P.STATE} days before, or quoted by an MDT meeting of the {P.MDT_BEFORE} days before", f"les deux scores à la dernière évaluation des {P.STATE} jours précédents, ou cités par une RCP des {P.MDT_BEFORE} jours précédents"),
        applies=pl.col("category") == "spinal_surgery",
        met=pl.col("both_scores_quoted") | (pl.col("spine_assessed") & pl.col("tokuhashi_scored") & pl.col("tomita_scored")),
        judged_on=("category", "procedure_lesion", "spine_assessed", "both_scores_quoted", "tokuhashi_scored", "tomita_scored"),
        vocabulary=V.SCORES_BEFORE, recommended=("both_scores",),
        given=V.given(
            ("both_scores", pl.col("both_scores_quoted") | (pl.col("tokuhashi_scored") & pl.col("tomita_scored"))),
            ("one_score", pl.col("tokuhashi_scored").fill_null(False) | pl.col("tomita_scored").fill_null(False)),
        ),
        reading=Text("A score is on record when its items are, or when an MDT meeting quotes it. Six items for Tokuhashi.", "Un score est tracé quand ses items le sont, ou quand une RCP le cite. Six items pour Tokuhashi."),
    ),
    # Heavy surgery with a curative aim asks for a prolonged survival.
    _procedure(
        id="G1-3.8.5-09", strength=Strength.BINDING,
        title=Text("Heavy curative surgery of the spine when life expectancy exceeds one year", "Chirurgie rachidienne lourde à visée curatrice si l'espérance de vie dépasse un an"),
        population=Text("en-bloc or oncological resections and resection-reconstructions of the spine, unless their intent is palliative", "résections en bloc ou carcinologiques et résections-reconstructions du rachis, sauf intention palliative"),
        action=Text("life expectancy over one year", "espérance de vie de plus d'un an"),
        applies=(pl.col("category") == "spinal_surgery") & pl.col("heavy_resection") & (pl.col("procedure_intent") != "palliative").fill_null(True),
        met=_life > P.ONE_YEAR,
        judged_on=("category", "heavy_resection", "procedure_technique", "procedure_intent", "life_expectancy_days"),
        vocabulary=V.HEAVY_SURGERY, recommended=("none",), do_not=True, at_risk=Risk("clinical_assessments", _life <= P.ONE_YEAR, Text("patients with a life expectancy of one year or less", "patients dont l'espérance de vie est d'un an ou moins")), given=V.given(("heavy_surgery", pl.lit(True))),
        reading=Text("Prolonged: over one year, as in 3.7. As estimated before the operation, never the survival observed (P18).", "Prolongée : plus d'un an, comme en 3.7. Estimée avant l'intervention, jamais la survie observée (P18)."),
    ),
    # Decisions on a spinal metastasis are taken in a multidisciplinary meeting.
    _section(
        id="G1-3.8.5-10", grain=Grain.SPINAL_TREATMENT, strength=Strength.BINDING,
        title=Text("Local treatment of a spinal metastasis decided by the MDT", "Traitement local d'une métastase rachidienne décidé en RCP"),
        population=Text("operations, radiotherapy and interventional radiology of a spinal metastasis", "interventions, radiothérapies et gestes de radiologie interventionnelle sur une métastase rachidienne"),
        action=Text(f"MDT meeting in the {P.MDT_BEFORE} days before", f"RCP dans les {P.MDT_BEFORE} jours précédents"),
        applies=pl.col("spine_treated"), met=pl.col("mdt_before"),
        late=pl.col("mdt_too_early"),
        judged_on=("spine_treated", "mdt_before", "mdt_before_date", "surgical_treatment", "urgent_decompression", "mdt_soon_after"),
        vocabulary=V.MEETING, recommended=("mdt_before",),
        given=V.given(("mdt_before", pl.col("mdt_before")), ("mdt_after", pl.col("mdt_soon_after")), ("mdt_too_early", pl.col("mdt_too_early"))),
        exceptions=(
            Ground("urgent_decompression", pl.col("urgent_decompression") & pl.col("mdt_soon_after"), Text(f"urgent decompression, MDT within {P.MDT_AFTER_URGENT} days after", f"décompression urgente, RCP dans les {P.MDT_AFTER_URGENT} jours suivants")),
        ),
        ambers=(
            Ground("not_surgical", ~pl.col("surgical_treatment"), Text("no surgery: that the sentence covers it is a reading", "pas de chirurgie : que la phrase s'y applique est une lecture")),
        ),
        reading=Text("Decisions are read as those on any local treatment of the spine; only surgery without a meeting is a fault. G1 3.7 asks the same of every operation on a bone metastasis. 60 days before (P14).", "Les décisions sont lues comme celles de tout traitement local du rachis ; seule une chirurgie sans RCP est une faute. G1 3.7 demande la même chose de toute intervention sur une métastase osseuse. 60 jours avant (P14)."),
    ),
    # Scores are always part of an interdisciplinary discussion.
    _assessment(
        id="G1-3.8.5-11", strength=Strength.BINDING,
        title=Text("Scores discussed in an MDT meeting", "Scores discutés en RCP"),
        population=Text("spinal metastases with a known Tokuhashi or Tomita score", "métastases rachidiennes avec un score de Tokuhashi ou de Tomita connu"),
        action=Text(f"Tokuhashi or Tomita quoted by an MDT meeting, from {P.MDT_BEFORE} days before to {P.SCORES_QUOTED} days after", f"Tokuhashi ou Tomita cité par une RCP, de {P.MDT_BEFORE} jours avant à {P.SCORES_QUOTED} jours après"),
        applies=pl.col("prognosis_scored"),
        met=pl.col("scores_quoted"),
        due=pl.col("scores_quoted_due"), observed=("mdt_meetings",),
        late=pl.col("scores_quoted_later"),
        judged_on=("prognosis_scored", "scores_quoted", "meeting_held", "tokuhashi_min", "tokuhashi_max", "tomita_min", "tomita_max"),
        vocabulary=V.SCORES_QUOTED, recommended=("quoted",),
        given=V.given(("quoted", pl.col("scores_quoted")), ("later", pl.col("scores_quoted_later")), ("meeting_without", pl.col("meeting_held"))),
        ambers=(
            Ground("no_meeting", ~pl.col("meeting_held"), Text("no MDT meeting: whether the score was used is not known", "pas de RCP : on ignore si le score a servi")),
        ),
        reading=Text("Known: the items are on record. One of the two scores is enough; the delay is a reading (P14). Only a meeting that quotes neither is a fault: without a meeting it is not known whether a score served to decide.", "Connu : les items sont tracés. L'un des deux scores suffit ; le délai est une lecture (P14). Seule une RCP qui n'en cite aucun est une faute : sans RCP, on ignore si un score a servi à décider."),
    ),
)  # fmt: skip
