"""What can be asked of the audit on the command line can be asked of its flows."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pipelines.run import Request

pytestmark = pytest.mark.slow  # the import of Prefect


@pytest.mark.parametrize("name", ["audit_network", "ingest"])
def test_every_option_of_the_audit_is_one_of_the_flow(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipelines.flows import stages

    asked: list[Request] = []
    monkeypatch.setattr(stages, "compose", lambda request, *_: asked.append(request))
    (tmp_path / "parameters.toml").write_text("MIRELS_SURGERY = 45\n")
    (tmp_path / "gate.toml").write_text("")
    options = {
        "lang": "en",
        "start": date(2023, 1, 1),
        "end": date(2024, 12, 31),
        "rules": ["G1-3.4-08"],
        "retrospective": True,
        "gate": tmp_path / "gate.toml",
        "parameters": tmp_path / "parameters.toml",
        "sensitivity": True,
        "pseudonym_key_env": "OSTEO_KEY",
    }
    getattr(stages, name).fn([tmp_path / "extract"], tmp_path / "out", **options)
    assert asked == [
        Request(
            extracts=(tmp_path / "extract",),
            out=tmp_path / "out",
            lang="en",
            start=date(2023, 1, 1),
            end=date(2024, 12, 31),
            rules=("G1-3.4-08",),
            retrospective=True,
            overrides={"MIRELS_SURGERY": 45},
            sensitivity=True,
            pseudonym_key_env="OSTEO_KEY",
        )
    ]
