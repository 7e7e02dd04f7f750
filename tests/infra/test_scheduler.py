"""Tasks go on until a signal, and those under way end. In a process of its own, for signals are the process's."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.config import ROOT

PROGRAM = """
import sys, time
from datetime import timedelta
from app.infra.scheduler import Task, run_until_stopped

def steady():
    print("steady", flush=True)

def broken():
    print("broken", flush=True)
    raise RuntimeError("a task fell")

def slow():
    print("slow begins", flush=True)
    time.sleep(1.5)
    print("slow ends", flush=True)

tasks = {"steady": steady, "broken": broken, "slow": slow}
run_until_stopped([Task(name, timedelta(seconds=1), tasks[name]) for name in sys.argv[1:]])
print("over", flush=True)
"""


@contextmanager
def running(tmp_path: Path, *tasks: str) -> Iterator[subprocess.Popen[str]]:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    with subprocess.Popen(
        [sys.executable, str(program), *tasks],
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def read_until(process: subprocess.Popen[str], word: str, times: int = 1) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        times -= line.strip() == word
        if not times:
            return
    raise AssertionError(f"« {word} » never came")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_task_under_way_ends_before_the_process(tmp_path: Path, number: signal.Signals) -> None:
    with running(tmp_path, "slow") as process:
        read_until(process, "slow begins")
        process.send_signal(number)
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate(timeout=30)
        assert rest.split("\n") == ["slow ends", "over", ""]
        assert process.returncode == 0


def test_a_task_that_raises_is_called_again_and_holds_up_nobody(tmp_path: Path) -> None:
    with running(tmp_path, "broken", "steady") as process:
        read_until(process, "broken", times=2)
        read_until(process, "steady")
