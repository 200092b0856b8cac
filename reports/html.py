"""The pages: the report of the network, and one page per centre. One file each, nothing loaded from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

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
    return render(template, lang, data=data, period=_period(data, lang), **view)


def render(template: str, lang: str, styles: Sequence[str] = ("style.css",), **view: Any) -> str:
    """A page from its template, with the words of the language and the style that all pages share."""
    return (
        _environment()
        .get_template(template)
        .render(
            lang=lang,
            t=lambda key, **values: say(key, lang, **values),
            day=partial(day, lang=lang),
            listed=partial(listed, lang=lang),
            mask=SUPPRESSED,
            style=Markup("\n".join((TEMPLATES / name).read_text("utf-8") for name in styles)),
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


def commands(text: str) -> Markup:
    """Words in which commands stand between backticks."""
    parts = [
        Markup("<code>{}</code>").format(part) if place % 2 else escape(part)
        for place, part in enumerate(text.split("`"))
    ]
    return Markup("").join(parts)


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
    environment.filters["commands"] = commands
    return environment
