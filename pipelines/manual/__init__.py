"""The manual of the guideline in docs/guideline, made from the declarations.

One page per domain and per score in both languages, the parameters and readings, and the coverage of the texts.
"""

from __future__ import annotations

from pathlib import Path

from .coverage import coverage_page
from .parameters import parameters_page
from .rules import domain_page, domains
from .scores import score_pages
from .signoffs import SignOffs
from .words import WORDS, say

__all__ = ["domain_page", "pages", "write"]

LANGUAGES = ("en", "fr")


def pages(folder: Path, cases: Path) -> dict[str, str]:
    """Every page by its path in `folder`, which holds sign-off.csv; `cases` is the folder of the case tables."""
    signed = SignOffs.read(folder)
    made: dict[str, str] = {"README.md": _index(signed)}
    for lang in LANGUAGES:
        for domain in domains():
            made[f"{lang}/{domain}.md"] = domain_page(domain, lang, signed, cases if lang == "en" else None)
        made |= {f"{lang}/{name}": page for name, page in score_pages(lang, signed).items()}
        made[f"{lang}/parameters.md"] = parameters_page(lang, signed)
        made[f"{lang}/coverage.md"] = coverage_page(lang)
    return made


def _index(signed: SignOffs) -> str:
    title = " · ".join(WORDS["manual"][lang] for lang in ("fr", "en"))
    return "\n".join(
        [f"# {title}", "", f"<!-- {say('made', 'en')} -->", "", *_contents("fr", signed), *_contents("en", signed)]
    )


def _contents(lang: str, signed: SignOffs) -> list[str]:
    colon = " : " if lang == "fr" else ": "
    by_domain = [f"[{words[lang]}]({lang}/{domain}.md)" for domain, words in domains().items()]
    titled = {
        f"{lang}/{name}": page.partition("\n")[0].removeprefix("# ") for name, page in score_pages(lang, signed).items()
    }
    return [
        f"## {'Français' if lang == 'fr' else 'English'}",
        "",
        say("intro", lang),
        "",
        say("signed", lang, n=signed.count(), of=len(signed.rows)),
        "",
        f"- [{say('coverage', lang)}]({lang}/coverage.md)",
        f"- [{say('parameters', lang)}]({lang}/parameters.md)",
        f"- {say('domains', lang)}{colon}{', '.join(by_domain)}",
        f"- {say('scores', lang)}{colon}{', '.join(f'[{title}]({there})' for there, title in titled.items())}",
        "",
    ]


def write(folder: Path, cases: Path) -> None:
    """Bring sign-off.csv up to date with the readings, keeping what is signed, and write every page."""
    SignOffs.refresh(folder)
    for name, page in pages(folder, cases).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page, encoding="utf-8", newline="\n")
