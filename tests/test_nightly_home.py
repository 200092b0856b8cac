"""The folder of a nightly network, its configuration and its lock."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.nightly import lock
from pipelines.nightly.config import SETTINGS, Config, ConfigError, template
from pipelines.nightly.home import FORMAT, Home, HomeError, LockHeld, locked
from tests.nightly_store import in_child, tell

# Folder


def test_a_new_network_can_be_opened_and_has_every_folder(tmp_path: Path) -> None:
    made = Home.create(tmp_path / "deep" / "network")
    assert Home.at(tmp_path / "deep" / "network") == made
    assert all(folder.is_dir() for folder in made.folders)
    assert made.inbox == made.root / "inbox"
    assert not list(made.root.rglob("*.tmp"))


@pytest.mark.parametrize("foreign", ["letter.txt", "store/other/file", "store/ledger/00000001.json"])
def test_a_folder_that_holds_something_else_is_refused_and_stays_as_it_was(tmp_path: Path, foreign: str) -> None:
    (tmp_path / foreign).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / foreign).write_text("mine")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(HomeError, match="not empty"):
        Home.create(tmp_path)
    assert sorted(tmp_path.rglob("*")) == before


def test_a_second_creation_is_refused(tmp_path: Path) -> None:
    Home.create(tmp_path)
    with pytest.raises(HomeError, match="is a nightly network already"):
        Home.create(tmp_path)


def test_a_creation_that_was_interrupted_is_completed(tmp_path: Path) -> None:
    home = Home.create(tmp_path)
    home.format_file.unlink()
    home.work.rmdir()
    assert Home.at(Home.create(tmp_path).root).work.is_dir()


def test_a_configuration_and_an_inbox_that_were_there_before_stay(tmp_path: Path) -> None:
    (tmp_path / "nightly.toml").write_text('language = "en"\n')
    (tmp_path / "inbox" / "c1").mkdir(parents=True)
    assert Home.create(tmp_path).config.language == "en"
    assert (tmp_path / "inbox" / "c1").is_dir()


def test_a_folder_without_a_network_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(HomeError, match=r"no nightly network.*nightly init"):
        Home.at(tmp_path)


@pytest.mark.parametrize(
    ("written", "told"), [(f"{FORMAT + 1}\n", "newer version"), ("0\n", "nightly migrate"), ("one", "damaged")]
)
def test_another_format_is_refused_with_what_to_do(tmp_path: Path, written: str, told: str) -> None:
    Home.create(tmp_path).format_file.write_text(written)
    with pytest.raises(HomeError, match=told):
        Home.at(tmp_path)


# Configuration


def config_of(folder: Path, text: str) -> Config:
    (folder / "nightly.toml").write_text(text)
    return Config.read(folder / "nightly.toml")


def test_the_file_that_is_written_holds_exactly_the_defaults(tmp_path: Path) -> None:
    assert Home.create(tmp_path / "made").config == config_of(tmp_path, "")


def test_every_setting_stands_in_the_file_and_its_example_can_be_used_as_it_is(tmp_path: Path) -> None:
    for setting in SETTINGS:
        assert setting.meaning in template()
        assert f"{setting.name} = " in template()
    (tmp_path / "gate.toml").write_text("smallest_n = 5\n")
    (tmp_path / "parameters.toml").write_text("MIRELS_SURGERY = 45\n")
    uncommented = [
        line[2:] if line.startswith("# ") and any(line.startswith(f"# {s.name} = ") for s in SETTINGS) else line
        for line in template().splitlines()
    ]
    read = config_of(tmp_path, "\n".join(uncommented))
    assert read.pseudonym_key_env == "OSTEOCONCORD_KEY"
    assert read.gate_values == {"smallest_n": 5}
    assert read.overrides == {"MIRELS_SURGERY": 45}
    assert read.alerts.email_to == ("quality@network.example",)


def test_everything_wrong_is_told_at_once_with_what_is_allowed(tmp_path: Path) -> None:
    (tmp_path / "parameters.toml").write_text("MIRELS_SURGERI = 45\n")
    text = """
        langage = "fr"
        quiet_minutes = -1
        rules = ["G1-3.4-8"]
        gate = "nowhere.toml"
        parameters = "parameters.toml"
        [keep]
        run = 3
        raw_days = 1.5
        [accept]
        most_lost = true
        most_refused = nan
        [alerts]
        email_block = "mail"
        [alarms]
        stale_days = 3
    """
    with pytest.raises(ConfigError) as caught:
        config_of(tmp_path, text)
    told = str(caught.value)
    for words in (
        "langage: there is no such setting; did you mean language?",
        "quiet_minutes: allowed is a number from 0 to 1440.",
        "rules: Unknown rule 'G1-3.4-8'. Did you mean",
        "gate: ",
        "nowhere.toml cannot be read",
        "MIRELS_SURGERI: no such parameter. Did you mean MIRELS_SURGERY?",
        "keep.run: there is no such setting; did you mean keep.runs?",
        "keep.raw_days: allowed is a whole number from 0.",
        "accept.most_lost: allowed is a share from 0 to 1.",
        "accept.most_refused: allowed is a share from 0 to 1.",
        "alerts.email_block and alerts.email_to: set both, or neither.",
        "alarms: there is no such setting; did you mean alerts?",
    ):
        assert words in told
    assert len(caught.value.problems) == 11


@pytest.mark.parametrize(("content", "told"), [(b"language = fr", "no TOML"), (b'inbox = "\xe9"', "UTF-8")])
def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "nightly.toml").write_bytes(content)
    with pytest.raises(HomeError, match=told):
        Config.read(tmp_path / "nightly.toml")


def test_only_settings_that_can_change_results_change_the_fingerprint(tmp_path: Path) -> None:
    plain = config_of(tmp_path, "").fingerprint
    same = 'quiet_minutes = 0\ninbox = "elsewhere"\n[keep]\nruns = 3\n[alerts]\nstale_days = 3\n'
    assert config_of(tmp_path, same).fingerprint == plain
    (tmp_path / "p.toml").write_text("MIRELS_SURGERY = 45\n")
    changed = [
        'language = "en"', 'rules = ["G1-3.4-08"]', 'parameters = "p.toml"', 'pseudonym_key_env = "K"',
        "[accept]\nmost_lost = 0.1",
    ]  # fmt: skip
    assert len({plain, *(config_of(tmp_path, text).fingerprint for text in changed)}) == len(changed) + 1


def test_a_parameter_file_that_changed_changes_the_fingerprint(tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text("MIRELS_SURGERY = 45\n")
    before = config_of(tmp_path, 'parameters = "p.toml"').fingerprint
    (tmp_path / "p.toml").write_text("MIRELS_SURGERY = 46\n")
    assert Config.read(tmp_path / "nightly.toml").fingerprint != before


# Lock


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.create(tmp_path / "network")


def hold(home: Home) -> Callable[[], None]:
    """What a child does to hold the lock until it is killed."""

    def run() -> None:
        with locked(home, "nightly run"):
            tell(home.root / "holding")
            signal.pause()

    return run


def test_of_two_processes_one_works_and_the_other_is_told_who_and_since_when(home: Home) -> None:
    with in_child(hold(home), until=home.root / "holding") as child:
        with pytest.raises(LockHeld) as caught, locked(home, "nightly status"):
            pass
        owner = lock.owner_of(home)
    assert caught.value.owner == owner
    assert owner is not None
    assert (owner.pid, owner.what) == (child, "nightly run")
    for words in (f"process {child}", owner.host, "nightly run", owner.since, "0 min", "Wait until"):
        assert words in str(caught.value)


def test_the_lock_of_a_killed_owner_is_free_at_once_and_the_next_one_is_told(home: Home) -> None:
    with in_child(hold(home), until=home.root / "holding") as child:
        pass
    with locked(home, "nightly run") as held:
        assert held.recovered is not None
        assert held.recovered.pid == child
        assert "ended without giving back its lock" in (held.message or "")
    with locked(home, "nightly run") as held:
        assert held.message is None
    assert lock.owner_of(home) is None


def test_an_age_is_never_negative_when_the_clock_goes_back() -> None:
    owner = lock.Owner(1, "host", "2999-01-01T00:00:00Z", "nightly run")
    assert owner.age().total_seconds() == 0
    assert "2999-01-01T00:00:00Z (0 min)" in str(LockHeld(Path("x/store/lock"), owner))


def test_a_child_that_outlives_its_parent_does_not_keep_the_lock(home: Home) -> None:
    def parent() -> None:
        with locked(home, "nightly run"):
            if os.fork() == 0:
                tell(home.root / "forked", str(os.getpid()))
                time.sleep(60)
                os._exit(0)
            started = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], close_fds=False)
            tell(home.root / "started", str(started.pid))
            signal.pause()

    with in_child(parent, until=(home.root / "started", home.root / "forked")):
        pass
    children = [int((home.root / name).read_text()) for name in ("forked", "started")]
    try:
        with locked(home, "nightly run") as held:
            assert held.recovered is not None
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)


def test_a_forked_child_that_leaves_the_block_does_not_free_the_lock_of_its_parent(home: Home) -> None:
    with locked(home, "nightly run"):
        child = os.fork()
        if child == 0:
            try:
                raise SystemExit
            finally:
                os._exit(0 if not lock._held else 1)
        assert os.waitpid(child, 0)[1] == 0
        assert json.loads(home.lock.read_text())["pid"] == os.getpid()
        with pytest.raises(LockHeld), locked(home, "another"):
            pass


def test_the_store_is_not_changed_without_the_lock(home: Home) -> None:
    with pytest.raises(RuntimeError, match="without its lock"):
        lock.must_hold(home)
    with locked(home, "test"):
        lock.must_hold(home)
