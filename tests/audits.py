"""Extracts and audits that several tests share, made once per session."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from pipelines.audit import compose
from pipelines.run import Request
from pipelines.synth import synth

SAMPLES = Path(__file__).parent.parent / "data_samples"
FORMATS = {"fr_csv": ("fr", "csv"), "iso_csv": ("iso", "csv"), "xlsx": ("fr", "xlsx"), "parquet": ("iso", "parquet")}


@dataclass(frozen=True)
class Audit:
    """An audit that was made, and where."""

    request: Request

    @property
    def out(self) -> Path:
        return self.request.out


def audit(extract: Path, out: Path, **options: object) -> Audit:
    request = Request((extract,), out, **options)  # type: ignore[arg-type]
    compose(request)
    return Audit(request)


def invent(out: Path, form: str, patients: int = 60, faults: float = 0.0) -> Path:
    """A small network of three centres in one of the four shapes."""
    dialect, file_format = FORMATS[form]
    synth(patients, 3, 5, dialect, file_format, faults, out)
    return out


def hashes(folder: Path) -> dict[str, str]:
    """The content of every file below a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
