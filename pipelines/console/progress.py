"""Bars while something is at work, on standard error and only on a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from ..audit import STAGES, Direct
from ..words import WORDS

if TYPE_CHECKING:
    from ..run import Request, Run, Step


class _Shown(Direct):
    def __init__(self, bar: Progress, total: int, lang: str) -> None:
        self._bar, self._lang = bar, lang
        self._task = bar.add_task("", total=total)

    def step(self, run: Run, stage: str, step: Step) -> None:
        self._bar.update(self._task, description=WORDS[step.__name__][self._lang])
        super().step(run, stage, step)
        self._bar.advance(self._task)


@contextmanager
def progress(request: Request, stages: tuple[str, ...], quiet: bool) -> Iterator[Direct]:
    """A bar over the steps, on standard error and only on a terminal."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield Direct()
        return
    steps = [step for name in stages if name != "report" or request.report for step in STAGES[name]]
    columns = (SpinnerColumn(), TextColumn("{task.description:<44}"), BarColumn(bar_width=20), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        yield _Shown(bar, len(steps), request.lang)


@contextmanager
def working(what: str, quiet: bool) -> Iterator[None]:
    """A moving bar for one piece of work, on standard error and only on a terminal."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=20), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        bar.add_task(what, total=None)
        yield
