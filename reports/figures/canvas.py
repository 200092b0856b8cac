"""From a matplotlib figure to SVG that can stand in a page: real text, ids of its own, the same bytes every time.

Words come from registries, so nothing in them is markup: dollar signs start no formula, and matplotlib escapes XML.
"""

from __future__ import annotations

import io
import re
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from typing import Any

from markupsafe import Markup
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

INK = "#1f2933"
MUTED = "#52606d"
GRID = "#dde3e9"
BLUE = "#0b5c8f"
PALE = "#cfdfeb"
ORANGE = "#b34700"
BANDS = ("#9ec5de", "#4f93bd", "#0b5c8f", "#083b5c")
"""Steps of one hue: they keep their order for every kind of colour vision and in grey print."""

STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "text.parse_math": False,
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9,
    "text.color": INK,
    "axes.facecolor": "none",
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.7,
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "path.simplify": False,
}
WIDE, HALF = 9.0, 4.4
"""Inches: a figure over the whole text, and one of a pair. At 900 px a point is 1.3 px."""


class Drawing:
    """A figure with one pair of axes that becomes SVG once it has been drawn."""

    def __init__(self, width: float, height: float, margins: tuple[float, float, float, float]) -> None:
        """Margins (left, right, bottom, top) in inches."""
        left, right, bottom, top = margins
        self._figure = Figure(figsize=(width, height), facecolor="none")
        self.axes: Axes = self._figure.add_axes(
            (left / width, bottom / height, (width - left - right) / width, (height - bottom - top) / height)
        )
        for side in ("top", "right"):
            self.axes.spines[side].set_visible(False)
        self._svg: Markup = Markup("")

    def finish(self, key: str, title: str, description: str) -> None:
        """Render; `key` is unique in the page and starts every id; title and description are for who cannot see it."""
        for axis in (self.axes.xaxis, self.axes.yaxis):
            if not axis.get_label_text():
                axis.set_label_coords(0, 0)  # otherwise all ticks are measured to place a label that there is not
        raw = io.StringIO()
        with rc_context({"svg.hashsalt": key}):
            FigureCanvasSVG(self._figure).print_svg(raw, metadata={"Date": None})
        self._svg = _for_the_page(raw.getvalue(), key, title, description)

    @property
    def svg(self) -> Markup:
        """The finished figure."""
        return self._svg


@contextmanager
def drawing(
    width: float, height: float, margins: tuple[float, float, float, float], key: str, title: str, description: str
) -> Iterator[Drawing]:
    """A drawing in the house style, rendered when the block ends."""
    with rc_context(STYLE):
        sheet = Drawing(width, height, margins)
        yield sheet
        sheet.finish(key, title, description)


def _for_the_page(raw: str, key: str, title: str, description: str) -> Markup:
    body = raw[raw.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>|<style .*?</style>", "", body, flags=re.DOTALL)
    body = re.sub(r"\s*\n\s*", " ", body)
    body = re.sub(r"<[a-z][^>]*>", lambda tag: _own_ids(tag.group(), key), body)
    opening, rest = body.split(">", 1)
    box = re.search(r'viewBox="[^"]*"', opening)
    assert box is not None
    named = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" {box.group()} role="img" '
        f'aria-labelledby="{key}-title {key}-description"><title id="{key}-title">{escape(title)}</title>'
        f'<desc id="{key}-description">{escape(description)}</desc>'
    )
    return Markup(named + rest.strip())


_AN_ID = re.compile(r'\sid="|url\(#|href="#')


def _own_ids(tag: str, key: str) -> str:
    return _AN_ID.sub(rf"\g<0>{key}-", tag)


def wrap(text: str, width: int, lines: int = 2) -> str:
    """Text broken into lines that fit a margin."""
    return "\n".join(textwrap.wrap(text, width, max_lines=lines, placeholder=" …", break_long_words=True) or [""])


def percent_axis(axes: Axes, which: str, lang: str, low: float = 0.0, high: float = 1.0) -> None:
    """Quarter ticks from 0 to 100 %, with a light grid."""
    from ..words import percent

    ticks = [0, 0.25, 0.5, 0.75, 1]
    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.grid(visible=True)
    axes.set_axisbelow(True)
    axis.set_ticks(ticks, [percent(t, lang) for t in ticks])
    (axes.set_xlim if which == "x" else axes.set_ylim)(low, high)
