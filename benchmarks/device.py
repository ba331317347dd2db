"""A card against the CPU: whether it computes the same, and how near its limit it comes.

Run with ``python -m benchmarks.device`` (``--device cuda`` is the default; without such a device it says so and
ends). The first table has every kind of comparison with its largest difference; with one beyond its limit the exit
code is 1. The second has the time of a step for each replicate, task and coordinate, drawing included.

The limit of a device is what its kernels cannot do without: draw each normal number, read it again, and read the
rows of the tasks' tables. How fast it draws and moves numbers is measured here as well. ``moved`` is what the
kernels really read and write, one after the other, against the measured speed of a copy.
"""

from __future__ import annotations

import argparse
import itertools
import platform
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from benchmarks import agreement
from benchmarks.agreement import Agreement
from benchmarks.peers.setting import TASKS
from benchmarks.table import plan
from bounds.errors import InputError
from empirics import checks, problems, simulate
from empirics.measure import torch_settings
from empirics.run import Run
from fosp.output import note
from fosp.tables import print_table

NORMALS = {"maml": 3, "fo-maml": 2, "hf-maml": 4}
TABLES = 3
"""Rows of a task that a ripple looks up."""
DIMENSIONS, REPLICATES = (10, 1000, 10_000), (64, 1000, 10_000, 100_000)
COPIED = 2**27
NUMBER = 8


def main() -> int:
    """Compare, measure, print; return 1 when the device does not compute what the CPU does."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cuda", help="where to compute: cuda, cuda:1, ...")
    parser.add_argument("--seconds", type=float, default=1.5, help="time for each figure")
    parser.add_argument("--quick", action="store_true", help="fewer families and sizes")
    args = parser.parse_args()
    try:
        checks.device(args.device)
    except InputError as error:
        note(f"nothing to measure: {error}")
        return 0
    torch.set_num_threads(1)
    note(f"{described(args.device)}; torch {torch.__version__}, Python {platform.python_version()}")
    found = list(agreement.compare(args.device, (3,) if args.quick else agreement.DIMENSIONS))
    print_agreement(found)
    print_speed(args.device, args.seconds, args.quick)
    return int(not all(one.good for one in found))


def described(device: str) -> str:
    """Return the name of the device."""
    if torch.device(device).type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"{device}, {platform.processor() or platform.machine()}"


def print_agreement(found: list[Agreement]) -> None:
    """Print each kind of comparison with its largest difference, and all that are too large."""
    ordered = sorted(found, key=lambda one: one.what)
    rows = []
    for what, group in itertools.groupby(ordered, key=lambda one: one.what):
        ones = list(group)
        worst = max(ones, key=lambda one: one.found / one.limit if one.limit else one.found)
        bad = sum(not one.good for one in ones)
        rows.append(
            [what, str(len(ones)), str(bad), f"{worst.found:.3g}", f"{worst.limit:.3g}", worst.problem]
        )
    header = ["what", "compared", "too far", "furthest", "limit", "on"]
    print_table("The device against the CPU (moments and runs in standard errors)", header, rows)
    for one in found:
        if not one.good:
            note(f"too far: {one.what} on {one.problem}: {one.found:.3g}, limit {one.limit:.3g}")


@dataclass(frozen=True)
class Limits:
    """Seconds of one normal number, and of one byte read or written, on a device."""

    normal: float
    byte: float

    @classmethod
    def of(cls, device: str, numbers: int) -> Limits:
        """Measure them with so many numbers."""
        source = torch.ones(numbers, dtype=torch.float64, device=device)
        target = torch.empty_like(source)
        moving = timed(lambda: target.copy_(source), device)
        drawing = timed(lambda: target.normal_(), device)
        return cls(drawing / numbers, moving / (2 * NUMBER * numbers))

    def least(self, algorithm: str) -> float:
        """Return the least seconds of an algorithm for one replicate, task and coordinate."""
        normals = NORMALS[algorithm]
        return normals * self.normal + (normals + TABLES) * NUMBER * self.byte


def timed(work: Callable[[], object], device: str, turns: int = 7) -> float:
    """Return the median seconds of a piece of work, after one turn that does not count."""
    found = []
    for turn in range(turns + 1):
        wait(device)
        begin = time.perf_counter()
        work()
        wait(device)
        if turn:
            found.append(time.perf_counter() - begin)
    return median(found)


def wait(device: str) -> None:
    """Wait until a device has done what it was asked."""
    if torch.device(device).type == "cuda":
        torch.cuda.synchronize(device)


def print_speed(device: str, seconds: float, quick: bool) -> None:
    """Print the time of a step on the CPU and on the device."""
    numbers = COPIED if torch.device(device).type != "cpu" else COPIED // 16
    limits = Limits.of(device, numbers)
    note(
        f"{device}: a copy moves {1e-9 / limits.byte:,.0f} GB/s (read and written); "
        f"{1e-9 / limits.normal:,.2f} billion normal numbers a second (float64)"
    )
    sizes = [("maml", d, r) for d in DIMENSIONS[: 1 if quick else None] for r in REPLICATES]
    sizes += [(name, DIMENSIONS[0], REPLICATES[-1]) for name in ("fo-maml", "hf-maml")]
    rows = [speed(limits, device, seconds, *size) for size in sizes]
    header = ["algorithm", "d", "replicates", "CPU", "device", "CPU / device", "of the limit", "moved"]
    title = f"A step for each replicate, task and coordinate: ripple, 50 tasks, B = {TASKS}, float64"
    print_table(title, header, rows)
    print_table("A whole simulation of ripple, d = 10", ["replicates", "CPU", "device"], whole(device, quick))
    if torch.device(device).type == "cuda":
        note(f"most memory at once: {torch.cuda.max_memory_allocated(device) / 2**30:.2f} GiB")


def speed(limits: Limits, device: str, seconds: float, algorithm: str, d: int, replicates: int) -> list[str]:
    """Return one row of the table."""
    problem = problems.from_spec(f"ripple:dim={d},n_tasks=50,rotate=false")
    own = plan(algorithm)
    here, there = (Run.make(problem, own, device=place) for place in ("cpu", device))
    cpu = step(here, replicates, min(seconds, 1.0))
    card = step(there, replicates, seconds)
    moved = bytes_of(there, replicates) * limits.byte / card
    return [
        *(algorithm, f"{d:,}", f"{replicates:,}"),
        *(f"{1e9 * cpu:.3g} ns", f"{1e9 * card:.3g} ns", f"{cpu / card:.3g}"),
        *(f"{limits.least(algorithm) / card:.0%}", f"{moved:.0%}"),
    ]


def step(run: Run, replicates: int, budget: float) -> float:
    """Return seconds for one replicate, task and coordinate of a step; blocks are alike, so a few may do."""
    blocks, steps = run.blocks(replicates), max(run.layout().steps, 4)
    advance_all(run, blocks[:1], 1)
    wait(run.device)
    begin, done = time.perf_counter(), 0
    for rows in itertools.chain.from_iterable(itertools.repeat(blocks)):
        advance_all(run, [rows], steps)
        done += len(rows) * steps
        wait(run.device)
        if time.perf_counter() - begin > budget:
            break
    return (time.perf_counter() - begin) / (done * TASKS * run.problem.dim)


def advance_all(run: Run, blocks: Iterable[range], steps: int) -> None:
    """Take so many steps from the origin with every block."""
    with torch_settings():
        for rows in blocks:
            shape = run.layout().replicates, run.problem.dim
            advance, w = run.stepper(rows), torch.zeros(shape, dtype=torch.float64, device=run.device)
            for k in range(steps):
                w, _ = advance(k, w)


def bytes_of(run: Run, replicates: int) -> float:
    """Return the bytes that the kernels of a step read and write for one replicate, task and coordinate."""
    steps, rows = run.layout().steps, run.blocks(replicates)[0]
    with Traffic() as traffic:
        advance_all(run, [rows], steps)
    return traffic.bytes / (steps * len(rows) * TASKS * run.problem.dim)


class Traffic(TorchDispatchMode):
    """Counts what each kernel reads and writes; a view moves nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.bytes = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run a kernel and add its traffic."""
        result = func(*args, **(kwargs or {}))
        given, made = list(tensors((args, kwargs))), list(tensors(result))
        known = {one.untyped_storage()._cdata for one in given}
        in_place = func._schema.is_mutable
        if in_place or any(one.untyped_storage()._cdata not in known for one in made):
            looked_up = "embedding" in func.__name__
            self.bytes += sum(stored(one) for one in (made + made if looked_up else given + made))
        return result


def tensors(tree: object) -> Iterator[Tensor]:
    """Yield the tensors in some arguments."""
    return (leaf for leaf in tree_leaves(tree) if isinstance(leaf, Tensor))


def stored(tensor: Tensor) -> int:
    """Return the bytes of a tensor, each element once however often it is repeated."""
    sizes = [size for size, stride in zip(tensor.shape, tensor.stride(), strict=True) if stride]
    return tensor.element_size() * int(torch.Size(sizes).numel())


def whole(device: str, quick: bool) -> list[list[str]]:
    """Return the seconds of runs that measure F at every tenth step."""
    problem, own = problems.from_spec("ripple"), plan("maml")
    rows = []
    for replicates in (64, 1024) if quick else (64, 1024, 8192):
        works = [
            partial(simulate, problem, own, replicates=replicates, iterations=100, every=10, device=place)
            for place in ("cpu", device)
        ]
        found = [timed(work, device, turns=1) for work in works]
        rows.append([f"{replicates:,}", *(f"{seconds:.3g} s" for seconds in found)])
    return rows


if __name__ == "__main__":
    sys.exit(main())
