"""Figures of the cohort: how it came about, its scores, what was recommended and given, who stayed on treatment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress

from markupsafe import Markup
from matplotlib.patches import Rectangle

from ..published_cohort import RISK_DAYS, TWO_YEARS, PublishedPersistence
from ..words import SUPPRESSED, number, percent
from .canvas import BANDS, BLUE, GRID, HALF, INK, MUTED, PALE, WIDE, drawing, percent_axis, wrap


def flow(key: str, steps: Sequence[tuple[str, int | None]], lang: str, title: str) -> Markup:
    """How many patients each step keeps, as bars with their numbers."""
    most = max((n or 0 for _, n in steps), default=0) or 1
    said = ", ".join(f"{name}: {SUPPRESSED if n is None else number(n, lang)}" for name, n in steps)
    with drawing(WIDE, 0.2 + 0.36 * len(steps), (3.3, 0.9, 0.05, 0.05), key, title, said) as sheet:
        axes = sheet.axes
        axes.barh(range(len(steps)), [n or 0 for _, n in steps], height=0.62, color=BLUE)
        for y, (_, n) in enumerate(steps):
            text = SUPPRESSED if n is None else number(n, lang)
            axes.text((n or 0) + most * 0.012, y, text, va="center", ha="left", weight="bold", clip_on=False)
        axes.set_yticks(range(len(steps)), [wrap(name, 46) for name, _ in steps])
        axes.set_ylim(len(steps) - 0.5, -0.5)
        axes.set_xlim(0, most)
        axes.set_xticks([])
        axes.spines["bottom"].set_visible(False)
    return sheet.svg


@dataclass(frozen=True)
class Column:
    """One bar of a distribution; `n` None is hidden; `shade` counts the bands, None is outside them."""

    label: str
    n: int | None
    shade: int | None


def score_distribution(key: str, columns: Sequence[Column], lang: str, title: str) -> Markup:
    """The distribution of a score, a shade per band, the count above each bar."""
    most = max((c.n or 0 for c in columns), default=0) or 1
    said = ", ".join(f"{c.label}: {SUPPRESSED if c.n is None else number(c.n, lang)}" for c in columns)
    with drawing(HALF, 2.3, (0.1, 0.1, 0.42, 0.16), key, title, said) as sheet:
        axes = sheet.axes
        for x, column in enumerate(columns):
            face = "white" if column.shade is None else BANDS[min(column.shade, len(BANDS) - 1)]
            axes.bar([x], [column.n or 0], width=0.78, color=face, edgecolor=MUTED, linewidth=0.6)
            text = SUPPRESSED if column.n is None else number(column.n, lang)
            axes.text(
                x, (column.n or 0) + most * 0.02, text, ha="center", va="bottom", size=7.5 if len(columns) < 14 else 6.5
            )
        axes.set_xticks(
            range(len(columns)), [wrap(c.label, 12, 2) for c in columns], size=8 if len(columns) < 14 else 7
        )
        axes.set_xlim(-0.6, len(columns) - 0.4)
        axes.set_ylim(0, most * 1.12)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
    return sheet.svg


@dataclass(frozen=True)
class Row:
    """One line of a matrix: how often each option was given, as recommended or not (None is hidden)."""

    label: str
    met: Sequence[int | None]
    failing: Sequence[int | None]
    recommended: Sequence[bool]

    def uses(self, option: int) -> bool:
        """Whether an option was given or recommended."""
        return self.met[option] != 0 or self.failing[option] != 0 or self.recommended[option]

    def only(self, options: Sequence[bool]) -> Row:
        """The row with some of its options."""
        met, failing = (list(compress(counts, options)) for counts in (self.met, self.failing))
        return Row(self.label, met, failing, list(compress(self.recommended, options)))


def matrix(key: str, rows: Sequence[Row], options: Sequence[str], lang: str, title: str) -> Markup:
    """What was given (columns) for each rule (rows); the squares that the rule recommends have a heavy frame."""
    said = "; ".join(
        f"{r.label}: {', '.join(f'{o} {_outcomes(r, x, lang)}' for x, o in enumerate(options))}" for r in rows
    )
    with drawing(WIDE, 0.55 + 0.46 * len(rows), (3.3, 0.05, 0.05, 0.5), key, title, said) as sheet:
        axes = sheet.axes
        for y, row in enumerate(rows):
            given = [(met or 0) + (failing or 0) for met, failing in zip(row.met, row.failing, strict=True)]
            for x, n in enumerate(given):
                depth = n / (sum(given) or 1)
                face = tuple(1 - depth * (1 - c) * 0.9 for c in (0.31, 0.58, 0.74))
                edge, width = (INK, 2.0) if row.recommended[x] else (GRID, 0.7)
                axes.add_artist(
                    Rectangle((x - 0.46, y - 0.42), 0.92, 0.84, facecolor=face, edgecolor=edge, linewidth=width)
                )
                weight = "bold" if row.recommended[x] else "normal"
                axes.text(x, y, _outcomes(row, x, lang), ha="center", va="center", weight=weight)
        axes.set_xlim(-0.5, len(options) - 0.5)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.xaxis.tick_top()
        axes.set_xticks(range(len(options)), [wrap(o, max(9, 84 // len(options)), 4) for o in options])
        axes.set_yticks(range(len(rows)), [wrap(r.label, 46) for r in rows])
        for spine in axes.spines.values():
            spine.set_visible(False)
    return sheet.svg


def _outcomes(row: Row, option: int, lang: str) -> str:
    """How often an option was given, with a tick where that was as recommended and a cross where it was not."""
    marked = ((row.met[option], "✓"), (row.failing[option], "✗"))
    return " · ".join(f"{SUPPRESSED if n is None else number(n, lang)} {mark}" for n, mark in marked if n != 0) or "0"


def persistence_curve(
    key: str,
    curve: PublishedPersistence,
    at_two_years: float | None,
    lang: str,
    title: str,
    axes_in_words: tuple[str, str],
) -> Markup:
    """The share still on treatment over two years, with its 95 % band and the numbers at risk under the months."""
    time, at_risk = axes_in_words
    said = f"730: {percent(at_two_years, lang)}"
    days = [0, *curve.days]
    share, lower, upper = ([1.0, *values] for values in (curve.share, curve.lower, curve.upper))
    with drawing(WIDE, 3.2, (1.8, 0.9, 0.75, 0.15), key, title, said) as sheet:
        axes = sheet.axes
        axes.fill_between(days, lower, upper, step="post", color=PALE, linewidth=0)
        axes.plot(days, share, drawstyle="steps-post", color=BLUE, linewidth=1.5)
        if at_two_years is not None:
            axes.plot([TWO_YEARS], [at_two_years], "o", color=BLUE, markersize=6, clip_on=False)
            axes.text(
                TWO_YEARS + 14, at_two_years, percent(at_two_years, lang), va="center", weight="bold", clip_on=False
            )
        percent_axis(axes, "y", lang, 0, 1.03)
        axes.set_xlim(0, TWO_YEARS)
        axes.set_xticks(RISK_DAYS, [str(6 * i) for i in range(len(RISK_DAYS))])
        axes.set_xlabel(time, size=8.5, labelpad=2)
        under = axes.get_xaxis_transform()
        axes.text(-36, -0.24, at_risk, transform=under, ha="right", va="center", size=8, clip_on=False)
        for day, left in curve.at_risk.items():
            axes.text(
                day, -0.24, number(left, lang), transform=under, ha="center", va="center", size=8.5, clip_on=False
            )
    return sheet.svg
