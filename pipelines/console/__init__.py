"""What the command line shows: progress, summaries and messages."""

from .checks import show_validation, validation
from .listings import show_code_systems, show_codes, show_contract, show_draft, show_parameters, show_rules
from .progress import progress, working
from .results import show_explanation, show_summary, summary
from .text import complain, exit_code, plain, print_csv, print_json, say

__all__ = [
    "complain",
    "exit_code",
    "plain",
    "print_csv",
    "print_json",
    "progress",
    "say",
    "show_code_systems",
    "show_codes",
    "show_contract",
    "show_draft",
    "show_explanation",
    "show_parameters",
    "show_rules",
    "show_summary",
    "show_validation",
    "summary",
    "validation",
    "working",
]
