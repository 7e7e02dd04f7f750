"""Running tasks again and again until the process is told to stop. The only import of APScheduler."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import FrameType

from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.interval import IntervalTrigger

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
    former = {number: signal.signal(number, _stop) for number in STOP_SIGNALS}
    try:
        scheduler.start()
    except KeyboardInterrupt:
        if scheduler.running:
            scheduler.shutdown(wait=True)
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def _stop(_number: int, _frame: FrameType | None) -> None:
    """Raise rather than act here: unwinding frees the locks that the scheduler may hold.

    Later signals are ignored, for supervisors often send several; each task ends by itself.
    """
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt
