"""Skeletal-related events (G1 1): radiotherapy for pain or decompression, fracture, operation, cord compression.

One classification lists the events of every patient, the other gives the first event and the skeletal morbidity rate.
"""

from __future__ import annotations

import polars as pl

from scoring.context import Context, Timeline, day_of
from scoring.core.classification import ClassColumn, Classification
from scoring.core.text import G1, Source, Text
from scoring.facts.decisions import Decisions, select
from scoring.facts.library import SURGERY, is_fixation
from scoring.recommendations import parameters as P

from .inputs import COMPRESSED

TABLES = ("radiotherapy_courses", "procedures", "lesion_assessments", "spinal_assessments")
"""The tables that hold skeletal events: whether there was one is known only where all four are."""

COUNTED = {
    "fracture": Text("pathological fracture", "fracture pathologique"),
    "cord_compression": Text("cord compression", "compression médullaire"),
    "surgery": Text("operation on bone or spine", "chirurgie osseuse ou rachidienne"),
    "radiotherapy": Text("radiotherapy for pain or decompression", "radiothérapie antalgique ou décompressive"),
}
"""The events that count, in the order in which those of one day are numbered: the reason before what answers to it."""
EVENTS = COUNTED | {
    "radiotherapy_of_unknown_intent": Text(
        "radiotherapy of unrecorded intent (may count)",
        "radiothérapie d'intention non renseignée (compte peut-être)",
    ),
    "postoperative_radiotherapy": Text(
        "post-operative radiotherapy (set apart)", "radiothérapie postopératoire (comptée à part)"
    ),
    "percutaneous_fixation": Text(
        "percutaneous fixation by interventional radiology (set apart)",
        "ostéosynthèse percutanée par radiologie interventionnelle (comptée à part)",
    ),
}
MISSING = {
    "discovery": Text("discovery of a bone metastasis", "découverte d'une métastase osseuse"),
    "end_of_observation": Text("end of observation", "fin de l'observation"),
    "radiotherapy_courses": Text("radiotherapy courses, complete", "radiothérapies, exhaustives"),
    "procedures": Text("procedures, complete", "gestes, exhaustifs"),
    "lesion_assessments": Text("lesion assessments, complete", "évaluations des lésions, exhaustives"),
    "spinal_assessments": Text("spinal assessments, complete", "évaluations rachidiennes, exhaustives"),
    "intent": Text("intent of a radiotherapy course", "intention d'une radiothérapie"),
    "fracture_status": Text("fracture status of a lesion", "statut fracturaire d'une lésion"),
    "cord_compression": Text("cord compression at an assessment", "compression médullaire à une évaluation"),
}
"""What may be lacking to know that there was no event, and the rate."""
_HIDES_EVENTS = ("discovery", *TABLES, "fracture_status", "cord_compression")
"""Of these, what may hide an event before the first that is recorded, besides a course without intent."""


def events(context: Context) -> pl.DataFrame:
    """Every event and every act that may count or is set apart: pid, lid, day, record_id, event, counts (three-valued)."""
    found = pl.concat([fractures(context), compressions(context), _procedures(context), _courses(context)])
    order = pl.col("event").replace_strict({event: place for place, event in enumerate(EVENTS)}, return_dtype=pl.Int32)
    return found.sort("pid", "day", order, "lid", "record_id", nulls_last=True)


def fractures(context: Context) -> pl.DataFrame:
    """The fracture of each lesion, on the first day known: a lesion breaks once."""
    lesions, spinal = context.rows("lesion_assessments"), context.rows("spinal_assessments")
    broken = (pl.col("fracture_status") == "pathological_fracture") | pl.col("fracture_date").is_not_null()
    seen = pl.concat(
        [
            _rows(lesions.filter(broken), "assessment_id", day_of(pl.coalesce("fracture_date", "date"))),
            _rows(spinal.filter(pl.col("collapse_percent") > P.COLLAPSED), "assessment_id", pl.col("day")),
        ]
    )
    first = seen.sort("lid", "day", "record_id").unique("lid", keep="first", maintain_order=True)
    return first.with_columns(event=pl.lit("fracture"), counts=pl.lit(True))


def compressions(context: Context) -> pl.DataFrame:
    """The cord compressions of each lesion: assessments in a row that show one are one compression, on the first day known."""
    rows = context.rows("spinal_assessments").filter(pl.col("cord_compression").is_not_null())
    compressed = pl.col("cord_compression").is_in(list(COMPRESSED))
    rows = rows.sort("lid", "day", "assessment_id").with_columns(compressed=compressed)
    before = pl.col("compressed").shift(1) & pl.col("lid").eq_missing(pl.col("lid").shift(1))
    opens = pl.col("compressed") & ~before.fill_null(False)
    rows = rows.with_columns(episode=opens.cum_sum()).filter("compressed")
    seen = _rows(rows, "assessment_id", day_of(pl.coalesce("compression_date", "date")), "episode")
    first = seen.sort("lid", "day", "record_id").unique(["lid", "episode"], keep="first", maintain_order=True)
    # A date carried over from an earlier compression opens no other.
    first = first.unique(["lid", "day"], keep="first", maintain_order=True).drop("episode")
    return first.with_columns(event=pl.lit("cord_compression"), counts=pl.lit(True))


def _procedures(context: Context) -> pl.DataFrame:
    surgery = pl.col("category").is_in(list(SURGERY))
    kept = context.rows("procedures").filter(surgery | is_fixation())
    event = pl.when(surgery).then(pl.lit("surgery")).otherwise(pl.lit("percutaneous_fixation"))
    rows = _rows(kept.with_columns(event=event), "procedure_id", pl.col("day"), "event")
    return rows.with_columns(counts=pl.col("event") == "surgery")


def _courses(context: Context) -> pl.DataFrame:
    """Courses by their intent; without one, a course that follows an operation is post-operative, any other may count."""
    intent, linked = pl.col("intent"), pl.col("linked_procedure_id").is_not_null()
    event = (
        pl.when(intent.is_null() & linked).then(pl.lit("postoperative_radiotherapy"))
        .when(intent.is_null()).then(pl.lit("radiotherapy_of_unknown_intent"))
        .when(intent.is_in(["analgesic", "decompressive"])).then(pl.lit("radiotherapy"))
        .when(intent == "postoperative").then(pl.lit("postoperative_radiotherapy"))
        .otherwise(None)
    )  # fmt: skip
    kept = context.rows("radiotherapy_courses").with_columns(event=event).filter(pl.col("event").is_not_null())
    counts = pl.when(pl.col("event") != "radiotherapy_of_unknown_intent").then(pl.col("event") == "radiotherapy")
    return _rows(kept, "course_id", pl.col("day"), "event").with_columns(counts=counts)


def _rows(frame: pl.DataFrame, key: str, day: pl.Expr, *more: str) -> pl.DataFrame:
    return frame.select("pid", "lid", day.alias("day"), pl.col(key).alias("record_id"), *more)


def clusters(days: pl.DataFrame) -> pl.DataFrame:
    """The clusters of events of each patient (pid, day): pid, day of the first event, cluster (its number).

    An event joins the cluster whose first event lies at most P.SKELETAL_EVENTS_MERGED days before it; a later one opens the next.
    """
    timeline = Timeline(days, "pid")
    starts = days.group_by("pid").agg(pl.col("day").min())
    found = [starts.with_columns(cluster=pl.lit(1, pl.Int32))]
    while starts.height:
        after = timeline.first_day(starts["pid"], starts["day"] + P.SKELETAL_EVENTS_MERGED + 1)
        starts = starts.with_columns(day=after).drop_nulls("day")
        found.append(starts.with_columns(cluster=pl.lit(len(found) + 1, pl.Int32)))
    return pl.concat(found)


def _discovery(context: Context) -> pl.DataFrame:
    return context.lesions.group_by("pid").agg(discovery_day=pl.col("day").min())


def evaluate_events(context: Context) -> pl.DataFrame:
    """One row per event, numbered by day within its patient."""
    rows = events(context).join(_discovery(context), on="pid", how="left", maintain_order="left")
    counted = Timeline(clusters(rows.filter("counts").select("pid", "day")), "pid")
    cluster = counted.take("cluster", counted.last(rows["pid"], rows["day"]))
    lesions = context.lesions.select("lid", "lesion_id")
    days = pl.col("day") - pl.col("discovery_day")
    return (
        rows.with_columns(cluster=cluster)
        .join(context.patients.select("pid", "patient_id"), on="pid", how="left", maintain_order="left")
        .join(lesions, on="lid", how="left", maintain_order="left")
        .with_columns(
            event_number=pl.int_range(1, pl.len() + 1).over("pid"),
            date=pl.col("day").cast(pl.Date),
            cluster=pl.when("counts").then("cluster"),
            days_from_discovery=days,
            inaugural=days <= P.INAUGURAL,
        )
    )


def evaluate_morbidity(context: Context) -> pl.DataFrame:
    """One row per patient with a bone lesion or an event."""
    rows = events(context)
    patients = pl.concat([context.lesions.select("pid"), rows.select("pid")]).unique().sort("pid")
    found = patients.join(_discovery(context), on="pid", how="left", maintain_order="left")
    d = Decisions(context, found.select("pid", day="discovery_day", entity_id=pl.lit("")))
    _add_numbers(d, rows)
    _add_missing(d, rows)
    _add_first(d, rows)
    _add_rate(d, rows)
    return d.frame


def _add_numbers(d: Decisions, rows: pl.DataFrame) -> None:
    counted, post = pl.col("counts").fill_null(False), pl.col("event") == "postoperative_radiotherapy"
    d.add(
        n_events=_number(d, rows.filter(counted)),
        n_merged=_merged(d, rows.filter(counted)),
        n_not_known=_number(d, rows.filter(pl.col("counts").is_null())),
        n_merged_if_all_count=_merged(d, rows.filter(counted | pl.col("counts").is_null())),
        n_merged_with_postoperative=_merged(d, rows.filter(counted | post)),
        n_percutaneous=_number(d, rows.filter(pl.col("event") == "percutaneous_fixation")),
    )


def _number(d: Decisions, rows: pl.DataFrame) -> pl.Series:
    number = rows.group_by("pid").agg(n=pl.len().cast(pl.Int32))
    return d.frame.select("pid").join(number, on="pid", how="left", maintain_order="left")["n"].fill_null(0)


def _merged(d: Decisions, rows: pl.DataFrame) -> pl.Series:
    return _number(d, clusters(rows.select("pid", "day")))


def _add_missing(d: Decisions, rows: pl.DataFrame) -> None:
    ends = d.observed_until(*TABLES)
    days = ends - d["day"]
    spinal = d.context.rows("spinal_assessments")
    lacks = {
        "discovery": d["day"].is_null(),
        "end_of_observation": d["day"].is_not_null() & ~(days >= 0).fill_null(False),
        **{table: ~d.provable(table, 0).fill_null(False) for table in TABLES},
        "intent": _has(d, rows.filter(pl.col("counts").is_null())),
        "fracture_status": _has(d, _fracture_not_recorded(d.context)),
        "cord_compression": _has(d, spinal.filter(pl.col("cord_compression").is_null())),
    }
    words = [pl.when(lacking).then(pl.lit(name)) for name, lacking in lacks.items()]
    unseen = pl.any_horizontal([lacks[name] for name in ("discovery", "end_of_observation", *TABLES)])
    d.add(missing=pl.concat_str(words, separator="|", ignore_nulls=True))
    d.add(
        days_observed=select(pl.when(~unseen).then(days)),
        end_day=ends,
        any_event=pl.when(pl.col("n_events") > 0).then(True).when(pl.col("missing") == "").then(False).otherwise(None),
    )


def _add_first(d: Decisions, rows: pl.DataFrame) -> None:
    """The first event that counts; null where another that is not known may have come before it."""
    counted = rows.filter("counts").unique("pid", keep="first", maintain_order=True)
    perhaps = rows.filter(pl.col("counts").is_null()).group_by("pid").agg(perhaps_day=pl.col("day").min())
    first = counted.select("pid", recorded_day="day", recorded_event="event").join(perhaps, on="pid", how="left")
    first = d.frame.select("pid").join(first, on="pid", how="left", maintain_order="left")
    recorded = first["recorded_day"]
    unseen = pl.any_horizontal([pl.col("missing").str.split("|").list.contains(name) for name in _HIDES_EVENTS])
    sure = (recorded <= first["perhaps_day"]).fill_null(True) & ~d.frame.select(unseen).to_series()
    days = recorded - d["day"]
    d.add(
        first_event=select(pl.when(sure).then(first["recorded_event"])),
        first_event_date=select(pl.when(sure).then(recorded)).cast(pl.Date),
        days_to_first_event=select(pl.when(sure).then(days)),
        days_to_first_at_most=days,
        first_is_inaugural=select(pl.when((days <= P.INAUGURAL) | sure).then(days <= P.INAUGURAL)),
    )


def _has(d: Decisions, rows: pl.DataFrame) -> pl.Series:
    return d["pid"].is_in(rows["pid"].unique().to_list())


def _fracture_not_recorded(context: Context) -> pl.DataFrame:
    """Unbroken lesions of which no assessment of the last day says whether they are broken."""
    status = pl.col("fracture_status").is_not_null() | pl.col("fracture_date").is_not_null()
    looks = pl.concat(
        [
            context.rows("lesion_assessments").select("pid", "lid", "day", recorded=status),
            context.rows("spinal_assessments").select("pid", "lid", "day", recorded=pl.col("collapse_percent").is_not_null()),
        ]
    )  # fmt: skip
    last = looks.filter(pl.col("day") == pl.col("day").max().over("lid"))
    open_ = last.group_by("pid", "lid").agg(pl.col("recorded").any()).filter(~pl.col("recorded"))
    return open_.join(fractures(context), on="lid", how="anti")


def _add_rate(d: Decisions, rows: pl.DataFrame) -> None:
    """Merged events per year from the discovery to the end of observation."""
    observed = rows.filter("counts").join(d.frame.select("pid", "end_day", since="day", seen="days_observed"), on="pid")
    inside = observed.filter((pl.col("day") >= pl.col("since")) & (pl.col("day") <= pl.col("end_day")))
    number = _merged(d, inside)
    d.add(n_merged_observed=select(pl.when(d["days_observed"].is_not_null()).then(number)))
    known = (pl.col("missing") == "") & (pl.col("days_observed") > 0)
    d.add(
        morbidity_rate=pl.when(known).then(pl.col("n_merged_observed") * P.ONE_YEAR / pl.col("days_observed")),
    )


_HOLES = (
    Text(
        f"The text names no operation of the spine, no fracture of a vertebra and no size of it: both count, and a vertebra that lost more than {P.COLLAPSED:.0f}% of its height is fractured. A lesion breaks once.",
        f"Le texte ne cite ni la chirurgie du rachis ni la fracture vertébrale, et ne donne pas de seuil : les deux comptent, et une vertèbre qui a perdu plus de {P.COLLAPSED:.0f} % de sa hauteur est fracturée. Une lésion ne se fracture qu'une fois.",
    ),
    Text(
        "A compression that is seen on imaging alone counts, since the text does not ask for symptoms. Assessments in a row that show a compression are one; after an assessment without, the next is another.",
        "Une compression uniquement radiologique compte, le texte n'exigeant pas de symptôme. Des évaluations successives avec compression n'en font qu'une ; après une évaluation sans compression, la suivante en est une autre.",
    ),
    Text(
        "Interventional radiology is not in the list and does not count; percutaneous fixation by a radiologist is shown apart. What a surgeon's procedure is follows its category. Metabolic radiotherapy is not named and does not count.",
        "La radiologie interventionnelle n'est pas dans la liste et ne compte pas ; l'ostéosynthèse percutanée par un radiologue est montrée à part. La catégorie du geste dit ce qui est chirurgical. La radiothérapie métabolique n'est pas citée et ne compte pas.",
    ),
    Text(
        "The recorded intent of a course decides: ablative, preventive and post-operative courses do not count, whatever their technique; post-operative ones are shown apart, so that they can be added. Without an intent, a course linked to an operation is post-operative; any other may count and is counted as not known.",
        "L'intention renseignée décide : les radiothérapies ablatives, préventives et postopératoires ne comptent pas, quelle que soit la technique ; les postopératoires sont montrées à part, pour pouvoir être ajoutées. Sans intention, une radiothérapie liée à une opération est postopératoire ; toute autre compte peut-être et reste « non connue ».",
    ),
    Text(
        "Hypercalcaemia no longer counts: the text says so.",
        "L'hypercalcémie ne compte plus : le texte le dit.",
    ),
    Text(
        f"Neither the origin of the time nor the end of the inaugural period is printed: the discovery of the first bone lesion, and {P.INAUGURAL} days after it; an event before the discovery is inaugural.",
        f"Ni l'origine du délai ni la fin de la période inaugurale ne sont imprimées : découverte de la première lésion osseuse, et {P.INAUGURAL} jours après ; un événement antérieur à la découverte est inaugural.",
    ),
)  # fmt: skip
_EXTERNAL = (
    Text(
        f"The text prints no window in which events are one. As trials do, those of a patient, on any bone, that lie at most {P.SKELETAL_EVENTS_MERGED} days after the first of them are one: a fracture, its operation and its radiotherapy.",
        f"Le texte n'imprime pas de délai de regroupement. Comme dans les essais, les événements d'un patient, tous os confondus, survenus au plus {P.SKELETAL_EVENTS_MERGED} jours après le premier d'entre eux n'en font qu'un : une fracture, son opération et sa radiothérapie.",
    ),
)  # fmt: skip

SKELETAL_EVENTS = Classification(
    id="skeletal_events",
    code="S01",
    title=Text("Skeletal-related events", "Événements osseux"),
    row=Text(
        "skeletal event, or act that may be one or is set apart",
        "événement osseux, ou acte qui en est peut-être un ou est compté à part",
    ),
    source=Source(G1, "1"),
    keys=("patient_id", "event_number", "lesion_id", "record_id"),
    columns=(
        ClassColumn("event", Text("Event", "Événement"), "token", EVENTS),
        ClassColumn("counts", Text("Counts as a skeletal event", "Compte comme événement osseux"), "bool"),
        ClassColumn("date", Text("Date", "Date"), "date"),
        ClassColumn("cluster", Text("Merged event", "Événement regroupé"), "number"),
        ClassColumn("days_from_discovery", Text("Days from the discovery", "Délai depuis la découverte"), "days"),
        ClassColumn("inaugural", Text("Inaugural", "Inaugural"), "bool"),
    ),
    headline="event",
    evaluate=evaluate_events,
    holes=_HOLES,
    external=_EXTERNAL,
)
SKELETAL_MORBIDITY = Classification(
    id="skeletal_morbidity",
    code="S01",
    title=Text("First skeletal-related event and skeletal morbidity rate", "Premier événement osseux et taux d'événements osseux"),
    row=Text("patient with a bone lesion or an event", "patient avec une lésion osseuse ou un événement"),
    source=Source(G1, "1"),
    keys=("patient_id",),
    columns=(
        ClassColumn("any_event", Text("Any skeletal event", "Au moins un événement osseux"), "bool"),
        ClassColumn("n_events", Text("Events recorded", "Événements enregistrés"), "number"),
        ClassColumn("n_merged", Text("Merged events recorded", "Événements regroupés enregistrés"), "number"),
        ClassColumn("n_not_known", Text("Courses that may count", "Radiothérapies qui comptent peut-être"), "number"),
        ClassColumn("n_merged_if_all_count", Text("Merged events if these count", "Événements regroupés si elles comptent"), "number"),
        ClassColumn("n_merged_with_postoperative", Text("Merged events with post-operative radiotherapy", "Événements regroupés, radiothérapies postopératoires incluses"), "number"),
        ClassColumn("n_percutaneous", Text("Percutaneous fixations, set apart", "Ostéosynthèses percutanées, à part"), "number"),
        ClassColumn("first_event", Text("First event", "Premier événement"), "token", COUNTED),
        ClassColumn("first_event_date", Text("Date of the first event", "Date du premier événement"), "date"),
        ClassColumn("days_to_first_event", Text("From the discovery to the first event", "De la découverte au premier événement"), "days"),
        ClassColumn("days_to_first_at_most", Text("From the discovery to the first event, at most", "De la découverte au premier événement, au plus"), "days"),
        ClassColumn("first_is_inaugural", Text("First event inaugural", "Premier événement inaugural"), "bool"),
        ClassColumn("days_observed", Text("Time observed from the discovery", "Durée d'observation depuis la découverte"), "days"),
        ClassColumn("n_merged_observed", Text("Merged events in that time", "Événements regroupés dans cette durée"), "number"),
        ClassColumn("morbidity_rate", Text("Skeletal morbidity rate", "Taux d'événements osseux"), "number", unit="/year"),
        ClassColumn("missing", Text("What is not known", "Ce qui n'est pas connu"), "tokens", MISSING),
    ),
    headline="any_event",
    evaluate=evaluate_morbidity,
    holes=(
        *_HOLES,
        Text(
            "No rate is printed. It is the number of merged events between the discovery and the end of observation, per year; it is given only where all four tables are complete from the discovery, and no intent, fracture status or compression is left open.",
            "Aucun taux n'est imprimé. C'est le nombre d'événements regroupés entre la découverte et la fin de l'observation, par an ; il n'est donné que si les quatre tables sont exhaustives depuis la découverte et si aucune intention, aucun statut fracturaire et aucune compression ne reste non renseigné.",
        ),
        Text(
            "The first event is known only where no other can have come before it: tables complete from the discovery, no fracture status or compression left open, no earlier course without intent. The time to the first event that is recorded is then a highest value.",
            "Le premier événement n'est connu que si aucun autre n'a pu le précéder : tables exhaustives depuis la découverte, ni statut fracturaire ni compression non renseignés, pas de radiothérapie antérieure sans intention. Sinon, le délai jusqu'au premier événement enregistré est un maximum.",
        ),
    ),
    external=_EXTERNAL,
    grows=True,
)  # fmt: skip
