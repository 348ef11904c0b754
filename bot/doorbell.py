"""The doorbell: the one place that sends a Celery message, which says "this change has work" and nothing else.

Law: ringing is a courtesy. It never raises, never blocks its caller, and a bell nobody heard costs one sweep.
"""

from __future__ import annotations

import queue
import threading

import structlog
from celery import Celery

from bot.domain.effects import Lane

TASK = "shipmate.attend"
QUEUE_PREFIX = "shipmate-"
_WAITING = 10_000
log = structlog.get_logger("doorbell")


def celery_app(redis_url: str) -> Celery:
    """Return the Celery app that both sides share: early acks, no results, no prefetching."""
    app = Celery("shipmate", broker=redis_url)
    app.conf.update(
        task_ignore_result=True,
        task_acks_late=False,
        task_default_queue=f"{QUEUE_PREFIX}talk",
        task_serializer="json",
        accept_content=["json"],
        worker_prefetch_multiplier=1,
        worker_disable_prefetch=True,
        worker_hijack_root_logger=False,
        worker_send_task_events=False,
        worker_enable_remote_control=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        # A broker that cannot write (its disk or memory is full) answers with errors: a worker must outlive them.
        broker_channel_error_retry=True,
        broker_transport_options={
            "global_keyprefix": "shipmate:",
            "visibility_timeout": 60,
            "unacked_restore_throttle": 1,
            "socket_connect_timeout": 1.0,
            "health_check_interval": 15,
        },
    )
    return app


class Doorbell:
    """Rings from a thread of its own. `pause` seconds pass after a failed ring before the next one is tried."""

    def __init__(self, redis_url: str, pause: float = 1.0) -> None:
        self._app = celery_app(redis_url)
        self._pause = pause
        self._bells: queue.Queue[tuple[str, Lane] | None] = queue.Queue(maxsize=_WAITING)
        self._silent = threading.Event()
        self._thread = threading.Thread(target=self._ring_all, name="doorbell", daemon=True)
        self._thread.start()

    def ring(self, change_id: str, lane: Lane, after: float = 0.0) -> None:
        """Tell the workers of a lane that a change has work, now or in `after` seconds."""
        if after > 0:
            timer = threading.Timer(after, self.ring, (change_id, lane))
            timer.daemon = True
            timer.start()
            return
        try:
            self._bells.put_nowait((change_id, lane))
        except queue.Full:  # Redis has been away for long; the sweep will find everything
            return

    def ring_lanes(self, change_id: str, lanes: dict[Lane, float]) -> None:
        """Ring every lane that has work, when it is due."""
        for lane, after in lanes.items():
            self.ring(change_id, lane, after)

    def close(self) -> None:
        """Stop ringing; what was not rung is found by the sweep."""
        self._silent.set()
        try:
            self._bells.put_nowait(None)
        except queue.Full:
            return
        self._thread.join(timeout=2)

    def _ring_all(self) -> None:
        connection: object = None
        while not self._silent.is_set():
            bell = self._bells.get()
            if bell is None:
                break
            change_id, lane = bell
            try:
                if connection is None:
                    connection = self._app.connection_for_write(connect_timeout=1.0)
                self._app.send_task(
                    TASK, args=[change_id, lane], queue=QUEUE_PREFIX + lane, retry=False, connection=connection
                )
            except Exception as error:  # whatever the broker's trouble is, the sweep makes up for it
                log.warning("bell_not_heard", change=change_id, lane=lane, error=repr(error))
                connection = None
                self._silent.wait(self._pause)
