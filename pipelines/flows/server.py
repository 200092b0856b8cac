"""A Prefect server for one machine, as a process that ends with those who use it: `python -m pipelines.flows.server PORT`.

It listens on the loopback interface only. Its standard input is a pipe that nobody writes into: when the last process that
holds the other end is gone, however it went, the server ends too.
"""

from __future__ import annotations

import sys
import threading

import uvicorn


def main(port: int) -> None:
    """Serve until the pipe closes or a signal comes."""
    config = uvicorn.Config(
        "prefect.server.api.server:create_app",
        factory=True,
        host="127.0.0.1",
        port=port,
        log_level="error",
        lifespan="on",
        timeout_graceful_shutdown=5,
    )
    server = uvicorn.Server(config)

    def watch() -> None:
        sys.stdin.read()
        server.should_exit = True

    threading.Thread(target=watch, daemon=True).start()
    server.run()


if __name__ == "__main__":
    main(int(sys.argv[1]))
