"""Work for the tests of the engines; imported by name in the worker processes."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import torch

from empirics import algorithms


def double(item):
    return 2 * item


def fail_on_three(item):
    if item == 3:
        raise ValueError("three")
    return item


def die_once(item):
    """Kill the own process at number 2, the first time."""
    number, marker = item
    if number == 2 and not Path(marker).exists():
        Path(marker).write_text("")
        os.kill(os.getpid(), signal.SIGKILL)
    return 10 * number


def die_always(number):
    if number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return 10 * number


def threads(_):
    return torch.get_num_threads()


def not_picklable(item):
    return lambda: item


def sleep_and_tell(path):
    """Tell the own process id, then stay busy."""
    Path(path).write_text(str(os.getpid()))
    time.sleep(60)


def marker():
    return Path(os.environ["ENGINE_WORK_MARKER"])


def dying_maml(oracle, w, alpha):
    """MAML that kills its process once."""
    if not marker().exists():
        marker().write_text("")
        os.kill(os.getpid(), signal.SIGKILL)
    return algorithms.maml(oracle, w, alpha)


def failing(oracle, w, alpha):
    """Raise until the marker file exists."""
    if not marker().exists():
        raise ArithmeticError("no marker")
    return algorithms.maml(oracle, w, alpha)


def sleepy_maml(oracle, w, alpha):
    """MAML that takes its time."""
    time.sleep(1)
    return algorithms.maml(oracle, w, alpha)
