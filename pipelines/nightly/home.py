"""The folder of a nightly network: where everything lies, and how it is made."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from . import config
from .durable import make_folder, sync_folder, write_bytes
from .errors import HomeError
from .ledger import Ledger
from .lock import Lock, LockHeld, locked

__all__ = ["Home", "HomeError", "Lock", "LockHeld", "locked"]

FORMAT = 1
"""The format of the store that this version writes."""

MIGRATED, REPLACED = ".store.migrated.tmp", ".store.replaced.tmp"
"""A migrated store on its way to its place, and the one before it on its way out."""

FOREIGN = ("lost+found", ".snapshot")
"""Folders that file systems put into an empty one."""


@dataclass(frozen=True)
class Home:
    """The folder of a network. `Home.at` opens one; `Home(root)` only names places."""

    root: Path

    @classmethod
    def at(cls, path: Path) -> Home:
        """The network in this folder; a HomeError where there is none that this version can work with."""
        home = cls(Path(path).expanduser().absolute())
        home.finish_migration()
        found = home.found_format
        if found is None:
            raise HomeError(
                f"{path} holds no nightly network (no store/format). Make one with `osteoconcord nightly init {path}`."
            )
        if found > FORMAT:
            raise HomeError(
                f"{path} was made by a newer version (format {found}; this one knows formats up to {FORMAT}). "
                "Install that version of osteoconcord, or a newer one."
            )
        if found < FORMAT:
            raise HomeError(
                f"{path} is of format {found}, this version works with format {FORMAT}. "
                f"Make a backup, then run `osteoconcord nightly migrate {path}`."
            )
        return home

    @classmethod
    def create(cls, path: Path) -> Home:
        """Make the folders of a new network and a commented configuration.

        A configuration or an inbox that is there already stays; anything else in the folder is refused. What a creation
        that was interrupted left is completed.
        """
        home = cls(Path(path).expanduser().absolute())
        home._refuse_foreign()
        for folder in home.folders:
            make_folder(folder)
        if not home.config_file.exists():
            write_bytes(home.config_file, config.template().encode("utf-8"))
        write_bytes(home.format_file, f"{FORMAT}\n".encode())
        return home

    def finish_migration(self) -> None:
        """Put a migrated store in its place once the one before has left it, in this process or in one that died there."""
        fresh = self.root / MIGRATED
        if not self.store.exists() and (self.root / REPLACED).is_dir() and fresh.is_dir():
            with suppress(FileNotFoundError):  # another process did it just now
                os.rename(fresh, self.store)
                sync_folder(self.root)

    def _refuse_foreign(self) -> None:
        if self.found_format is not None:
            raise HomeError(f"{self.root} is a nightly network already; see `osteoconcord nightly status {self.root}`.")
        if self.root.exists() and not self.root.is_dir():
            raise HomeError(f"{self.root} is a file, but a nightly network needs a folder. Choose another one.")
        if not self.root.is_dir():
            return
        known = {path.name for path in (self.config_file, self.root / "inbox", self.receipts, self.store)}
        ours = {path.name for path in self.folders if path.parent == self.store}
        others = [entry.name for entry in self.root.iterdir() if entry.name not in known and entry.name not in FOREIGN]
        others += [
            f"store/{entry.name}" for entry in self._in_store() if entry.name not in ours or any(entry.iterdir())
        ]
        if others := [name for name in others if not name.endswith(".tmp")]:
            raise HomeError(
                f"{self.root} is not empty (it holds {', '.join(sorted(others)[:3])}{' ...' if len(others) > 3 else ''}), "
                "so no network is made there. Choose a new or empty folder."
            )

    def _in_store(self) -> list[Path]:
        return [entry for entry in self.store.iterdir() if entry.is_dir()] if self.store.is_dir() else []

    @property
    def found_format(self) -> int | None:
        """The format of the store; None where there is no store."""
        try:
            text = self.format_file.read_text("utf-8").strip()
        except FileNotFoundError:
            return None
        except (NotADirectoryError, UnicodeDecodeError):
            text = ""
        except OSError as error:
            raise HomeError(f"{self.format_file} cannot be read: {error.strerror}.") from error
        if not text.isascii() or not text.isdecimal():
            raise HomeError(f"{self.format_file} is damaged: it must hold one number. Put back the file of a backup.")
        return int(text)

    @cached_property
    def config(self) -> config.Config:
        """The configuration; everything wrong with it is told at once."""
        return config.Config.read(self.config_file)

    @property
    def inbox(self) -> Path:
        """Where the centres put their deposits."""
        return self.root / self.config.inbox

    @property
    def config_file(self) -> Path:
        """The configuration file."""
        return self.root / "nightly.toml"

    @property
    def published(self) -> Path:
        """The symbolic link to the audit that readers see."""
        return self.root / "published"

    @property
    def receipts(self) -> Path:
        """What became of each deposit, in words."""
        return self.root / "receipts"

    @property
    def store(self) -> Path:
        """All that is kept."""
        return self.root / "store"

    @property
    def format_file(self) -> Path:
        """Says which format the store has."""
        return self.store / "format"

    @property
    def lock(self) -> Path:
        """The file that is locked by the process that works in the store."""
        return self.store / "lock"

    @property
    def ledger_folder(self) -> Path:
        """The entries of the ledger."""
        return self.store / "ledger"

    @property
    def ledger(self) -> Ledger:
        """The ledger."""
        return Ledger(self.ledger_folder)

    @property
    def deposits(self) -> Path:
        """The accepted deposits, in the types of the contract."""
        return self.store / "deposits"

    @property
    def raw(self) -> Path:
        """The accepted deposits as they were received."""
        return self.store / "raw"

    @property
    def runs(self) -> Path:
        """What was published, run by run."""
        return self.store / "runs"

    @property
    def work(self) -> Path:
        """Unfinished things."""
        return self.store / "work"

    @property
    def erased_file(self) -> Path:
        """Keyed fingerprints of erased patients."""
        return self.store / "erased.json"

    @property
    def erased_key(self) -> Path:
        """The key of those fingerprints."""
        return self.store / "erased.key"

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders of a network, those above others first."""
        inside = (self.store, self.ledger_folder, self.deposits, self.raw, self.runs, self.work)
        return (self.root, self.root / "inbox", self.receipts, *inside)
