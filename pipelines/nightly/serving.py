"""The nights of a network on a schedule: a Prefect server of its own where none is configured, and the runner.

Both are processes of their own that are started again when they end by themselves, and that end with this one, however it
ends: each reads from a pipe whose other end this process holds. The server's pipe is held by the runner too, so that the
runner can still say how its night ended.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pipelines.run import RequestError

from .durable import create
from .errors import HomeError
from .home import Home

START_SECONDS = 300
"""How long the server may take to answer for the first time; a slow disk migrates the database for a minute."""
STOP_SECONDS = 90
"""How long a process may take to end before it is killed."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 300.0
"""Seconds before a process that ended by itself is started again: twice as long each time, up to the second."""
LOOK_SECONDS = 0.5
PORTS_TRIED = 3
PASSWORD = "password"
"""The file in HOME/prefect with the name and password of the server of our own."""
FIELDS = 5
"""Fields of a cron expression."""
USAGE = 2
"""The exit code of wrong usage."""

CLIENT_RETRIES = 10
"""How often a request is tried again, 2, 4, 8 ... seconds later: a server may be away for half an hour."""


class ServeError(HomeError):
    """The nights cannot be served."""


class ScheduleError(RequestError):
    """A schedule that nobody can keep."""


@dataclass(frozen=True)
class Schedule:
    """When nights begin."""

    cron: str
    timezone: str
    poll_seconds: float = 10

    @classmethod
    def checked(cls, cron: str, timezone: str | None, poll_seconds: float = 10) -> Schedule:
        """A schedule as far as it can be checked without Prefect, which checks the rest."""
        if len(cron.split()) != FIELDS:
            raise ScheduleError(
                f'--cron "{cron}": there must be five fields: minute, hour, day, month, day of the week; "0 2 * * *" is '
                "every night at two."
            )
        if timezone is not None:
            try:
                ZoneInfo(timezone)
            except (ZoneInfoNotFoundError, ValueError, OSError):
                raise ScheduleError(
                    f"--timezone {timezone}: there is no such time zone; write one as Europe/Paris."
                ) from None
        return cls(cron, timezone or local_timezone(), poll_seconds)


def local_timezone() -> str:
    """The name of the machine's time zone, UTC where it has none."""
    link = os.path.realpath("/etc/localtime")
    for name in (os.environ.get("TZ", "").lstrip(":"), link.partition("zoneinfo/")[2]):
        with suppress(ZoneInfoNotFoundError, ValueError, OSError):
            if name:
                return ZoneInfo(name).key
    return "UTC"


def environment(home: Home, port: int | None) -> dict[str, str]:
    """The environment of server and runner: all that Prefect keeps lies in the folder of the network, nothing is told
    outside.

    Args:
        home: the network.
        port: of the server of our own; None where another one is configured.
    """
    folder = home.root / "prefect"
    own = {
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_INTERNAL_LOGGING_LEVEL": "CRITICAL",
        "PREFECT_CLIENT_MAX_RETRIES": os.environ.get("PREFECT_CLIENT_MAX_RETRIES", str(CLIENT_RETRIES)),
        "PREFECT_HOME": os.environ.get("PREFECT_HOME", str(folder)),
    }
    if port is not None:
        password = _password(home)
        own |= {
            "PREFECT_SERVER_API_AUTH_STRING": password,
            "PREFECT_API_AUTH_STRING": password,
            "PREFECT_HOME": str(folder),
            "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
            "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{folder / 'prefect.db'}",
            "PREFECT_SERVER_UI_ENABLED": os.environ.get("PREFECT_SERVER_UI_ENABLED", "false"),
            "PREFECT_UI_STATIC_DIRECTORY": str(folder / "ui"),
            "NO_PROXY": ",".join(filter(None, [os.environ.get("NO_PROXY"), "127.0.0.1"])),
        }
    return dict(os.environ) | own


def _password(home: Home) -> str:
    """The password of the server of our own: any user of the machine could ask it, and it knows the secrets of blocks."""
    path = home.root / "prefect" / PASSWORD
    with suppress(FileExistsError):
        create(path, f"osteoconcord:{secrets.token_urlsafe(24)}".encode(), 0o600)
    return path.read_text("ascii")


class Lifeline:
    """A pipe that nobody writes into: who reads from it learns when all who hold the other end are gone."""

    def __init__(self) -> None:
        self.end, self.held = os.pipe()


class Child:
    """A process with a lifeline; one that ended by itself is started again, later each time."""

    def __init__(self, name: str, command: list[str], env: dict[str, str], line: Lifeline, *held: int) -> None:
        self.name = name
        self._command, self._env, self._line, self._held = command, env, line, held
        self._pause, self._again_at, self._began = FIRST_PAUSE, 0.0, 0.0
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, in a session of its own: a ctrl-C is for the process that looks after it."""
        self._began = time.monotonic()
        self._process = subprocess.Popen(
            self._command, env=self._env, stdin=self._line.end, pass_fds=self._held, start_new_session=True
        )

    @property
    def code(self) -> int | None:
        """How it ended; None while it runs."""
        return self._process.poll() if self._process else None

    def look_after(self) -> None:
        """Start it again where it ended and the pause is over."""
        if self.code is None:
            return
        now = time.monotonic()
        if not self._again_at:
            if now - self._began > LONGEST_PAUSE:  # it was well for a while
                self._pause = FIRST_PAUSE
            self._again_at = now + self._pause
            say(f"The {self.name} ended ({self.code}); it is started again in {self._pause:g} s.")
            self._pause = min(2 * self._pause, LONGEST_PAUSE)
        elif now >= self._again_at:
            self._again_at = 0.0
            self.start()

    def stop(self) -> None:
        """End it, and wait until it has ended."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def say(text: str) -> None:
    """A line for the operator or the journal."""
    print(text, file=sys.stderr, flush=True)


def serve(home: Home, schedule: Schedule) -> int:
    """Serve until a signal comes; the exit code."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    with _alone(home), ExitStack() as stack:
        line = Lifeline()
        url = os.environ.get("PREFECT_API_URL")
        if url:
            server, env = None, environment(home, None)
        else:
            server, env = _own_server(home, line, stop)
            stack.callback(server.stop)
        if stop.is_set():
            return 0
        say(
            f"Nights of {home.root} at `{schedule.cron}` ({schedule.timezone}); server: {url or env['PREFECT_API_URL']}"
        )
        runner = Child("runner", _runner_command(home, schedule), env, Lifeline(), line.held)
        stack.callback(runner.stop)
        runner.start()
        while not stop.wait(LOOK_SECONDS):
            if runner.code == USAGE:
                return USAGE
            for child in (server, runner):
                if child:
                    child.look_after()
        say("Stopping: a night at work is told to end, the next one resumes it.")
    return 0


def _runner_command(home: Home, schedule: Schedule) -> list[str]:
    options = ["--cron", schedule.cron, "--timezone", schedule.timezone, "--poll-seconds", str(schedule.poll_seconds)]
    return [sys.executable, "-m", "pipelines.flows.runner", str(home.root), *options]


def _own_server(home: Home, line: Lifeline, stop: threading.Event) -> tuple[Child, dict[str, str]]:
    """A server on a free port that answers, and the environment in which it is used."""
    say("Starting a Prefect server of our own; it takes some seconds.")
    for _ in range(PORTS_TRIED):
        port = _free_port()
        env = environment(home, port)
        server = Child("server", [sys.executable, "-m", "pipelines.flows.server", str(port)], env, line)
        server.start()
        if _answers(f"{env['PREFECT_API_URL']}/health", server, stop):
            return server, env
        ended = server.code
        server.stop()
        if ended is None:
            break
    raise ServeError(
        f"The Prefect server did not answer within {START_SECONDS} s. Its messages stand above; its files lie in "
        f"{home.root / 'prefect'}, and can be removed when nothing is served."
    )


def _answers(url: str, server: Child, stop: threading.Event) -> bool:
    """Whether the server answers before it ends or the time is over; true as well when we are told to stop."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and server.code is None:
        with suppress(OSError), opener.open(url, timeout=5):
            return True
        if stop.wait(LOOK_SECONDS):
            return True
    return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def _alone(home: Home) -> Iterator[None]:
    """One process serves a network: the folder of Prefect is locked until it ends, however it ends."""
    folder = home.root / "prefect"
    folder.mkdir(mode=0o700, exist_ok=True)
    with (folder / "served").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise ServeError(
                f"{home.root} is served already, by process {lock.read().strip() or 'unknown'}. End that one first."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
