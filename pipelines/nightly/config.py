"""The configuration of a nightly network: every setting declared once, from which come the check and the file."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from .errors import HomeError


class ConfigError(HomeError):
    """A configuration that cannot be used; `problems` holds everything that is wrong with it."""

    def __init__(self, path: Path, problems: list[str]) -> None:
        self.problems = problems
        many = f"{len(problems)} settings" if len(problems) > 1 else "1 setting"
        told = "\n".join(f"- {problem}" for problem in problems)
        super().__init__(f"{path}: {many} cannot be used:\n{told}\nCorrect the file and run again; nothing was done.")


@dataclass(frozen=True)
class Setting:
    """One setting: its table and name, its default (None: not set), what is allowed, what it means and an example."""

    table: str
    name: str
    default: Any
    allowed: str
    is_allowed: Callable[[Any], bool]
    meaning: str
    example: str = ""

    @property
    def place(self) -> str:
        """The name by which messages call it."""
        return f"{self.table}.{self.name}" if self.table else self.name


def _is_number(value: Any, low: float, high: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high


def _is_count(value: Any, low: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= 1_000_000


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip()) and value.isprintable()


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_text, value))


def _matches(pattern: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


def _is_share(value: Any) -> bool:
    return _is_number(value, 0, 1)


def _is_points(value: Any) -> bool:
    return _is_number(value, 0, 100)


_BLOCK = "the name of a block: small letters, digits and -"
_is_block = _matches(r"[a-z0-9][a-z0-9-]*")
_is_address = _matches(r"[^@\s]+@[^@\s]+")


def _is_addresses(value: Any) -> bool:
    return _is_list(value) and all(map(_is_address, value))


SETTINGS = (
    Setting("", "language", "fr", '"fr" or "en"', lambda value: value in ("fr", "en"),
            "Language of the reports, the morning page and the receipts."),
    Setting("", "inbox", "inbox", "a path", _is_text,
            "Where the centres put their deposits, as <centre_id>/<deposit>; relative to this folder, or absolute."),
    Setting("", "quiet_minutes", 10, "a number from 0 to 1440", lambda value: _is_number(value, 0, 1440),
            "A deposit without a list of its files counts as complete when nothing in it changed for so many minutes."),
    Setting("", "pseudonym_key_env", None, "the name of an environment variable", _matches(r"[A-Za-z_][A-Za-z0-9_]*"),
            "The environment variable with the key by which every identifier is replaced; raw files are not kept then.",
            '"OSTEOCONCORD_KEY"'),
    Setting("", "rules", None, "a list of rules, as `osteoconcord rules` shows them", _is_list,
            "The rules that head the reports; if not set, the core set. Every rule is judged either way.",
            '["G1-3.4-08", "G1-3.5.4-02"]'),
    Setting("", "gate", None, "the path of a TOML file", _is_text,
            "A file with values over those of the quality gate; relative to this folder, or absolute.", '"gate.toml"'),
    Setting("", "parameters", None, "the path of a TOML file", _is_text,
            "A file with other values of the named parameters; relative to this folder, or absolute.",
            '"parameters.toml"'),
    Setting("accept", "most_refused", 0.5, "a share from 0 to 1", _is_share,
            "A deposit with a larger share of its rows in quarantine is held back."),
    Setting("accept", "most_lost", 0.3, "a share from 0 to 1", _is_share,
            "A full deposit that lacks a larger share of the patients whom the centre had before is held back."),
    Setting("alerts", "stale_days", 35, "a whole number from 1", lambda value: _is_count(value, 1),
            "A centre whose data end more days ago than this is told."),
    Setting("alerts", "silent_days", 35, "a whole number from 1", lambda value: _is_count(value, 1),
            "A published state that is older than so many days is an alarm."),
    Setting("alerts", "rate_points", 10, "a number from 0 to 100", _is_points,
            "A rate that moved by at least so many points is told."),
    Setting("alerts", "completeness_points", 10, "a number from 0 to 100", _is_points,
            "A column whose completeness moved by at least so many points is told."),
    Setting("alerts", "webhook_block", None, _BLOCK, _is_block,
            "The webhook block of Prefect to which the events of a night are sent.", '"nightly-webhook"'),
    Setting("alerts", "email_block", None, _BLOCK, _is_block,
            "The block of Prefect by which alerts are mailed.", '"nightly-mail"'),
    Setting("alerts", "email_to", None, "a list of addresses", _is_addresses,
            "Who is mailed.", '["quality@network.example"]'),
    Setting("alerts", "email_from", None, "an address", _is_address,
            "Who the mail is from; else the user name of the block if it is an address, or the first who is mailed.",
            '"nightly@network.example"'),
    Setting("keep", "runs", 30, "a whole number from 1", lambda value: _is_count(value, 1),
            "How many published runs keep their files; an older one is rebuilt from its deposits when it is needed."),
    Setting("keep", "raw_days", 90, "a whole number from 0", lambda value: _is_count(value, 0),
            "How many days the files of a deposit are kept as they were received; 0: they are not kept."),
)  # fmt: skip
"""Every setting, in the order of the file."""


@dataclass(frozen=True)
class Accept:
    """When a deposit is held back: see `SETTINGS`."""

    most_refused: float
    most_lost: float


@dataclass(frozen=True)
class Alerts:
    """What is told, and to whom: see `SETTINGS`."""

    stale_days: int
    silent_days: int
    rate_points: float
    completeness_points: float
    webhook_block: str | None
    email_block: str | None
    email_to: tuple[str, ...]
    email_from: str | None


@dataclass(frozen=True)
class Keep:
    """What is kept for how long: see `SETTINGS`."""

    runs: int
    raw_days: int


@dataclass(frozen=True)
class Config:
    """The settings of a network. `gate_values` and `overrides` are what the files `gate` and `parameters` hold."""

    language: str
    inbox: Path
    quiet_minutes: float
    pseudonym_key_env: str | None
    rules: tuple[str, ...] | None
    gate: Path | None
    gate_values: Mapping[str, Any]
    parameters: Path | None
    overrides: Mapping[str, float]
    accept: Accept
    alerts: Alerts
    keep: Keep

    @classmethod
    def read(cls, path: Path) -> Config:
        """The configuration in a file; a ConfigError names everything that is wrong with it."""
        given = _content(path)
        values = {setting.place: _given(given, setting) for setting in SETTINGS}
        wrong = [setting for setting in SETTINGS if not _is_usable(setting, values[setting.place])]
        problems = _unknown(given) + [f"{setting.place}: allowed is {setting.allowed}." for setting in wrong]
        usable = {place: None if place in {s.place for s in wrong} else value for place, value in values.items()}
        files = {name: _file(path.parent, name, usable[name], problems) for name in ("gate", "parameters")}
        problems += _unknown_rules(usable["rules"])
        if (values["alerts.email_block"] is None) != (values["alerts.email_to"] is None):
            problems.append("alerts.email_block and alerts.email_to: set both, or neither.")
        if problems:
            raise ConfigError(path, problems)
        return cls._of(path.parent, values, files)

    @classmethod
    def _of(cls, folder: Path, values: Mapping[str, Any], files: Mapping[str, Any]) -> Config:
        def group(table: str) -> dict[str, Any]:
            return {setting.name: values[setting.place] for setting in SETTINGS if setting.table == table}

        alerts = group("alerts")
        return cls(
            language=values["language"],
            inbox=Path(values["inbox"]).expanduser(),
            quiet_minutes=values["quiet_minutes"],
            pseudonym_key_env=values["pseudonym_key_env"],
            rules=None if values["rules"] is None else tuple(values["rules"]),
            gate=None if values["gate"] is None else folder / Path(values["gate"]).expanduser(),
            gate_values=files["gate"],
            parameters=None if values["parameters"] is None else folder / Path(values["parameters"]).expanduser(),
            overrides=files["parameters"],
            accept=Accept(**group("accept")),
            alerts=Alerts(**alerts | {"email_to": tuple(alerts["email_to"] or ())}),
            keep=Keep(**group("keep")),
        )

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the settings that can change what is published."""
        said = {
            "language": self.language,
            "pseudonyms": self.pseudonym_key_env is not None,
            "rules": self.rules,
            "gate": self.gate_values,
            "parameters": self.overrides,
            "accept": [self.accept.most_refused, self.accept.most_lost],
        }
        return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode("utf-8")).hexdigest()


def template() -> str:
    """A file with every setting, its meaning and its default; what is not set by default is a comment."""
    lines = ["# The nightly runs of this network. What is commented out is not set.", ""]
    table = ""
    for setting in SETTINGS:
        if setting.table != table:
            table = setting.table
            lines += [f"[{table}]", ""]
        lines.append(f"# {setting.meaning} Allowed: {setting.allowed}.")
        shown = f"# {setting.name} = {setting.example}" if setting.default is None else _line(setting)
        lines += [shown, ""]
    return "\n".join(lines[:-1]) + "\n"


def _line(setting: Setting) -> str:
    return f"{setting.name} = {json.dumps(setting.default)}"


def _content(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        raise HomeError(f"{path} is missing. `osteoconcord nightly init` writes one with the defaults.") from None
    except OSError as error:
        raise HomeError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise HomeError(f"{path} is not text in UTF-8 (byte {error.start}). Save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise HomeError(
            f"{path} is no TOML file: {error}. Each line is name = value; texts stand in quotes."
        ) from error


def _given(given: Mapping[str, Any], setting: Setting) -> Any:
    table = given.get(setting.table, {}) if setting.table else given
    return table.get(setting.name, setting.default) if isinstance(table, dict) else setting.default


def _is_usable(setting: Setting, value: Any) -> bool:
    return value is None or setting.is_allowed(value)


def _unknown(given: Mapping[str, Any]) -> list[str]:
    """The names that are no settings."""
    tables = {setting.table for setting in SETTINGS} - {""}
    places = [setting.place for setting in SETTINGS]
    found = []
    for name, value in given.items():
        if name in tables and isinstance(value, dict):
            found += [f"{name}.{inner}" for inner in value if f"{name}.{inner}" not in places]
        elif name not in places or "." in name:
            found.append(name)
    return [f"{_shown(name)}: there is no such setting{_hint(name, [*places, *tables])}." for name in found]


def _hint(name: str, known: list[str]) -> str:
    last = {place.rpartition(".")[2]: place for place in known}
    near = get_close_matches(name, known, n=1) or get_close_matches(name.rpartition(".")[2], last, n=1)
    if near:
        return f"; did you mean {last.get(near[0], near[0])}?"
    return f"; there are {', '.join(known)}"


def _shown(name: str) -> str:
    return name if name.isprintable() and len(name) <= 60 else ascii(name[:60])


def _file(folder: Path, name: str, value: str | None, problems: list[str]) -> Mapping[str, Any]:
    """What the file of this setting holds; nothing where it is not set, or cannot be used."""
    if value is None:
        return {}
    from pipelines import quality, run

    path = folder / Path(value).expanduser()
    try:
        return quality.read_gate(path) if name == "gate" else run.read_overrides(path)
    except OSError as error:
        problems.append(f"{name}: {path} cannot be read: {error.strerror}.")
    except run.RequestError as error:
        problems.append(f"{name}: {error}")
    return {}


def _unknown_rules(rules: list[str] | None) -> list[str]:
    if rules is None:
        return []
    from reports.indicators import UnknownRule, headline

    try:
        headline(rules)
    except UnknownRule as error:
        return [f"rules: {line}" for line in str(error).splitlines()]
    return []
