"""The pages: the report of the network, and one page per centre. One file each, nothing loaded from elsewhere."""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from .centre import centre_view
from .data import ReportData
from .network import network_view
from .texts import say
from .words import SUPPRESSED, day, label, listed

TEMPLATES = Path(__file__).parent / "templates"


def network_report(data: ReportData, lang: str) -> str:
    """The report of the network, in "en" or "fr": disclosure control applied, no line about a patient."""
    return _render("network.html.j2", data, lang, **network_view(data, lang))


def centre_page(data: ReportData, centre_id: str, lang: str) -> str:
    """A centre's own page: its data unsuppressed, the others only as the rate of the network."""
    return _render("centre.html.j2", data, lang, **centre_view(data, centre_id, lang))


def _render(template: str, data: ReportData, lang: str, **view: Any) -> str:
    return (
        _environment()
        .get_template(template)
        .render(
            lang=lang,
            data=data,
            t=lambda key, **values: say(key, lang, **values),
            day=partial(day, lang=lang),
            listed=partial(listed, lang=lang),
            period=_period(data, lang),
            mask=SUPPRESSED,
            style=Markup((TEMPLATES / "style.css").read_text("utf-8")),
            **view,
        )
    )


def _period(data: ReportData, lang: str) -> str:
    start, end = day(data.start, lang), day(data.end, lang)
    if data.start and data.end:
        return say("period_value", lang, start=start, end=end)
    if data.start:
        return say("period_from", lang, start=start)
    return say("period_until", lang, end=end) if data.end else say("period_open", lang)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["label"] = label
    return environment
