"""Python reads this at its start where the folder is in PYTHONPATH: the night of a served process is the stand-in."""

import sys
from importlib.abc import MetaPathFinder
from importlib.util import spec_from_file_location
from pathlib import Path


class StandIn(MetaPathFinder):
    def find_spec(self, fullname, path=None, target=None):
        if fullname != "pipelines.nightly.night":
            return None
        return spec_from_file_location(fullname, Path(__file__).with_name("stand_in.py"))


sys.meta_path.insert(0, StandIn())
