"""From the format of the store that an older version wrote to that of this one, on a copy that takes its place at the end."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from . import home as homes
from .durable import UNFINISHED, move, sync_tree, write_bytes, writing
from .errors import HomeError
from .home import Home
from .ledger import Ledger
from .lock import must_hold

Migration = Callable[[Path], None]
"""Changes a copy of the store from one format to the next."""

MIGRATIONS: Mapping[int, Migration] = {}
"""Format -> what makes the next format of it. There has been one format only."""


def migrate(home: Home, migrations: Mapping[int, Migration] = MIGRATIONS) -> list[int]:
    """Bring the store to the format of this version; gives the formats it went through, none where it has that format.

    The store stays as it is until the copy is whole; then the two change places. The lock is held, by
    `locked(Home(path), ...)`: `Home.at` refuses another format.
    """
    must_hold(home)
    found = home.found_format
    if found is None:
        raise HomeError(f"{home.root} holds no nightly network (no store/format).")
    if found >= homes.FORMAT:
        if found > homes.FORMAT:
            Home.at(home.root)
        return []
    steps = list(range(found, homes.FORMAT))
    if missing := [str(step) for step in steps if step not in migrations]:
        raise HomeError(
            f"This version cannot migrate a store of format {', '.join(missing)}. Install the version of osteoconcord in "
            "between, migrate with it, then come back."
        )
    fresh = home.root / homes.MIGRATED
    with writing(home.root):
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(
            home.store, fresh, symlinks=True, ignore=shutil.ignore_patterns(f"*{UNFINISHED}", home.lock.name)
        )
        for step in steps:
            migrations[step](fresh)
    write_bytes(fresh / home.format_file.name, f"{homes.FORMAT}\n".encode())
    Ledger(fresh / home.ledger_folder.name).append("migrated", found=found, to=homes.FORMAT)
    sync_tree(fresh)
    move(home.store, home.root / homes.REPLACED)
    home.finish_migration()
    shutil.rmtree(home.root / homes.REPLACED, ignore_errors=True)
    return steps
