from __future__ import annotations

from pathlib import Path

import pytest
from audits import FORMATS, SAMPLES, Audit, audit, invent


@pytest.fixture(scope="session")
def sample_audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    """The audit of the sample network, faults and all, with its reports in English."""
    return audit(SAMPLES / "fr_csv", tmp_path_factory.mktemp("sample") / "out", lang="en")


@pytest.fixture(scope="session")
def clean_extracts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The same clean cohort in four shapes."""
    folder = tmp_path_factory.mktemp("clean")
    return {form: invent(folder / form, form) for form in FORMATS}


@pytest.fixture(scope="session")
def clean_audits(clean_extracts: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Audit]:
    """The audits of the same clean cohort in four shapes, without report."""
    folder = tmp_path_factory.mktemp("clean_audits")
    return {form: audit(extract, folder / form, report=False) for form, extract in clean_extracts.items()}
