"""The cohort beside the reference figures that the guideline prints (E01-E25 of its catalogue).

For plausibility only: none of the figures has a printed confidence interval, and a cohort outside one is a reason to
look at the data, not an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import polars as pl

from validation.rules import Words

from .coherence import LONG_BONES
from .model import Cohort, Metric, frame_of

RARE_BONES = ("radius", "ulna", "fibula", "metacarpal", "metatarsal")
OPERATIONS = ("orthopaedic_surgery", "spinal_surgery")
ABLATIONS = ("radiofrequency_ablation", "microwave_ablation", "cryoablation")
AUGMENTATIONS = ("vertebroplasty", "vertebroplasty_with_implant", "kyphoplasty")
WINDOWS = {
    "LIBELULE": (date(2019, 4, 10), date(2021, 7, 1)),
    "PRISM": (date(2016, 5, 30), date(2022, 5, 30)),
    "STEREO_OS": (date(2018, 1, 1), date(2022, 7, 1)),
    "TELOCAP02": (date(2015, 12, 1), date(2021, 6, 30)),
}

NOT_COMPARED = {
    "E01": "its denominator is every lung cancer; a registry of bone metastases holds none without",
    "E05": "no number printed",
    "E06": "no number printed",
    "E08": "speaks of untreated patients only, whom a registry of care hardly holds",
    "E09": "the contract has no radiation dose of a scintigraphy",
    "E10": "needs radiographs made beside every scintigraphy",
    "E11": "needs a reference standard",
    "E12": "needs the verdict on the flare phenomenon, which is a score",
    "E13": "needs regular pain scores after radiotherapy",
    "E14": "needs pain scores after cementoplasty, and prints no duration",
    "E15": "needs pain scores after cementoplasty",
    "E24": "no number printed",
}
"""Figures that a cohort of bone metastases cannot be set beside, and why."""

Hits = Callable[[Cohort], pl.DataFrame]
"""One row per thing that is counted: centre_id, hit; of lung cancers with bone metastases alone."""


@dataclass(frozen=True)
class Figure:
    """One printed figure: what is counted, where it lies, what is printed, and why to be careful.

    A figure has limits, or one `point` around which a tolerance is allowed, or is `rare`; both allowances are readings.
    """

    id: str
    table: str
    column: str
    hits: Hits
    words: Words
    printed: Words
    caveat: Words
    low: float | None = None
    high: float | None = None
    point: float | None = None
    rare: bool = False
    chance: bool = True

    def limits(self, tolerance: float, rare: float) -> tuple[float | None, float | None]:
        """The limits that the share is set against."""
        if self.rare:
            return None, rare
        if self.point is not None:
            return max(0.0, self.point - tolerance), min(1.0, self.point + tolerance)
        return self.low, self.high


def _patients(table: str, condition: pl.Expr) -> Hits:
    """Patients with such a row."""

    def hits(cohort: Cohort) -> pl.DataFrame:
        return _of_lung_patients(cohort, cohort.with_row(table, cohort[table].select(condition).to_series()))

    return hits


def _of_lung_patients(cohort: Cohort, hit: pl.Series) -> pl.DataFrame:
    """A statement about every row of `patients`, of the patients with lung cancer alone."""
    return pl.DataFrame({"centre_id": cohort["patients"]["centre_id"], "hit": hit}).filter(cohort.is_lung)


def _rows(table: str, among: pl.Expr, condition: pl.Expr) -> Hits:
    """Rows that meet a condition, among those of which something holds; a row of which it is not known stays out."""

    def hits(cohort: Cohort) -> pl.DataFrame:
        return cohort.of_lung(table).filter(among).select("centre_id", hit=condition).drop_nulls("hit").collect()

    return hits


def _multiple(cohort: Cohort) -> pl.DataFrame:
    """Patients by whether they have two bone metastases or more: lesions of their own, or told at an assessment."""
    twice = cohort.patient_numbers("bone_lesions").value_counts().filter(pl.col("count") >= 2)["patient_id"]
    told = cohort.with_row("clinical_assessments", cohort["clinical_assessments"]["n_bone_metastases"] >= 2)
    return _of_lung_patients(cohort, told.scatter(twice, True))


def _fractured_limbs(cohort: Cohort) -> pl.DataFrame:
    """Limb lesions with a pathological fracture, and whether a limb operation of the patient followed."""
    limbs = cohort.of_lung("bone_lesions").filter(pl.col("bone").is_in(LONG_BONES)).select("lesion_id", "centre_id")
    broken = cohort["lesion_assessments"].filter(pl.col("fracture_status") == "pathological_fracture")
    operated = cohort["procedures"].filter(pl.col("category") == "orthopaedic_surgery").drop_nulls("lesion_id")
    known = limbs.collect().join(broken, on="lesion_id", how="semi")
    return known.select("centre_id", hit=pl.col("lesion_id").is_in(operated["lesion_id"].implode()))


_LEVEL = pl.col("vertebral_level").cast(pl.String).str.slice(0, 1)
_NIGHTS = (pl.col("discharge_date") - pl.col("admission_date")).dt.total_days()
_SITES = ("vertebra", "rib", "pelvis", *LONG_BONES)

_SITE_CAVEAT = Words(
    "shares of sites, not of patients, within four classes; the sacrum is left out",
    "parts des sites, non des patients, au sein de quatre classes ; sacrum exclu",
)
_LEVEL_CAVEAT = Words("of 40% of spinal sites; the sacrum is left out", "sur 40 % de sites rachidiens ; sacrum exclu")
_EVENT_CAVEAT = Words(
    "the types are not exclusive, and whether patients or events are counted is not printed",
    "les types ne s'excluent pas, et le dénominateur (patients ou événements) n'est pas imprimé",
)
_RARE = Words("rare", "rare")
_RARE_CAVEAT = Words("no number printed: the limit is a reading", "aucun chiffre imprimé : la limite est une lecture")
_POINT_CAVEAT = Words(
    "no interval printed: the tolerance is a reading", "aucun intervalle imprimé : la tolérance est une lecture"
)


def _site(id_: str, bones: tuple[str, ...], point: float, words: Words) -> Figure:
    hits = _rows("bone_lesions", pl.col("bone").is_in(_SITES), pl.col("bone").is_in(bones))
    printed = Words(f"{point:.0%}", f"{100 * point:.0f} %")
    return Figure(id_, "bone_lesions", "bone", hits, words, printed, _SITE_CAVEAT, point=point)


def _level(letter: str, part: int, words: Words) -> Figure:
    hits = _rows("bone_lesions", (pl.col("bone") == "vertebra") & _LEVEL.is_in(["C", "T", "L"]), _LEVEL.eq(letter))
    printed = Words(f"{part} of 40", f"{part} sur 40")
    return Figure(
        f"E04-{letter}", "bone_lesions", "vertebral_level", hits, words, printed, _LEVEL_CAVEAT, point=part / 40
    )


def _event(id_: str, table: str, column: str, condition: pl.Expr, low: float, high: float, words: Words) -> Figure:
    printed = Words(f"{100 * low:.0f}–{100 * high:.0f}%", f"{100 * low:.0f}–{100 * high:.0f} %")
    return Figure(id_, table, column, _patients(table, condition), words, printed, _EVENT_CAVEAT, low, high)


def _rarely(id_: str, table: str, column: str, among: pl.Expr, condition: pl.Expr, words: Words) -> Figure:
    return Figure(id_, table, column, _rows(table, among, condition), words, _RARE, _RARE_CAVEAT, rare=True)


_ALL = pl.lit(True)
_WINDOW = pl.any_horizontal(
    [(pl.col("trial") == trial) & pl.col("enrolled_date").is_between(*window) for trial, window in WINDOWS.items()]
)

FIGURES: tuple[Figure, ...] = (
    Figure(
        "E02", "bone_lesions", "lesion_id", _multiple,
        Words("Patients with several bone metastases", "Patients à métastases osseuses multiples"),
        Words("80%", "80 %"), _POINT_CAVEAT, point=0.8,
    ),
    _site("E03-spine", ("vertebra",), 0.40, Words("Lesions of the spine", "Lésions du rachis")),
    _site("E03-long", LONG_BONES, 0.32, Words("Lesions of long bones", "Lésions des os longs")),
    _site("E03-ribs", ("rib",), 0.18, Words("Lesions of the ribs", "Lésions du gril costal")),
    _site("E03-pelvis", ("pelvis",), 0.10, Words("Lesions of the pelvis", "Lésions du bassin")),
    _level("T", 20, Words("Thoracic among vertebral lesions", "Part dorsale des lésions vertébrales")),
    _level("L", 15, Words("Lumbar among vertebral lesions", "Part lombaire des lésions vertébrales")),
    _level("C", 5, Words("Cervical among vertebral lesions", "Part cervicale des lésions vertébrales")),
    _event(
        "E07-radiotherapy", "radiotherapy_courses", "course_id", pl.col("course_id").is_not_null(), 0.50, 0.70,
        Words("Patients with bone radiotherapy", "Patients irradiés sur l'os"),
    ),
    _event(
        "E07-fracture", "lesion_assessments", "fracture_status", pl.col("fracture_status") == "pathological_fracture",
        0.07, 0.35, Words("Patients with a pathological fracture", "Patients avec fracture pathologique"),
    ),
    _event(
        "E07-surgery", "procedures", "category", pl.col("category").is_in(OPERATIONS), 0.05, 0.09,
        Words("Patients operated on a bone", "Patients opérés de l'os"),
    ),
    _event(
        "E07-compression", "spinal_assessments", "cord_compression",
        pl.col("cord_compression").is_in(["radiological", "symptomatic"]), 0.01, 0.15,
        Words("Patients with cord compression", "Patients avec compression médullaire"),
    ),
    Figure(
        "E16", "lesion_assessments", "lesion_type",
        _rows("lesion_assessments", _ALL, pl.col("lesion_type") == "lytic"),
        Words("Assessments of a lytic lesion", "Évaluations de lésion lytique"),
        Words("mostly", "en majorité"), Words("assessments, not lesions, are counted", "évaluations comptées, non lésions"),
        low=0.5,
    ),
    _rarely(
        "E17", "bone_lesions", "bone", _ALL, pl.col("bone").is_in(RARE_BONES),
        Words("Lesions of the forearm, the fibula, hand or foot", "Lésions de l'avant-bras, de la fibula, de la main ou du pied"),
    ),
    _rarely(
        "E18", "imaging_exams", "hypervascular_confirmed", _ALL, pl.col("hypervascular_confirmed"),
        Words("Hypervascular among examinations that say so or not", "Hypervascularisation parmi les examens renseignés"),
    ),
    _rarely(
        "E19", "radiotherapy_courses", "technique", pl.col("technique").is_not_null() & pl.col("intent").is_not_null(),
        (pl.col("technique") == "stereotactic") & (pl.col("intent") == "ablative"),
        Words("Ablative stereotactic among radiotherapy courses", "Stéréotaxie ablative parmi les irradiations"),
    ),
    _rarely(
        "E20", "procedures", "resection_extent", pl.col("category").is_in(OPERATIONS),
        pl.col("resection_extent") == "oncological",
        Words("Oncological resection among operations", "Résection carcinologique parmi les opérations"),
    ),
    Figure(
        "E21", "procedures", "lesion_id", _fractured_limbs,
        Words("Fractured limb lesions that were operated", "Lésions fracturées des membres opérées"),
        Words("mostly", "dans la majorité des cas"),
        Words("operations without a lesion are not counted", "opérations sans lésion non comptées"), low=0.5,
    ),
    Figure(
        "E22", "procedures", "discharge_date",
        _rows("procedures", pl.col("technique").is_in(ABLATIONS), _NIGHTS.is_between(1, 2)),
        Words("Ablations with a stay of one or two nights", "Ablations avec une ou deux nuits de séjour"),
        Words("24–48 h", "24–48 h"), Words("days are read as nights", "jours lus comme des nuits"), low=0.5,
    ),
    _rarely(
        "E23", "procedures", "technique", pl.col("technique").is_in(AUGMENTATIONS), pl.col("technique") == "kyphoplasty",
        Words("Kyphoplasty among vertebral augmentations", "Cyphoplastie parmi les augmentations vertébrales"),
    ),
    Figure(
        "E25", "trial_screenings", "enrolled_date",
        _rows("trial_screenings", pl.col("enrolled_date").is_not_null(), _WINDOW),
        Words("Trial enrolments within the window of the trial", "Inclusions dans la période de l'essai"),
        Words("all", "toutes"), Words("the windows printed with the trials", "les périodes imprimées avec les essais"),
        low=1.0, chance=False,
    ),
)  # fmt: skip

_ADVICE = Words(
    "Nothing if your recruitment explains it; otherwise check how this is recorded and exported.",
    "Rien si le recrutement l'explique ; sinon vérifier comment cela est enregistré et exporté.",
)

METRICS = tuple(
    Metric(f"plausibility:{figure.id}", "share", figure.words, _ADVICE, note=figure.caveat) for figure in FIGURES
)

FIGURE_OF = {f"plausibility:{figure.id}": figure for figure in FIGURES}
"""The figure of every metric of this topic."""


def plausibility(cohort: Cohort, tolerance: float, rare: float) -> pl.DataFrame:
    """The share of every figure in each centre that supplied its table and in the network, with its 95 % interval."""
    rows = [row for figure in FIGURES for row in _measured(cohort, figure, *figure.limits(tolerance, rare))]
    return frame_of(rows)


def _measured(cohort: Cohort, figure: Figure, low: float | None, high: float | None) -> Iterator[dict[str, object]]:
    supplied = cohort.coverage.filter(pl.col("supplied"), pl.col("table") == figure.table)
    centre = pl.col("centre_id").cast(pl.String)
    hits = figure.hits(cohort).group_by(centre).agg(n=pl.len(), k=pl.col("hit").sum())
    centres = hits.join(supplied, on="centre_id", how="semi").sort("centre_id")
    network = centres.select(pl.lit(None, pl.String).alias("centre_id"), pl.col("n", "k").sum()).filter(pl.col("n") > 0)
    counted = pl.concat([network, centres])
    lower, upper = _wilson(pl.col("k"), pl.col("n"))
    if not figure.chance:
        lower = upper = pl.col("k") / pl.col("n")
    for row in counted.with_columns(lower=lower, upper=upper).iter_rows(named=True):
        yield {
            "metric": f"plausibility:{figure.id}", "centre_id": row["centre_id"], "table": figure.table,
            "column": figure.column, "value": row["k"] / row["n"], "lower": row["lower"], "upper": row["upper"],
            "n": row["n"], "n_concerned": row["k"], "low": low, "high": high,
        }  # fmt: skip


def _wilson(k: pl.Expr, n: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """The Wilson 95 % interval of k of n."""
    n = n.cast(pl.Float64)  # the square of a count does not fit into a count
    z, share = 1.959964, k / n
    spread = z * (share * (1 - share) / n + z**2 / (4 * n**2)).sqrt()
    middle, scale = share + z**2 / (2 * n), 1 + z**2 / n
    return ((middle - spread) / scale).clip(0.0, 1.0), ((middle + spread) / scale).clip(0.0, 1.0)
