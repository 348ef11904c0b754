"""A plain Celery task on a threads pool: what dispatch costs when the message itself is the work.

Law: the task's first act is to read the clock. Nothing is committed before it is sent, and nothing is claimed.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

from celery import Celery

QUEUE = "bench-dispatch"
SAID = "bench-started"
"""The Redis list to which a task adds "<number> <seconds from send to start>"."""


def create(redis_url: str) -> tuple[Celery, Any]:
    """Return (app, task); the task takes a number and the time at which it was sent."""
    app = Celery("peer", broker=redis_url)
    app.conf.update(
        task_ignore_result=True,
        task_default_queue=QUEUE,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        broker_connection_retry_on_startup=True,
    )

    @app.task(name="peer.start")  # type: ignore[untyped-decorator]  # celery has no types
    def start(number: int, sent: float) -> None:
        taken = time.time() - sent
        app.backend_redis.rpush(SAID, f"{number} {taken:.6f}")

    return app, start


def main() -> None:
    """Work until asked to stop."""
    from benchmarks.intake_servers import connect

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--redis-url-file", type=Path, required=True)
    url = parser.parse_args().redis_url_file.read_text()
    app, _ = create(url)
    app.backend_redis = connect(url)
    app.worker_main(
        f"worker --pool=threads --concurrency=64 -Q {QUEUE} --without-gossip --without-mingle --without-heartbeat "
        "--loglevel=WARNING".split()
    )


if __name__ == "__main__":
    main()
