"""Eligibility for ablative stereotactic radiotherapy of oligometastases (S07, G1 3.5.5), criterion by criterion."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from scoring.context import Context, Timeline, day_of
from scoring.core.classification import ClassColumn, Classification
from scoring.core.text import G1, Source, Text
from scoring.facts.decisions import Acts, Decisions, select
from scoring.facts.library import SPINE, SPINE_SURGEONS, Library
from scoring.recommendations import parameters as P

from . import inputs
from .columns import DATE, UNKNOWN, first_of, listed
from .declared import declare

BELOW_CONUS = ("L3", "L4", "L5", "S1", "S2", "S3", "S4", "S5", "coccyx")

CRITERIA = {
    "mdt_validation": Text("validation by the MDT meeting", "validation en RCP"),
    "bone_sites": Text("one to three bone metastases", "une à trois métastases osseuses"),
    "well_delimited": Text("volume well delimited on imaging", "volume bien délimité en imagerie"),
    "visceral_metastases": Text("no visceral metastasis", "absence de métastase viscérale"),
    "brain_metastases": Text("no brain metastasis", "absence de métastase cérébrale"),
    "disease_controlled": Text("stabilised disease", "maladie stabilisée"),
    "cord_compression": Text("no symptomatic cord compression", "absence de compression médullaire symptomatique"),
    "instability": Text("no vertebral instability", "absence d'instabilité vertébrale"),
    "surgical_opinion": Text("surgeon's opinion on a potentially unstable vertebra", "avis chirurgical sur une vertèbre potentiellement instable"),
    "radionuclide": Text("no recent radionuclide therapy", "absence de radiothérapie métabolique récente"),
    "recent_radiotherapy": Text("no recent radiotherapy of the lesion", "absence de radiothérapie récente de la lésion"),
    "life_expectancy": Text("life expectancy of three months or more", "espérance de vie de trois mois ou plus"),
    "canal_narrowing": Text("canal narrowing of 25 % or less", "rétrécissement canalaire de 25 % ou moins"),
    "cord_distance": Text("5 mm or more from tumour to cord", "5 mm ou plus entre la tumeur et la moelle"),
}  # fmt: skip
"""The conditions and contraindications in the order of the text; each is met, not met or not known."""


def courses(context: Context) -> pl.DataFrame:
    """One row per course known to be stereotactic and ablative, as of its first fraction."""
    ablative = (pl.col("technique") == "stereotactic") & (pl.col("intent") == "ablative")
    rows = context.rows("radiotherapy_courses").filter(ablative)
    d = Decisions(context, rows.select("pid", "lid", "day", entity_id="course_id"))
    library = Library(context)
    validated, unrecorded = library.meetings_validating_sbrt()
    return _judged(d, library, d.occurred_or_perhaps(validated, unrecorded, -P.MDT_BEFORE, 0)).rename(
        {"entity_id": "course_id"}
    )


def requests(context: Context) -> pl.DataFrame:
    """One row per meeting that says whether it validated ablative radiotherapy, and lesion discussed, as of the meeting."""
    meetings = context.rows("mdt_meetings").filter(pl.col("sbrt_validated").is_not_null())
    lesions = context.lesions.select("pid", "lid", "lesion_id", found="day")
    named = pl.col("lesion_ids").list.len().fill_null(0) > 0
    meetings = meetings.select("pid", "day", "sbrt_validated", "mdt_id", "lesion_ids")
    about = (
        meetings.filter(named)
        .with_columns(pl.col("lesion_ids").list.unique())
        .explode("lesion_ids")
        .join(lesions, left_on=["pid", "lesion_ids"], right_on=["pid", "lesion_id"])
    )
    general = meetings.filter(~named).join(lesions, on="pid").filter(pl.col("found") <= pl.col("day"))
    columns = ["pid", "lid", "day", "mdt_id", "sbrt_validated"]
    rows = pl.concat([about.select(columns), general.select(columns)])
    d = Decisions(context, rows.select("pid", "lid", "day", entity_id="mdt_id"))
    return _judged(d, Library(context), rows["sbrt_validated"]).rename({"entity_id": "mdt_id"})


def _judged(d: Decisions, library: Library, validated: pl.Series) -> pl.DataFrame:
    d.add(mdt_validation=validated)
    _add_disease(d)
    _add_earlier_treatment(d)
    _add_spine(d, library)
    size = d.state("max_size_mm", P.STATE, table="lesion_assessments", key="lid")
    return decide(d.frame).with_columns(max_size_mm=size, date=pl.col("index_date"))


def decide(rows: pl.DataFrame) -> pl.DataFrame:
    """Eligibility from one column per criterion: true where it is met, null where it is not known."""
    met = {name: pl.col(name) for name in CRITERIA}
    failed = pl.any_horizontal([~criterion for criterion in met.values()])
    return rows.with_columns(
        eligibility=first_of({"not_eligible": failed, "eligible": pl.all_horizontal(met.values())}),
        failing=listed({name: ~criterion for name, criterion in met.items()}),
        missing=listed({name: criterion.is_null() for name, criterion in met.items()}),
    )


def _add_disease(d: Decisions) -> None:
    sites, status = d.state("n_bone_metastases", P.STATE), d.state("disease_status", P.STATE)
    d.add(
        bone_sites=select((sites >= 1) & (sites <= P.SBRT_MOST_SITES)),
        well_delimited=d.state("well_delimited", P.STATE, table="lesion_assessments", key="lid"),
        visceral_metastases=select(d.state("visceral_metastases", P.STATE) == "none"),
        brain_metastases=select(~d.state("brain_metastases", P.STATE)),
        disease_controlled=select(
            pl.when(status == "controlled").then(True).when(status == "progressive").then(False).otherwise(None)
        ),
        life_expectancy=select(d.state("life_expectancy_days", P.STATE) >= P.THREE_MONTHS),
    )


def _add_earlier_treatment(d: Decisions) -> None:
    """Radionuclide therapy, and radiotherapy of the lesion that ended less than three months before."""
    since = 1 - P.THREE_MONTHS
    drugs = d.context.rows("drug_administrations").filter(pl.col("drug") == "radionuclide")
    radionuclide = Acts(d.context, "drug_administrations", drugs, "patient")
    rows = d.context.rows("radiotherapy_courses").with_columns(end_day=pl.coalesce(day_of("end_date"), "day"))
    on_lesion = _latest_end(d, rows, "lid")
    unplaced = _latest_end(d, rows.filter(pl.col("lid").is_null()), "pid")
    perhaps = unplaced.zip_with(d["lid"].is_not_null(), _latest_end(d, rows, "pid"))
    d.add(
        radionuclide=select(~d.occurred(radionuclide, since, 0)),
        recent_radiotherapy=select(
            pl.when(on_lesion >= d.day(since)).then(False)
            .when(perhaps >= d.day(since)).then(None)
            .when(d.provable("radiotherapy_courses", since)).then(True)
            .otherwise(None)
        ),
    )  # fmt: skip


def _latest_end(d: Decisions, rows: pl.DataFrame, key: str) -> pl.Series:
    """The last day of any course that started before the decision."""
    rows = rows.sort(key, "day", "course_id").with_columns(pl.col("end_day").cum_max().over(key))
    started = Timeline(rows, key, ["course_id"])
    return started.take("end_day", started.last(d[key], d.day(-1)))


def _add_spine(d: Decisions, library: Library) -> None:
    """The contraindications of a spinal target; a lesion elsewhere has none of them."""
    anatomy = d.frame.select("lid").join(
        d.context.lesions.select("lid", "bone", "vertebral_level"), on="lid", how="left", maintain_order="left"
    )
    elsewhere = ~anatomy["bone"].is_in(list(SPINE))
    level, sacrum = anatomy["vertebral_level"], anatomy["bone"] == "sacrum"
    # A distance is recorded only where there is cord: a level that is not recorded does not set it aside.
    below_conus = select(
        pl.when(level.is_not_null()).then(level.is_in(list(BELOW_CONUS))).otherwise(sacrum.fill_null(False))
    )
    compression, narrowing, distance = (
        d.state(column, P.STATE, table="spinal_assessments", key="lid")
        for column in ("cord_compression", "canal_narrowing_percent", "tumour_cord_distance_mm")
    )
    d.add(
        cord_compression=select(elsewhere | (compression != "symptomatic")),
        canal_narrowing=select(elsewhere | (narrowing <= P.CANAL_NARROWING)),
        cord_distance=select(elsewhere | below_conus | (distance >= P.CORD_DISTANCE)),
    )
    _add_stability(d, library, elsewhere)


def _add_stability(d: Decisions, library: Library, elsewhere: pl.Series) -> None:
    sins = declare("sins")
    known = Timeline(sins.evaluate(inputs.spinal_assessments(d.context)), "lid", ["assessment_id"])
    position = known.last(d["lid"], d["day"])
    position = select(pl.when(known.take("day", position) >= d.day(-P.STATE)).then(position))
    low, high = known.take("total_min", position), known.take("total_max", position)
    _, potentially, unstable = sins.bands
    not_unstable = select(pl.when(low >= unstable.low).then(False).when(high < unstable.low).then(True).otherwise(None))
    no_opinion_needed = select(
        pl.when((low >= potentially.low) & (high <= potentially.high)).then(False)
        .when((high < potentially.low) | (low > potentially.high)).then(True)
        .otherwise(None)
    )  # fmt: skip
    with_surgeon, unrecorded = library.meetings_with(SPINE_SURGEONS)
    opinion = d.occurred(library.surgical_opinions, -P.MDT_BEFORE, 0) | d.occurred_or_perhaps(
        with_surgeon, unrecorded, -P.MDT_BEFORE, 0
    )
    stabilised = d.occurred(library.stabilisations, -P.STABILISED, 0)
    d.add(
        instability=select(elsewhere | not_unstable | stabilised),
        surgical_opinion=select(
            elsewhere | no_opinion_needed | pl.when(d["lid"].is_not_null()).then(opinion) | stabilised
        ),
    )


_ELIGIBILITY = ClassColumn(
    "eligibility", Text("Eligibility", "Éligibilité"), "token",
    {"eligible": Text("eligible", "éligible"), "not_eligible": Text("not eligible", "non éligible")} | UNKNOWN,
)  # fmt: skip
_FAILING = ClassColumn("failing", Text("Criteria not met", "Critères non remplis"), "tokens", CRITERIA)
_MISSING = ClassColumn("missing", Text("Criteria not known", "Critères non connus"), "tokens", CRITERIA)
_MISSING_OF_A_REQUEST = replace(
    _MISSING, words={name: words for name, words in CRITERIA.items() if name != "mdt_validation"}
)
_SIZE = ClassColumn(
    "max_size_mm", Text("Largest diameter of the lesion", "Plus grand diamètre de la lésion"), "number", unit="mm"
)
_HOLES = (
    Text("A limited size is asked for without a threshold: the size is shown and never decides.",
         "Une taille limitée est demandée sans seuil : la taille est affichée et ne décide jamais."),
    Text("Exactly three months, 25 % and 5 mm are allowed, as the signs are printed (P19, C25).",
         "Trois mois, 25 % et 5 mm exactement sont admis, selon les signes imprimés (P19, C25)."),
    Text("Validated: by a meeting on the lesion within the days before (parameter MDT_BEFORE, P14).",
         "Validée : par une RCP sur la lésion dans les jours précédents (paramètre MDT_BEFORE, P14)."),
    Text("One to three sites here, two or fewer for local treatment in G1 3: each number in its own place (C11).",
         "Ici une à trois localisations, deux au plus pour un traitement local dans G1 3 : chaque nombre à sa place (C11)."),
    Text("Whether a brain metastasis is visceral is not said: it is read as one, under a name of its own.",
         "Le texte ne dit pas si une métastase cérébrale est viscérale : elle est lue comme telle, sous un nom à part."),
    Text("Stabilised: the last status recorded says controlled; a disease just found is not excluded.",
         "Stabilisée : le dernier statut noté dit contrôlée ; une maladie qui vient d'être découverte n'est pas exclue."),
    Text("Instability has no cut-off: a SINS of 13 or more is read as unstable, 7 to 12 asks for a surgeon's opinion, and a vertebra stabilised by surgery before satisfies both.",
         "L'instabilité n'a pas de seuil : un SINS de 13 ou plus est lu comme instable, de 7 à 12 un avis chirurgical est demandé, et une vertèbre déjà stabilisée par chirurgie satisfait aux deux."),
    Text("Radionuclide therapy: the printed three months are read as qualifying it too.",
         "Radiothérapie métabolique : les trois mois imprimés sont lus comme la qualifiant aussi."),
    Text("Earlier radiotherapy: of the same lesion, counted from its last fraction.",
         "Radiothérapie antérieure : de la même lésion, comptée depuis sa dernière séance."),
    Text("Area or diameter of the canal is not said: the percentage is taken as reported.",
         "Surface ou diamètre du canal : non précisé ; le pourcentage est repris tel quel."),
    Text("Compression, instability, narrowing and distance concern vertebrae and the sacrum alone.",
         "Compression, instabilité, rétrécissement et distance ne concernent que les vertèbres et le sacrum."),
)  # fmt: skip
_EXTERNAL = (
    Text("That the cord ends above L3, so that the distance to it has no meaning from L3 down, is anatomy and not printed.",
         "Que la moelle s'arrête au-dessus de L3, de sorte que la distance n'a plus de sens à partir de L3, relève de l'anatomie et n'est pas imprimé."),
)  # fmt: skip

SBRT_ELIGIBILITY = Classification(
    id="sbrt_eligibility",
    code="S07",
    title=Text("Eligibility for ablative stereotactic radiotherapy", "Éligibilité à la radiothérapie stéréotaxique ablative"),
    row=Text("ablative stereotactic course, as of its first fraction", "irradiation stéréotaxique ablative, à la date de la première séance"),
    source=Source(G1, "3.5.5"),
    keys=("patient_id", "course_id"),
    columns=(DATE, _ELIGIBILITY, _FAILING, _MISSING, _SIZE),
    headline="eligibility",
    evaluate=courses,
    holes=(
        *_HOLES,
        Text("A course of which the technique or the intent is not recorded has no row.",
             "Une irradiation dont la technique ou l'intention n'est pas notée n'a pas de ligne."),
    ),
    external=_EXTERNAL,
)  # fmt: skip
SBRT_REQUESTS = Classification(
    id="sbrt_requests",
    code="S07",
    title=Text("Eligibility when the MDT meeting was asked for ablative stereotactic radiotherapy", "Éligibilité lors d'une demande de radiothérapie stéréotaxique ablative en RCP"),
    row=Text("lesion and meeting that says whether it validated ablative radiotherapy", "lésion et RCP disant si la radiothérapie ablative est validée"),
    source=Source(G1, "3.5.5"),
    keys=("patient_id", "mdt_id", "lesion_id"),
    columns=(DATE, _ELIGIBILITY, _FAILING, _MISSING_OF_A_REQUEST, _SIZE),
    headline="eligibility",
    evaluate=requests,
    holes=(
        *_HOLES,
        Text("Asked for: the meeting says whether it validated it. A meeting that names no lesion counts for every lesion found by then.",
             "Demande : la RCP dit si elle l'a validée. Une RCP qui ne nomme aucune lésion vaut pour toutes celles découvertes à cette date."),
    ),
    external=_EXTERNAL,
)  # fmt: skip
