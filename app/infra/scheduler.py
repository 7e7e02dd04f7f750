"""Running tasks again and again until the process is told to stop. The only import of APScheduler."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

from apscheduler.events import EVENT_SCHEDULER_STARTED
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.interval import IntervalTrigger

log = logging.getLogger(__name__)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)


@dataclass(frozen=True)
class Task:
    """`run` is called at each whole multiple of `every` since 1970, never twice at the same time."""

    name: str
    every: timedelta
    run: Callable[[], None]


def run_until_stopped(tasks: Sequence[Task]) -> None:
    """Run the tasks, each in its own thread, until SIGTERM or Ctrl-C; then let those under way end.

    To be called from the main thread. A task that raises is logged by the scheduler and called again.
    """
    # It announces each call at the level of information; the tasks say themselves what they did.
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    scheduler = BlockingScheduler(timezone=UTC)
    for task in tasks:
        scheduler.add_job(
            task.run,
            IntervalTrigger(seconds=int(task.every.total_seconds()), start_date=EPOCH, timezone=UTC),
            id=task.name,
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,  # late is better than never: each task is a sweep
        )
    told = Event()
    stopper = Thread(target=lambda: told.wait() and scheduler.shutdown(wait=True), daemon=True)
    scheduler.add_listener(lambda _event: stopper.start(), EVENT_SCHEDULER_STARTED)
    # Another thread stops the scheduler: a handler that raised would be swallowed by it, and one that
    # took its locks could wait for itself.
    former = {number: signal.signal(number, lambda _number, _frame: told.set()) for number in STOP_SIGNALS}
    log.info("started: %s", ", ".join(task.name for task in tasks))
    try:
        scheduler.start()
        stopper.join()
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
    log.info("stopped")
