"""When radiotherapy and systemic therapy begin again after an operation (S18; G1 3.5.4, 3.7.1, G2 3, 5)."""

from __future__ import annotations

import polars as pl

from scoring.context import Context, Timeline, day_of
from scoring.core.classification import ClassColumn, Classification
from scoring.core.text import G1, Source, Text
from scoring.facts.library import SURGERY
from scoring.recommendations import parameters as P

from .columns import DATE, UNKNOWN, first_of

_operated, _start = pl.col("operated"), pl.col("start")


def evaluate(context: Context) -> pl.DataFrame:
    """One row per operation that was, or may have been, followed by radiotherapy or systemic therapy."""
    operations = context.rows("procedures").filter(pl.col("category").is_in(list(SURGERY)))
    operations = operations.select(
        "patient_id", "procedure_id", "date", "pid", "lid",
        operated="day", healed=day_of("wound_healed_date"), agreed=day_of("surgeon_agreement_date"),
    )  # fmt: skip
    rows = operations.join(_radiotherapy(context, operations), on="procedure_id", how="left")
    rows = rows.join(_systemic(context, operations), on="procedure_id", how="left")
    treated = pl.col("radiotherapy").is_not_null() | pl.col("systemic").is_not_null()
    return rows.filter(treated).with_columns(
        pl.col("radiotherapy", "systemic", "systemic_class").fill_null("none_recorded")
    )


# Radiotherapy


def _radiotherapy(context: Context, operations: pl.DataFrame) -> pl.DataFrame:
    """procedure_id, the status and the day of the first course that follows."""
    courses = context.rows("radiotherapy_courses").select(
        "pid", "course_id", "intent", "skin_healed", "linked_procedure_id", course_lesion="lid", start="day"
    )
    linked = operations.join(
        courses.drop("pid"), left_on="procedure_id", right_on="linked_procedure_id"
    ).filter(_start >= _operated)  # fmt: skip
    unlinked = courses.filter(
        pl.col("linked_procedure_id").is_null() & (pl.col("intent") == "postoperative").fill_null(True)
    ).drop("linked_procedure_id")
    near = operations.join(unlinked, on="pid").filter((_start >= _operated) & (_start <= _operated + P.POSTOP_LINK))
    on_lesion = near.filter(pl.col("lid") == pl.col("course_lesion"))
    on_lesion = on_lesion.sort("operated", "procedure_id").unique("course_id", keep="last", maintain_order=True)
    intended = pl.col("intent").is_not_null()
    unplaced = near.filter(pl.col("lid").is_null() | pl.col("course_lesion").is_null())
    sure = pl.concat([linked, on_lesion.filter(intended)])
    perhaps = pl.concat([on_lesion.filter(~intended), unplaced]).group_by("procedure_id").agg(perhaps=_start.min())
    first = sure.sort("start", "course_id").unique("procedure_id", keep="first", maintain_order=True)
    return (
        first.with_columns(radiotherapy=_radiotherapy_status())
        .join(perhaps, on="procedure_id", how="full", coalesce=True)
        .with_columns(earlier=(pl.col("perhaps") < _start).fill_null(_start.is_null()))
        .select(
            "procedure_id",
            radiotherapy=pl.when(pl.col("earlier")).then(pl.lit("unknown")).otherwise("radiotherapy"),
            radiotherapy_days=pl.when(~pl.col("earlier")).then(_start - _operated),
        )
    )


def _radiotherapy_status() -> pl.Expr:
    days = _start - _operated
    healed = pl.coalesce("skin_healed", pl.col("healed") <= _start)
    healed_late = ((pl.col("healed") > _operated + P.POSTOP_RT_LAST) & (pl.col("healed") <= _start)).fill_null(False)
    return first_of(
        {
            "red": (days < P.POSTOP_RT_FIRST) | (days > P.POSTOP_RT_AMBER) | ~healed,
            "green": healed & ((days <= P.POSTOP_RT_LAST) | healed_late),
            "amber": healed,
        }
    )


# Systemic therapy


def _systemic(context: Context, operations: pl.DataFrame) -> pl.DataFrame:
    """procedure_id, the status, the day and the class of the first line that follows."""
    lines = context.rows("systemic_therapy_lines").select("pid", "line_id", "class", "urgent", start="day")
    known = Timeline(operations.with_columns(day=_operated), "pid", ["procedure_id"])
    position = known.last(lines["pid"], lines["start"] - 1)
    lines = lines.with_columns(
        known.take(column, position).alias(column) for column in ("procedure_id", "operated", "healed", "agreed")
    ).filter(_operated >= _start - P.RESTART_LOOK_BACK)  # fmt: skip
    first = lines.sort("start", "line_id").unique("procedure_id", keep="first", maintain_order=True)
    return first.select(
        "procedure_id",
        systemic=_systemic_status(),
        systemic_days=_start - _operated,
        systemic_class=pl.col("class").cast(pl.String),
    )


def _systemic_status() -> pl.Expr:
    days = _start - _operated
    healed = pl.col("healed") <= _start
    conditions = pl.col("urgent") & healed & (pl.col("agreed") <= _start)
    soon = days < P.RESTART
    return first_of(
        {
            "red": (days < P.RESTART_URGENT) | ~healed | (soon & ~conditions),
            "green": ~soon | conditions,
        }
    )


_NONE_RECORDED = {"none_recorded": Text("none recorded", "aucun noté")}
_STATUS = {
    "green": Text("in the window", "dans la fenêtre"),
    "amber": Text("in the window of another section", "dans la fenêtre d'une autre section"),
    "red": Text("outside every window, or wound not healed", "hors de toute fenêtre, ou plaie non cicatrisée"),
}
RESTART_WINDOWS = Classification(
    id="restart_windows",
    code="S18",
    title=Text("Restart of treatment after an operation", "Reprise des traitements après une intervention"),
    row=Text("operation followed by radiotherapy or systemic therapy", "intervention suivie d'une radiothérapie ou d'un traitement systémique"),
    source=Source(G1, "3.5.4"),
    keys=("patient_id", "procedure_id"),
    columns=(
        DATE,
        ClassColumn("radiotherapy", Text("First post-operative course", "Première irradiation postopératoire"), "token", _STATUS | _NONE_RECORDED | UNKNOWN),
        ClassColumn("radiotherapy_days", Text("Days from the operation to that course", "Jours de l'intervention à cette irradiation"), "days"),
        ClassColumn("systemic", Text("First line of systemic therapy", "Première ligne de traitement systémique"), "token",
                    {name: _STATUS[name] for name in ("green", "red")} | _NONE_RECORDED | UNKNOWN),
        ClassColumn("systemic_days", Text("Days from the operation to that line", "Jours de l'intervention à cette ligne"), "days"),
        ClassColumn("systemic_class", Text("Class of that line", "Classe de cette ligne"), "token", {
            "chemotherapy": Text("chemotherapy", "chimiothérapie"),
            "egfr_tki": Text("EGFR inhibitor", "anti-EGFR"),
            "other_tki": Text("other kinase inhibitor", "autre inhibiteur de tyrosine kinase"),
            "immunotherapy": Text("immunotherapy", "immunothérapie"),
            "combination": Text("combination", "association"),
        } | _NONE_RECORDED),
    ),
    headline="radiotherapy",
    evaluate=evaluate,
    holes=(
        Text("Four statements do not fit together (C06): radiotherapy from day 15 to 21 on healed skin; chemotherapy and radiotherapy at three weeks; day 15 if urgent, healed and agreed by the surgeon; healing in three to four weeks. Literally only day 21 satisfies all of them.",
             "Quatre énoncés sont incompatibles (C06) : radiothérapie du 15e au 21e jour sur peau cicatrisée ; chimiothérapie et radiothérapie à trois semaines ; 15e jour en cas d'urgence, de cicatrisation et d'accord du chirurgien ; cicatrisation en trois à quatre semaines. À la lettre, seul le 21e jour les satisfait tous."),
        Text("Radiotherapy (P11): day 15 to 21 in the window, 22 to 28 amber, or in the window if the wound healed only after day 21, all on a healed wound; red before and after. Whether the wound had healed must be recorded.",
             "Radiothérapie (P11) : du 15e au 21e jour dans la fenêtre, du 22e au 28e orange, ou dans la fenêtre si la plaie n'a cicatrisé qu'après le 21e jour, toujours sur plaie cicatrisée ; rouge avant et après. La cicatrisation doit être notée."),
        Text("Systemic therapy (P12): red before day 15; from day 15 to 20 only as an urgent line, on a healed wound and with the surgeon's agreement; from day 21 in the window unless the wound is recorded as healing later. Three weeks stand for healing where its date is not recorded.",
             "Traitement systémique (P12) : rouge avant le 15e jour ; du 15e au 20e seulement pour une ligne urgente, sur plaie cicatrisée et avec l'accord du chirurgien ; dès le 21e dans la fenêtre, sauf cicatrisation notée plus tard. Trois semaines valent cicatrisation si sa date n'est pas notée."),
        Text("The text names chemotherapy; every anticancer drug is read as meant, and its class is shown.",
             "Le texte nomme la chimiothérapie ; tout traitement anticancéreux est lu comme visé, et sa classe est affichée."),
        Text("What follows an operation: the first course linked to it, or of post-operative intent on its lesion (parameter POSTOP_LINK); the first line after the patient's last operation (parameter RESTART_LOOK_BACK). A course that may have come first leaves the answer open.",
             "Ce qui suit une intervention : la première irradiation qui lui est liée, ou d'intention postopératoire sur sa lésion (paramètre POSTOP_LINK) ; la première ligne après la dernière intervention du patient (paramètre RESTART_LOOK_BACK). Une irradiation peut-être antérieure laisse la réponse ouverte."),
    ),
)  # fmt: skip
