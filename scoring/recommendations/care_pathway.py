"""Care pathway, systemic therapy after surgery, and trials (G1 1, 3.7, 3.7.1, 4)."""

import polars as pl

from scoring.core.recommendation import Domain, Grain, Ground, Recommendation, Strength
from scoring.core.text import G1, Source, Text

from . import parameters as P
from . import vocabularies as V

_days = pl.col("days_since_surgery")

RULES = (
    # Bone metastases are cared for by several specialties together.
    Recommendation(
        id="G1-1-01", grain=Grain.PATIENT, domain=Domain.CARE_PATHWAY, strength=Strength.PERMISSIVE, source=Source(G1, "1"),
        title=Text("Multidisciplinary care of bone metastases", "Prise en charge multidisciplinaire des métastases osseuses"),
        population=Text("patients with a bone metastasis", "patients avec une métastase osseuse"),
        action=Text("MDT meeting of at least three of the specialties concerned within 60 days", "RCP réunissant au moins trois des spécialités concernées dans les 60 jours"),
        applies=pl.lit(True),
        met=pl.col("multidisciplinary"),
        due=pl.col("multidisciplinary_due"), observed=("mdt_meetings",),
        late=pl.col("multidisciplinary_late"),
        judged_on=("multidisciplinary", "multidisciplinary_date"),
        vocabulary=V.CARE, recommended=("done",),
        given=V.given(("done", pl.col("multidisciplinary")), ("other_time", pl.col("multidisciplinary_late"))),
        reading=Text("As far as possible; neither delay nor quorum is printed: 60 days (P14), three of the seven specialties listed, in one meeting.", "Dans la mesure du possible ; ni délai ni quorum imprimés : 60 jours (P14), trois des sept spécialités citées, dans une même RCP."),
    ),
    # Surgery is decided in an MDT meeting.
    Recommendation(
        id="G1-3.7-01", grain=Grain.PROCEDURE, domain=Domain.CARE_PATHWAY, strength=Strength.BINDING, source=Source(G1, "3.7"),
        title=Text("Surgery decided by the MDT", "Chirurgie décidée en RCP"),
        population=Text("operations on a bone metastasis", "interventions chirurgicales sur une métastase osseuse"),
        action=Text("MDT meeting in the 60 days before", "RCP dans les 60 jours précédents"),
        applies=pl.col("surgery"), met=pl.col("mdt_before"),
        late=pl.col("mdt_too_early"),
        judged_on=("category", "mdt_before", "mdt_before_date", "urgent", "mdt_soon_after"),
        vocabulary=V.MEETING, recommended=("mdt_before",),
        given=V.given(("mdt_before", pl.col("mdt_before")), ("mdt_after", pl.col("mdt_soon_after")), ("mdt_too_early", pl.col("mdt_too_early"))),
        exceptions=(
            Ground("urgent_meeting_after", pl.col("urgent") & pl.col("mdt_soon_after"), Text("urgent fracture or decompression, MDT within 14 days after", "fracture ou décompression urgente, RCP dans les 14 jours suivants")),
        ),
        aliases=("G2-1-04",),
        reading=Text("How long before is not printed: 60 days; an urgent act may be discussed within 14 days after (P14).", "L'ancienneté n'est pas imprimée : 60 jours ; un acte urgent peut être discuté dans les 14 jours suivants (P14)."),
    ),
    # Systemic therapy starts three weeks after surgery, on a healed wound.
    Recommendation(
        id="G1-3.7.1-09", grain=Grain.SYSTEMIC_LINE, domain=Domain.PERIOPERATIVE, strength=Strength.BINDING, source=Source(G1, "3.7.1"),
        title=Text("Systemic therapy three weeks after surgery, once healed", "Traitement systémique trois semaines après la chirurgie, une fois cicatrisé"),
        population=Text("lines of systemic therapy started in the 90 days after an operation", "lignes de traitement systémique débutées dans les 90 jours suivant une intervention"),
        action=Text("day 21 or later; from day 15 if urgent, healed and agreed by the surgeon", "21e jour ou après ; dès le 15e jour si urgent, cicatrisé et accepté par le chirurgien"),
        applies=pl.col("surgery_before"),
        met=pl.when(_days < P.RESTART_URGENT).then(False).when(~pl.col("healed_at_start")).then(False).when(_days >= P.RESTART).then(True)
        .otherwise(pl.col("urgent_line") & pl.col("healed_at_start") & pl.col("surgeon_agreed")),
        judged_on=("surgery_before", "days_since_surgery", "healed_at_start", "urgent_line", "surgeon_agreed", "line_class"),
        vocabulary=V.RESTART, recommended=("from_day_21",),
        given=V.given(("before_day_15", _days < P.RESTART_URGENT), ("day_15_to_20", _days < P.RESTART), ("from_day_21", _days >= P.RESTART)),
        reading=Text("Every anticancer drug. From day 21 on, a healing date that is not recorded is read as healed (P12).", "Tout médicament anticancéreux. À partir du 21e jour, une cicatrisation non datée est lue comme acquise (P12)."),
    ),
    # STEREO-OS was open for one to three bone metastases.
    Recommendation(
        id="G1-4-03", grain=Grain.PATIENT, domain=Domain.TRIALS, strength=Strength.PERMISSIVE, source=Source(G1, "4"),
        title=Text("STEREO-OS proposed for one to three bone metastases", "STEREO-OS proposé pour une à trois métastases osseuses"),
        population=Text("patients with one to three bone metastases found while the trial was open", "patients avec une à trois métastases osseuses découvertes pendant l'ouverture de l'essai"),
        action=Text("screened, enrolled, or a reason recorded other than not offered", "présélectionné, inclus, ou motif enregistré autre que « non proposé »"),
        applies=(pl.col("n_bone_metastases") >= 1) & (pl.col("n_bone_metastases") <= P.SBRT_MOST_SITES),
        met=pl.col("trial_screened"),
        judged_on=("n_bone_metastases", "trial_screened"),
        vocabulary=V.CARE, recommended=("done",), given=V.given(("done", pl.col("trial_screened"))),
        own_window=P.STEREO_OS_WINDOW,
        reading=Text("Judged while the trial was open (2018-01-01 to 2022-07-01), not by the date of the edition.", "Jugé pendant l'ouverture de l'essai (01/01/2018 au 01/07/2022), non par la date de l'édition."),
    ),
    # Few metastases: local treatments may be used.
    Recommendation(
        id="G1-3-02", grain=Grain.PATIENT, domain=Domain.CARE_PATHWAY, strength=Strength.OPTIONAL, source=Source(G1, "3"),
        title=Text("One or two bone metastases: local treatment possible", "Une ou deux métastases osseuses : traitement local possible"),
        population=Text(f"patients with one to {P.LOCAL_TREATMENT_SITES} bone metastases", f"patients avec une à {P.LOCAL_TREATMENT_SITES} métastases osseuses"),
        action=Text(f"the choice is left; the local treatments of the first {P.LOCAL_TREATMENT} days are reported", f"le choix est libre ; les traitements locaux des {P.LOCAL_TREATMENT} premiers jours sont relevés"),
        applies=(pl.col("n_bone_metastases") >= 1) & (pl.col("n_bone_metastases") <= P.LOCAL_TREATMENT_SITES), met=None,
        judged_on=("n_bone_metastases", "locally_irradiated", "locally_operated", "locally_intervened"),
        vocabulary=V.LOCAL_TREATMENT, recommended=("radiotherapy", "surgery", "interventional", "several", "none"),
        given=V.chosen(
            ("several", (pl.col("locally_irradiated") & pl.col("locally_operated")) | (pl.col("locally_irradiated") & pl.col("locally_intervened")) | (pl.col("locally_operated") & pl.col("locally_intervened"))),
            ("radiotherapy", pl.col("locally_irradiated")), ("surgery", pl.col("locally_operated")), ("interventional", pl.col("locally_intervened")),
        ),
        reading=Text(f"Sites are read as bone metastases; no delay is printed: {P.LOCAL_TREATMENT} days (P14), any bone lesion.", f"Les sites sont lus comme métastases osseuses ; aucun délai n'est imprimé : {P.LOCAL_TREATMENT} jours (P14), toute lésion osseuse."),
    ),
)  # fmt: skip
