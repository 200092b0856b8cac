"""Figures of rates: centres against rules, funnels, intervals, quarters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup
from matplotlib.colors import to_hex, to_rgb
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from ..statistics import funnel_limits
from ..words import SUPPRESSED, interval, number, percent, span_words
from .canvas import BLUE, GRID, HALF, INK, MUTED, ORANGE, PALE, WIDE, drawing, percent_axis, wrap

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class Cell:
    """One square of the heatmap: a rate with its number of decisions, a hidden one (rate None), or nothing (n 0)."""

    rate: float | None
    n: int | None


def heatmap(
    key: str, rows: Sequence[str], columns: Sequence[str], cells: Sequence[Sequence[Cell]], lang: str, title: str
) -> Markup:
    """Rates of rules (rows) in centres (columns), each written in its square over the number of decisions."""
    height = 0.52 + 0.44 * len(rows)
    with drawing(
        WIDE, height, (3.1, 0.05, 0.05, 0.4), key, title, _table_in_words(rows, columns, cells, lang)
    ) as sheet:
        axes = sheet.axes
        for y, row in enumerate(cells):
            for x, cell in enumerate(row):
                _square(axes, x, y, cell, lang)
        axes.set_xlim(-0.5, len(columns) - 0.5)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.xaxis.tick_top()
        axes.set_xticks(range(len(columns)), [wrap(c, 12, 1) for c in columns], weight="bold")
        axes.set_yticks(range(len(rows)), [wrap(r, 44) for r in rows])
        for spine in axes.spines.values():
            spine.set_visible(False)
    return sheet.svg


def _square(axes: Axes, x: int, y: int, cell: Cell, lang: str) -> None:
    if cell.n == 0:
        axes.text(x, y, "–", ha="center", va="center", color=MUTED)
        return
    face = "#f2f4f6" if cell.rate is None else _shade(cell.rate)
    ink = "black" if cell.rate is None or _luminance(face) > 0.179 else "white"
    hatch = "///" if cell.rate is None else None
    axes.add_artist(Rectangle((x - 0.48, y - 0.46), 0.96, 0.92, facecolor=face, hatch=hatch, edgecolor=GRID, lw=0.6))
    rate = SUPPRESSED if cell.rate is None else percent(cell.rate, lang)
    axes.text(x, y - 0.14, rate, ha="center", va="center", color=ink, size=9, weight="bold")
    count = SUPPRESSED if cell.n is None else number(cell.n, lang)
    axes.text(x, y + 0.24, f"n = {count}", ha="center", va="center", color=ink, size=7.5)


def _shade(rate: float) -> str:
    """From nearly white to dark blue, evenly."""
    stops = np.array([[0.96, 0.98, 1.0], [0.47, 0.68, 0.82], [0.03, 0.24, 0.38]])
    red, green, blue = (float(np.interp(rate, [0.0, 0.5, 1.0], stops[:, channel])) for channel in range(3))
    return to_hex((red, green, blue))


def _luminance(colour: str) -> float:
    """Relative luminance: above 0.179 black letters contrast more than white ones, and either way by 4.5 at least."""
    channels = np.array(to_rgb(colour))
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def _table_in_words(rows: Sequence[str], columns: Sequence[str], cells: Sequence[Sequence[Cell]], lang: str) -> str:
    parts = []
    for row, squares in zip(rows, cells, strict=True):
        values = [
            f"{column} {SUPPRESSED if c.rate is None else percent(c.rate, lang)}"
            for column, c in zip(columns, squares, strict=True)
            if c.n != 0
        ]
        parts.append(f"{row}: {', '.join(values) or '–'}")
    return "; ".join(parts)


@dataclass(frozen=True)
class Point:
    """A centre in a funnel."""

    label: str
    n: int
    rate: float
    beyond: int  # 0 within the limits, 95 or 998 (per mille) beyond them


def funnel(key: str, points: Sequence[Point], rate: float, lang: str, title: str, axis: str) -> Markup:
    """Centres by number of decisions, with the exact binomial 95 % and 99.8 % limits around the rate of the network."""
    top = max((p.n for p in points), default=10) * 1.12 + 2
    said = ", ".join(f"{p.label}: {percent(p.rate, lang)} (n = {number(p.n, lang)})" for p in points)
    with drawing(HALF, 2.75, (0.52, 0.12, 0.46, 0.14), key, title, said) as sheet:
        axes = sheet.axes
        n = np.unique(np.linspace(1, top, 60).round().astype(int))
        for level, style in ((0.998, (0, (4, 2))), (0.95, "solid")):
            low, high = funnel_limits(n, rate, level)
            for limit in (low, high):
                axes.plot(n, limit, color=MUTED, linewidth=0.9, linestyle=style)
        low, high = funnel_limits(n, rate, 0.95)
        axes.fill_between(n, low, high, color=PALE, alpha=0.45, linewidth=0)
        axes.axhline(rate, color=INK, linewidth=1)
        axes.text(top, rate + 0.015, percent(rate, lang), ha="right", va="bottom", size=8, weight="bold")
        for point in points:
            _dot(axes, point, points)
        percent_axis(axes, "y", lang, -0.03, 1.05)
        axes.set_xlim(0, top)
        axes.set_xlabel(axis, size=8.5)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    return sheet.svg


def _dot(axes: Axes, point: Point, points: Sequence[Point]) -> None:
    colour = ORANGE if point.beyond else BLUE
    axes.plot([point.n], [point.rate], "D" if point.beyond else "o", color=colour, markersize=6 if point.beyond else 5)
    # A label steps under its dot when a neighbour sits just above it.
    crowded = any(
        0 <= p.rate - point.rate < 0.09 and abs(p.n - point.n) < 0.12 * max(q.n for q in points)
        for p in points
        if p is not point
    )
    axes.annotate(
        point.label,
        (point.n, point.rate),
        xytext=(0, -5 if crowded else 5),
        textcoords="offset points",
        ha="center",
        va="top" if crowded else "bottom",
        size=8,
        color=colour,
        weight="bold" if point.beyond else "normal",
    )


@dataclass(frozen=True)
class Bar:
    """One line of a forest: a rate with its interval, and what it is set against."""

    label: str
    n: int | None
    rate: float | None
    inner: tuple[float, float] | None = None  # the 95 % interval
    outer: tuple[float, float] | None = None  # bounds, or the limits within which a centre works like the network
    reference: float | None = None  # the rate of the network
    beyond: bool = False
    span: tuple[float, float] | None = None  # where the rate lies, if it is not shown


def forest(key: str, bars: Sequence[Bar], lang: str, title: str) -> Markup:
    """Rates one under another: dot, 95 % interval, and a pale band for what `outer` holds."""
    said = "; ".join(f"{b.label}: {_rate(b, lang)} ({interval(b.inner, lang)})" for b in bars)
    with drawing(WIDE, 0.45 + 0.42 * len(bars), (3.3, 1.75, 0.35, 0.1), key, title, said) as sheet:
        axes = sheet.axes
        _intervals(axes, bars)
        for y, bar in enumerate(bars):
            count = SUPPRESSED if bar.n is None else number(bar.n, lang)
            axes.text(1.04, y, _rate(bar, lang), va="center", ha="left", weight="bold", clip_on=False)
            axes.text(1.27, y, f"n = {count}", va="center", ha="left", size=8.5, clip_on=False)
        percent_axis(axes, "x", lang, -0.01, 1.01)
        axes.set_ylim(len(bars) - 0.5, -0.5)
        axes.set_yticks(range(len(bars)), [wrap(b.label, 46) for b in bars])
        axes.spines["left"].set_visible(False)
    return sheet.svg


def _rate(bar: Bar, lang: str) -> str:
    if bar.span is not None:
        return span_words(bar.span, lang)
    return SUPPRESSED if bar.rate is None and bar.n != 0 else percent(bar.rate, lang)


def _intervals(axes: Axes, bars: Sequence[Bar]) -> None:
    """Bands, reference ticks, intervals and dots of all lines, each drawn at once."""
    outer = [(y, *bar.outer) for y, bar in enumerate(bars) if bar.outer]
    if outer:
        axes.hlines(*zip(*outer, strict=True), color=PALE, linewidth=11)
    spans = [(y, *bar.span) for y, bar in enumerate(bars) if bar.span]
    if spans:
        axes.hlines(*zip(*spans, strict=True), color=BLUE, linewidth=6)
    ticks = [(bar.reference, y - 0.3, y + 0.3) for y, bar in enumerate(bars) if bar.reference is not None]
    if ticks:
        axes.vlines(*zip(*ticks, strict=True), color=INK, linewidth=1.6)
    for beyond, colour, marker in ((False, BLUE, "o"), (True, ORANGE, "D")):
        mine = [(y, bar) for y, bar in enumerate(bars) if bar.beyond == beyond and bar.rate is not None]
        inner = [(y, *bar.inner) for y, bar in mine if bar.inner]
        if inner:
            axes.hlines(*zip(*inner, strict=True), color=colour, linewidth=1.6)
        rates = [bar.rate for _, bar in mine if bar.rate is not None]
        axes.plot(rates, [y for y, _ in mine], marker, color=colour, markersize=6)


@dataclass(frozen=True)
class Quarter:
    """The rate of one quarter; None where it is hidden or nothing was assessed."""

    label: str
    n: int | None
    rate: float | None
    inner: tuple[float, float] | None  # the 95 % interval


def trend(key: str, quarters: Sequence[Quarter], lang: str, title: str) -> Markup:
    """The rate of the network by quarter, with its interval and the number of decisions."""
    said = ", ".join(f"{q.label}: {SUPPRESSED if q.rate is None else percent(q.rate, lang)}" for q in quarters)
    with drawing(HALF, 2.75, (0.52, 0.12, 0.46, 0.14), key, title, said) as sheet:
        axes = sheet.axes
        shown = [(x, q.rate, q.inner) for x, q in enumerate(quarters) if q.rate is not None and q.inner is not None]
        if shown:
            axes.vlines(*zip(*((x, *inner) for x, _, inner in shown), strict=True), color=PALE, linewidth=5)
        rates = [np.nan if q.rate is None else q.rate for q in quarters]
        axes.plot(range(len(quarters)), rates, "o-", color=BLUE, markersize=4.5, linewidth=1.2)
        every = max(1, -(-len(quarters) // 8))
        for x, rate, inner in shown:
            if x % every == 0:
                axes.text(x, inner[1] + 0.02, percent(rate, lang), ha="center", va="bottom", size=7.5)
        for x, q in enumerate(quarters):
            if q.rate is None and q.n != 0:
                axes.text(x, 0.02, SUPPRESSED, ha="center", va="bottom", size=7.5, color=MUTED)
        percent_axis(axes, "y", lang, -0.03, 1.13)
        ticks = range(0, len(quarters), every)
        axes.set_xticks(ticks, [quarters[x].label.replace("-", "\n") for x in ticks])
        axes.set_xlim(-0.6, len(quarters) - 0.4)
    return sheet.svg
