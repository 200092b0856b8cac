"""Clinical trials that the guideline lists (G1 3.5, 4); STEREO-OS stands in care_pathway."""

from functools import partial

import polars as pl

from scoring.core.recommendation import Domain, Grain, Recommendation, Strength
from scoring.core.text import G1, Source, Text

from . import parameters as P
from . import vocabularies as V

_n = pl.col("n_bone_metastases")
_trial = partial(
    Recommendation, domain=Domain.TRIALS, strength=Strength.PERMISSIVE, vocabulary=V.CARE, recommended=("done",)
)
_proposed = Text(
    "screened, enrolled, or a reason recorded other than not offered",
    "présélectionné, inclus, ou motif enregistré autre que « non proposé »",
)
_open = Text("Judged while the trial was open, not by the date of the edition.", "Jugé pendant l'ouverture de l'essai, non par la date de l'édition.")  # fmt: skip


def _done(fact: str) -> pl.Expr:
    return V.given(("done", pl.col(fact)))


RULES = (
    # Inclusion in clinical trials is made easy.
    _trial(
        id="G1-3.5-02", grain=Grain.PATIENT, source=Source(G1, "3.5"),
        title=Text("A listed trial proposed while one was open", "Un essai listé proposé tant qu'il en était un d'ouvert"),
        population=Text("patients whose bone metastases were found while a listed trial was open to them", "patients dont les métastases osseuses ont été découvertes pendant qu'un essai listé leur était ouvert"),
        action=_proposed,
        applies=pl.col("telocap02_open")
        | (pl.col("stereo_os_open") & (_n >= 1) & (_n <= P.SBRT_MOST_SITES))
        | (pl.col("prism_open") & pl.col("antiresorptive_in_time")),
        met=pl.col("trial_proposed"),
        judged_on=("n_bone_metastases", "antiresorptive_in_time", "trial_proposed"),
        given=_done("trial_proposed"),
        own_window=P.TRIALS_WINDOW,
        reading=Text("To facilitate is to propose: any of the four trials counts. Telocap02 was open to every metastatic lung cancer, STEREO-OS to one to three bone metastases, PRISM to patients given an antiresorptive.",
                     "Faciliter, c'est proposer : chacun des quatre essais compte. Telocap02 était ouvert à tout cancer du poumon métastatique, STEREO-OS à une à trois métastases osseuses, PRISM aux patients recevant un antirésorptif."),
    ),
    # LIBELULE was open to suspected metastatic lung cancer.
    _trial(
        id="G1-4-01", grain=Grain.SUSPICION, source=Source(G1, "4"),
        title=Text("LIBELULE proposed when metastatic lung cancer was suspected", "LIBELULE proposé devant une suspicion de cancer du poumon métastatique"),
        population=Text("patients with lung cancer suspected while the trial was open, and metastatic by the end of the initial work-up", "patients avec un cancer du poumon suspecté pendant l'ouverture de l'essai et métastatique à la fin du bilan initial"),
        action=_proposed,
        applies=pl.col("suspicion_known") & pl.col("metastatic_at_workup"),
        met=pl.col("libelule_proposed"),
        judged_on=("suspicion_known", "metastatic_at_workup", "libelule_proposed"),
        given=_done("libelule_proposed"),
        own_window=P.LIBELULE_WINDOW,
        reading=_open,
    ),
    # PRISM was open to patients with bone metastases given an injectable antiresorptive.
    _trial(
        id="G1-4-02", grain=Grain.ANTIRESORPTIVE_COURSE, source=Source(G1, "4"),
        title=Text("PRISM proposed to patients given an injectable antiresorptive", "PRISM proposé aux patients recevant un antirésorptif injectable"),
        population=Text("courses of antiresorptive started while the trial was open", "traitements antirésorptifs débutés pendant l'ouverture de l'essai"),
        action=_proposed,
        applies=pl.lit(True), met=pl.col("prism_proposed"),
        judged_on=("prism_proposed",),
        given=_done("prism_proposed"),
        own_window=P.PRISM_WINDOW,
        reading=Text("One dose received is enough. Judged while the trial was open, not by the date of the edition.", "Une dose reçue suffit. Jugé pendant l'ouverture de l'essai, non par la date de l'édition."),
    ),
    # Telocap02 was open to metastatic lung cancer.
    _trial(
        id="G1-4-04", grain=Grain.METASTATIC_DISEASE, source=Source(G1, "4"),
        title=Text("Telocap02 proposed in metastatic lung cancer", "Telocap02 proposé en cas de cancer du poumon métastatique"),
        population=Text("patients whose lung cancer was known to be metastatic while the trial was open", "patients dont le cancer du poumon a été reconnu métastatique pendant l'ouverture de l'essai"),
        action=_proposed,
        applies=pl.lit(True), met=pl.col("telocap02_proposed"),
        judged_on=("telocap02_proposed",),
        given=_done("telocap02_proposed"),
        own_window=P.TELOCAP02_WINDOW,
        reading=_open,
    ),
)  # fmt: skip
