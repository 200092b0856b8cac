"""One audit on its way: what was asked, where it writes, and what is known so far."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from . import manifest, publish

if TYPE_CHECKING:
    from pipelines.ingest import Intake
    from pipelines.ingest.pieces import Pieces
    from reports.data import ReportData
    from reports.sensitivity import Sensitivity
    from scoring.concordance import Decided, Judgement
    from scoring.context import Context
    from scoring.core.recommendation import Recommendation
    from scoring.registry import Registry
    from validation.quality.model import Cohort

    from .case_lists import CaseLists, EditedLists

DATABASE = "audit.duckdb"


class RequestError(ValueError):
    """Something was asked that cannot be meant."""


SHORTEST_KEY = 16
"""Characters that a key for pseudonyms has at least; a shorter one could be found by trying."""


def pseudonym_key(name: str | None) -> bytes | None:
    """The key in the environment variable of this name; it is never written anywhere."""
    if name is None:
        return None
    key = os.environ.get(name, "")
    if len(key) < SHORTEST_KEY:
        has = "is not set" if not key else f"holds fewer than {SHORTEST_KEY} characters"
        raise RequestError(
            f"--pseudonym-key-env: the environment variable {name} {has}. Put a long random key into it."
        )
    return key.encode("utf-8")


def read_overrides(path: Path) -> dict[str, float]:
    """The values of a parameter file: a TOML file of lines such as MIRELS_SURGERY = 45."""
    from scoring.recommendations import parameters

    try:
        return parameters.checked(tomllib.loads(path.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RequestError(f"{path}: not a TOML file ({error}). Each line is NAME = number.") from error
    except parameters.ParameterError as error:
        raise RequestError(
            f"{path}: {len(str(error).splitlines())} of its lines cannot be used:\n{error}\n"
            "`osteoconcord parameters` lists the names, their values and where they come from."
        ) from error


@dataclass(frozen=True)
class Request:
    """What is asked of an audit.

    - `extracts`, `out`: where it reads and where it writes
    - `lang`: language of the reports
    - `start`, `end`: only decisions with an index date in this period, both days included
    - `rules`: the rules of the headlines; None for the core set. Every rule is judged either way
    - `retrospective`: decisions before the date of the edition as well
    - `overrides`: other values of the named parameters, as `--parameters FILE` gives them
    - `sensitivity`: judge again under the other readings of the guideline
    - `report`: write the reports
    - `gate`: values over those of the shipped quality gate, as `--gate FILE` gives them
    - `pseudonym_key_env`: the environment variable with the key by which every identifier is replaced; None: none is
    """

    extracts: tuple[Path, ...]
    out: Path
    lang: str = "fr"
    start: date | None = None
    end: date | None = None
    rules: tuple[str, ...] | None = None
    retrospective: bool = False
    overrides: dict[str, float] = field(default_factory=dict)
    sensitivity: bool = False
    report: bool = True
    gate: dict[str, Any] = field(default_factory=dict)
    pseudonym_key_env: str | None = None

    @property
    def parameters(self) -> dict[str, Any]:
        """The request without `out`, as the manifest holds it."""
        return json.loads(json.dumps({k: v for k, v in asdict(self).items() if k != "out"}, default=str))

    def check(self) -> None:
        """Refuse what cannot be meant, before any work is done."""
        from reports.indicators import headline
        from scoring.recommendations import parameters
        from validation.quality import gate

        if self.start and self.end and self.start > self.end:
            raise RequestError(f"The period ends ({self.end}) before it starts ({self.start}).")
        if self.rules is not None:
            headline(self.rules)
        parameters.checked(self.overrides)
        gate.settings(self.gate)
        pseudonym_key(self.pseudonym_key_env)

    @classmethod
    def of(cls, out: Path) -> Request:
        """The request that made the audit in OUT."""
        return cls.from_parameters(publish.read_manifest(out)["parameters"], out)

    @classmethod
    def from_parameters(cls, parameters: Mapping[str, Any], out: Path) -> Request:
        """The request that a manifest holds."""
        given = dict(parameters)
        given["extracts"] = tuple(Path(extract) for extract in given["extracts"])
        given["rules"] = given["rules"] and tuple(given["rules"])
        for day in ("start", "end"):
            given[day] = given[day] and date.fromisoformat(given[day])
        return cls(out=out, **{f.name: given[f.name] for f in fields(cls) if f.name in given})


class Run:
    """One audit on its way: the request, the folder it writes into, and what is known so far.

    Everything after the intake is a function of the registry and the request, computed when it is first asked for; the
    registry is read back from the folder when an earlier process took it in. A plain class, so that Prefect does not
    walk through the frames.
    """

    def __init__(self, request: Request, folder: Path) -> None:
        self.request = request
        self.folder = folder
        self.spent: list[dict[str, Any]] = []
        self.moved: pl.Series | None = None
        """The patients of whom the database holds something else than what is known now; None where it holds nothing yet."""

    def do(self, stage: str, step: Step) -> None:
        """Run one step and note what it cost."""
        began = time.perf_counter()
        step(self)
        seconds = round(time.perf_counter() - began, 3)
        self.spent.append({"stage": stage, "step": step.__name__, "seconds": seconds, "peak_mib": peak_mib()})

    @property
    def database(self) -> Path:
        """The database of the audit."""
        return self.folder / DATABASE

    @cached_property
    def intake(self) -> Intake:
        """What the extracts held."""
        from pipelines.ingest import take_in

        return take_in(self.request.extracts, pseudonym_key(self.request.pseudonym_key_env))

    @cached_property
    def pieces(self) -> Pieces:
        """What the extracts held, to be checked piece by piece; the rows lie in the folder until they are stored."""
        from pipelines.ingest.pieces import Pieces

        return Pieces(self.request.extracts, self.folder / "pieces", pseudonym_key(self.request.pseudonym_key_env))

    @cached_property
    def registry(self) -> Registry:
        """The accepted rows and what each centre supplied."""
        from scoring.registry import Registry

        if "intake" in self.__dict__:
            return Registry(self.intake.tables, self.intake.coverage, self.intake.holes)
        from pipelines import store

        return Registry(store.load(self.database), self._intake_frame("coverage"), self._intake_frame("holes"))

    @cached_property
    def places(self) -> dict[str, pl.DataFrame]:
        """File and line of every row of the registry."""
        if "intake" in self.__dict__:
            return self.intake.places
        from pipelines import store

        return store.load_places(self.database)

    @cached_property
    def counts(self) -> pl.DataFrame:
        """Rows read, accepted and quarantined per centre and table."""
        return self.intake.counts if "intake" in self.__dict__ else self._intake_frame("counts")

    @cached_property
    def quarantine(self) -> pl.DataFrame:
        """The problems of the rows that were not accepted."""
        return self.intake.quarantine if "intake" in self.__dict__ else self._intake_frame("rows")

    @cached_property
    def linkage(self) -> pl.DataFrame:
        """Patients whom several centres follow, and pairs of pseudonyms that look like one person."""
        return self.intake.linkage if "intake" in self.__dict__ else self._intake_frame("linkage")

    @cached_property
    def files(self) -> list[dict[str, Any]]:
        """The files that were read, with their hashes and what was detected in them."""
        for taken in ("intake", "pieces"):
            if taken in self.__dict__:
                return [asdict(file) for file in getattr(self, taken).files]
        return publish.read_manifest(self.folder)["inputs"]

    @cached_property
    def completeness(self) -> pl.DataFrame:
        """How much of every column is filled, per centre."""
        from validation.completeness import completeness

        return completeness(self.cohort)

    @cached_property
    def cohort(self) -> Cohort:
        """The registry as its quality is measured."""
        from validation.quality.model import Cohort

        return Cohort(self.registry.tables, self.registry.coverage, lambda: self.places)

    @property
    def gate(self) -> pl.DataFrame:
        """The judged quality metrics, as far as the run has come."""
        from validation.quality.gate import GATE_SCHEMA

        from .quality import FILE

        path = self.folder / FILE
        return pl.read_parquet(path, glob=False) if path.exists() else pl.DataFrame(schema=GATE_SCHEMA)

    @cached_property
    def context(self) -> Context:
        """The registry on integer keys, which scores and verdicts share."""
        from scoring.context import Context

        return Context(self.registry)

    @cached_property
    def evaluated(self) -> dict[str, pl.DataFrame]:
        """The six scores with the inputs beside them, which the verdicts ask for."""
        from scoring.scores import evaluate_all

        return evaluate_all(self.context)

    @cached_property
    def scores(self) -> dict[str, pl.DataFrame]:
        """The scores and classifications as they are published."""
        from scoring.scores import CLASSIFICATIONS, publish

        scores = {name: publish(name, frame) for name, frame in self.evaluated.items()}
        return scores | {name: declared.publish(self.context) for name, declared in CLASSIFICATIONS.items()}

    @cached_property
    def rules(self) -> tuple[Recommendation, ...]:
        """All measures, with the thresholds of this audit."""
        from scoring.recommendations import RULES, declare

        return declare() if self.request.overrides else RULES

    @cached_property
    def judged(self) -> tuple[Recommendation, ...]:
        """The measures that give a verdict."""
        return tuple(rule for rule in self.rules if rule.met is not None)

    @cached_property
    def decided(self) -> Decided:
        """Verdicts and facts of every decision, patient by patient."""
        from scoring.concordance import decide

        asked = self.request
        return decide(
            self.registry,
            rules=self.rules,
            start=asked.start,
            end=asked.end,
            retrospective=asked.retrospective,
            scores=self.evaluated,
            context=self.context,
        )

    @cached_property
    def judgement(self) -> Judgement:
        """The verdicts as they are published, and all counts over patients."""
        from scoring.concordance import conclude

        return conclude(self.decided, self.rules)

    @cached_property
    def cases(self) -> CaseLists | EditedLists:
        """The case lists of the centres."""
        from reports.cases import listed

        from .case_lists import CaseLists

        cases = listed(self.judgement, self.judged, None, self.request.lang)
        return CaseLists(cases, self.decided.people, self.request.lang)

    @cached_property
    def rates(self) -> pl.DataFrame:
        """Concordance per rule, centre and quarter."""
        from reports.statistics import rates

        return rates(self.judgement, self.judged)

    @cached_property
    def options(self) -> pl.DataFrame:
        """The options taken where the guideline leaves the choice, per rule and centre."""
        from reports.statistics import options

        return options(self.judgement, [rule for rule in self.rules if rule.met is None])

    @cached_property
    def sensitivity(self) -> Sensitivity | None:
        """What changes under the other readings; None where that was not asked for."""
        if not self.request.sensitivity:
            return None
        from reports.sensitivity import sensitivity
        from scoring.sensitivity import trials

        asked = self.request
        found = trials(
            self.context, self.judgement, start=asked.start, end=asked.end, retrospective=asked.retrospective
        )
        return sensitivity(self.rates, found)

    @cached_property
    def centres(self) -> dict[str, str]:
        """Centre -> name, which is registry text; the centre itself where it has none."""
        ids = {centre_id: centre_id for centre_id in self.registry.coverage["centre_id"].unique().sort()}
        named = self.registry["centres"].filter(pl.col("name").is_not_null())
        return ids | dict(named.select("centre_id", "name").iter_rows())

    @cached_property
    def report_data(self) -> ReportData:
        """All that the reports are made of."""
        from reports.data import ReportData
        from reports.indicators import headline
        from scoring.recommendations.parameters import PARAMETERS

        refused = self.quarantine.unique(["file", "line", "table", "rule"])
        return ReportData(
            judgement=self.judgement,
            rates=self.rates,
            scores=self.scores,
            coverage=self.registry.coverage,
            completeness=self.completeness,
            counts=self.counts,
            quarantine=refused.group_by("centre_id", "table", "rule").agg(n=pl.len()).sort(pl.all()),
            centres=self.centres,
            options=self.options,
            sensitivity=self.sensitivity,
            rules=self.judged,
            headline=headline(self.request.rules, self.judged),
            optional=tuple(rule for rule in self.rules if rule.met is None),
            start=self.request.start,
            end=self.request.end,
            retrospective=self.request.retrospective,
            parameters=dict(PARAMETERS),
            versions=manifest.versions(),
            gate=self.gate,
        )

    def _intake_frame(self, name: str) -> pl.DataFrame:
        from pipelines import store

        with store.connect(self.database, read_only=True) as con:
            return store.read_frame(con, "quarantine", name)


Step = Callable[[Run], None]
"""A step of the audit: it takes what is known so far and adds to it, or writes it."""


def peak_mib() -> int:
    """The most memory that this process has held so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1 << 20 if sys.platform == "darwin" else 1 << 10))
