"""Write the manual: `python -m pipelines.manual docs/guideline tests/cases`."""

import sys
from pathlib import Path

from . import write

if __name__ == "__main__":
    write(Path(sys.argv[1]), Path(sys.argv[2]))
