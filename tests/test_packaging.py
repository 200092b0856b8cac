"""The project starts anywhere: pins, papers and pages agree with the code."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib.metadata import distributions
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from pipelines import cli, dictionary

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PINS = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
HEAVY = {
    "polars",
    "duckdb",
    "pandera",
    "matplotlib",
    "prefect",
    "scipy",
    "numpy",
    "jinja2",
    "pyarrow",
    "great_expectations",
}


def test_constraints_are_exact_versions_without_an_address() -> None:
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", line) for line in PINS), PINS
    assert sorted(PINS, key=str.casefold) == PINS


def test_every_dependency_is_pinned_within_its_range() -> None:
    pinned = {canonicalize_name(name): version for name, version in (line.split("==") for line in PINS)}
    project = PROJECT["project"]
    for text in [*project["dependencies"], *chain(*project["optional-dependencies"].values())]:
        wanted = Requirement(text)
        if wanted.name == project["name"]:  # one extra names another
            continue
        assert wanted.specifier.contains(pinned[canonicalize_name(wanted.name)]), text


def test_the_environment_is_the_pinned_one() -> None:
    installed = {canonicalize_name(d.metadata["Name"]): d.version for d in distributions()}
    for line in PINS:
        name, version = line.split("==")
        assert installed.get(canonicalize_name(name), version) == version  # some are for one system only


def test_every_file_of_a_package_that_is_not_code_is_shipped() -> None:
    shipped = PROJECT["tool"]["setuptools"]["package-data"]
    for package in ("pipelines", "reports", "scoring", "validation"):
        files = [p for p in (ROOT / package).rglob("*") if p.is_file() and p.suffix not in (".py", ".pyc")]
        covered = {path for pattern in shipped.get(package, []) for path in (ROOT / package).glob(pattern)}
        assert set(files) <= covered


def test_the_command_line_imports_nothing_heavy_by_itself() -> None:
    program = "import sys, pipelines.cli; print(*{name.split('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert "typer" in loaded
    assert not HEAVY & set(loaded)


def test_the_data_dictionary_is_fresh() -> None:
    page = (ROOT / "docs" / "dictionary.md").read_text("utf-8")
    assert page == dictionary.markdown(), "stale: osteoconcord contract --format md > docs/dictionary.md"


def test_versions_agree() -> None:
    version = PROJECT["project"]["version"]
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text("utf-8")
    assert f"\n## {version}\n" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_the_licence_is_what_the_project_declares() -> None:
    text = (ROOT / "LICENSE").read_text("utf-8")
    assert PROJECT["project"]["license"] == "Apache-2.0"
    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text


PAPERS = [
    "README.md",
    "GLOSSARY.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "docs/decisions.md",
    "docs/dictionary.md",
    "docs/mapping.md",
]


@pytest.mark.parametrize("paper", PAPERS)
def test_links_lead_somewhere(paper: str) -> None:
    text = (ROOT / paper).read_text("utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert (ROOT / paper).parent.joinpath(target).exists(), target
    headings = {heading.strip() for heading in re.findall(r"^## (.+)$", text, re.MULTILINE)}
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= headings


@pytest.mark.parametrize("paper", PAPERS)
def test_papers_name_commands_that_exist(paper: str) -> None:
    text = (ROOT / paper).read_text("utf-8")
    known = {command.callback.__name__ for command in cli.app.registered_commands if command.callback}
    known |= {group.name for group in cli.app.registered_groups if group.name}
    assert set(re.findall(r"osteoconcord ([a-z]+)", text)) <= known


def test_the_readme_says_what_it_is_for() -> None:
    text = " ".join((ROOT / "README.md").read_text("utf-8").split())
    for words in (
        "retrospective audit",
        "not a clinical decision aid",
        "make audit",
        "make test",
        "python -m pipelines.flows",
    ):
        assert words in text


def test_make_help_lists_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    assert targets
    shown = subprocess.run(["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert [line.split()[1] for line in shown.splitlines()] == targets[1].split()
