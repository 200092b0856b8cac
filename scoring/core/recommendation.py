"""What a recommendation is: whom it is for, what counts as done, until when, and what excuses it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import polars as pl

from .text import Source, Text


class Status(StrEnum):
    """The closed set of verdicts; no row means that the rule does not apply. `reported` judges nothing: an option was taken."""

    NOT_ASSESSABLE = "not_assessable"
    NOT_DUE = "not_due"
    CONCORDANT = "concordant"
    JUSTIFIED = "justified"
    TO_JUSTIFY = "to_justify"
    DISCORDANT = "discordant"
    REPORTED = "reported"


class Strength(StrEnum):
    """How the wording binds.

    A failure of a permissive rule is to be justified, never discordant. Where the text leaves the choice (`optional`) no option
    is a failure: the options taken are counted.
    """

    BINDING = "binding"
    PERMISSIVE = "permissive"
    OPTIONAL = "optional"


class Domain(StrEnum):
    """The parts of the guideline; the tokens of `deviations.domain`."""

    IMAGING = "imaging"
    RESPONSE_ASSESSMENT = "response_assessment"
    ANTIRESORPTIVE = "antiresorptive"
    RADIOTHERAPY = "radiotherapy"
    INTERVENTIONAL = "interventional"
    LIMB_SURGERY = "limb_surgery"
    SPINE = "spine"
    PERIOPERATIVE = "perioperative"
    CARE_PATHWAY = "care_pathway"
    TRIALS = "trials"


class Grain(StrEnum):
    """The thing that is judged: one decision is one row of its grain. They are judged in this order."""

    PATIENT = "patient"
    SPINE_PATIENT = "spine_patient"
    SUSPICION = "suspicion"
    METASTATIC_DISEASE = "metastatic_disease"
    LESION_ASSESSMENT = "lesion_assessment"
    SPINAL_ASSESSMENT = "spinal_assessment"
    CORD_COMPRESSION = "cord_compression"
    IMAGING_EXAM = "imaging_exam"
    DRUG_DOSE = "drug_dose"
    ANTIRESORPTIVE_COURSE = "antiresorptive_course"
    RADIOTHERAPY_COURSE = "radiotherapy_course"
    PROCEDURE = "procedure"
    SPINAL_TREATMENT = "spinal_treatment"
    ACETABULAR_LESION = "acetabular_lesion"
    SYSTEMIC_LINE = "systemic_line"
    PAINFUL_LESION = "painful_lesion"
    SHORT_LIFE_EXPECTANCY = "short_life_expectancy"


@dataclass(frozen=True)
class Ground:
    """A named reason with the expression that establishes it and its words for the reader."""

    id: str
    when: pl.Expr
    words: Text


@dataclass(frozen=True)
class Risk:
    """Whom a do-not rule protects: the patients with a row of `table`, dated in the audit, on which `when` is true."""

    table: str
    when: pl.Expr
    words: Text


@dataclass(frozen=True)
class Vocabulary:
    """The closed set of options of one kind of decision: what can be recommended and what can have been given."""

    id: str
    words: Mapping[str, Text]

    def __post_init__(self) -> None:
        if "none" not in self.words:
            raise ValueError(f"vocabulary {self.id}: one option must say that nothing of the kind was done: none")


@dataclass(frozen=True)
class Recommendation:
    """One measure of the guideline, as a declaration.

    `applies` and `met` are three-valued expressions over the facts of the grain; an optional rule has no `met`, and its `given`
    is null where the option taken is not known. `judged_on` lists the facts whose absence
    leaves the verdict open, the most telling first: it names the reason of `not_assessable` and shows the facts of a case.
    `due` is the last day allowed (a date expression), `observed` the facts tables whose observation must reach it.
    `exceptions` are those that the guideline, or the catalogue's reading of it, names. `ambers` turn a binding failure into
    one to be justified. `excusable=False` means that neither a deviation nor a meeting excuses (contraindication, dose).
    `do_not` marks a rule that judges every act of a kind: where it is met, what was given was allowed. `at_risk` tells the
    patients among whom its breaches are counted as well.
    """

    id: str
    grain: Grain
    domain: Domain
    strength: Strength
    source: Source
    title: Text
    population: Text
    action: Text
    applies: pl.Expr
    met: pl.Expr | None
    judged_on: tuple[str, ...]
    vocabulary: Vocabulary
    recommended: tuple[str, ...]
    given: pl.Expr
    due: pl.Expr | None = None
    observed: tuple[str, ...] = ()
    late: pl.Expr | None = None
    exceptions: tuple[Ground, ...] = ()
    ambers: tuple[Ground, ...] = ()
    mdt_against: pl.Expr | None = None
    excusable: bool = True
    do_not: bool = False
    at_risk: Risk | None = None
    flags: tuple[Ground, ...] = ()
    aliases: tuple[str, ...] = ()
    own_window: tuple[date, date] | None = None
    reading: Text | None = None

    @property
    def place(self) -> tuple[str, str, str]:
        """Document, section and number: the same in every edition."""
        return self.source.edition.document, self.source.section, self.id.rpartition("-")[2]

    def __post_init__(self) -> None:
        if not re.fullmatch(rf"{self.source.edition.id}-{re.escape(self.source.section)}-\d\d", self.id):
            raise ValueError(f"{self.id}: an id is edition, section and number, such as G1-3.4-01")
        unknown = set(self.recommended) - set(self.vocabulary.words)
        if unknown:
            raise ValueError(f"{self.id}: not in vocabulary {self.vocabulary.id}: {', '.join(sorted(unknown))}")
        if (self.due is None) != (not self.observed):
            raise ValueError(f"{self.id}: a rule with a last day names the tables that must be observed until then")
        if (self.met is None) != (self.strength is Strength.OPTIONAL):
            raise ValueError(f"{self.id}: a rule says what counts as done unless it leaves the choice")
        judging = self.due, self.late, self.mdt_against, self.exceptions or None, self.ambers or None
        if self.met is None and any(part is not None for part in judging):
            raise ValueError(f"{self.id}: where the text leaves the choice there is nothing to excuse and no last day")
        if self.at_risk is not None and not self.do_not:
            raise ValueError(f"{self.id}: only a do-not rule counts breaches among patients at risk")
        if not self.excusable and self.mdt_against is not None:
            raise ValueError(f"{self.id}: a meeting does not excuse a contraindication or a dose")
