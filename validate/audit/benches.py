"""The sheets that a target is asked: on the audit's own losses, or on its module."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import torch
from torch import Tensor

from validate.audit.network import Network, NetworkSheet, network_sheet
from validate.audit.sheet import Sheet
from validate.audit.target import Target
from validate.audit.waves import Waves, WaveSheet, wave_sheet
from validate.tolerance import norm

SINGLES = (1.0, 2.0, 3.0, 1.5, 2.5, 0.3, 0.1, 0.2, 30.0, 60.0, 1.0, 2.0)
"""Sizes of the gradient at the questions on one task: gentle ones and steep ones tell where gradients are cut."""
GROUPS = {3: (1.0, 2.0, 1.5, 3.0, 0.3), 2: (2.0, 1.0, 1.5)}
"""The same for questions on several tasks, by how many."""
REACH = (0.3, 0.45, 0.18)
"""alpha L on a module, in turn."""
AVERAGED = 20_000
"""Draws of all batches behind a mean."""


class Bench:
    """Makes the sheets of an audit.

    Parameters
    ----------
    target : Target
    seed : int
    paired : bool
        Whether one task is handed over twice, for code that takes no single one.
    """

    def __init__(self, target: Target, seed: int = 0, paired: bool = False) -> None:
        self.network, self.seed, self.paired = target.network, seed, paired

    @cached_property
    def singles(self) -> Sheet:
        """Questions on one task each."""
        return self._paired(self._sheet(SINGLES, 1, self.seed))

    @cached_property
    def groups(self) -> dict[int, Sheet]:
        """Questions on several tasks, by how many."""
        return {B: self._sheet(sizes, B, self.seed) for B, sizes in GROUPS.items()}

    @cached_property
    def mean(self) -> Sheet:
        """One question with many draws of all batches, one a row."""
        if self.network is not None:
            whole = network_sheet(self.network, 200, 1, self.seed + 90, self.alphas[:1])
            whole.w = whole.w[:1].expand(200, -1).clone()
            return whole
        return _one_task(wave_sheet((2.0,), 1, self.seed + 90, (0.3,)), AVERAGED)

    @cached_property
    def alphas(self) -> Sequence[float]:
        """Inner steps: fixed on our own losses, from the curvature on a module."""
        if self.network is None:
            return (0.2, 0.3, 0.12)
        L = curvature(self.network, self.seed)
        return tuple(reach / L for reach in REACH)

    def _sheet(self, sizes: Sequence[float], B: int, seed: int) -> Sheet:
        if self.network is not None:
            return network_sheet(self.network, len(sizes), B, seed, self.alphas)
        return wave_sheet(sizes, B, seed, self.alphas)

    def _paired(self, sheet: Sheet) -> Sheet:
        if not self.paired:
            return sheet
        if isinstance(sheet, WaveSheet):
            losses = {name: one.at(slice(None), [0, 0]) for name, one in sheet.losses.items()}
            return WaveSheet(sheet.w, sheet.alpha, losses)
        assert isinstance(sheet, NetworkSheet)
        data = {name: [row * 2 for row in rows] for name, rows in sheet.data.items()}
        return NetworkSheet(sheet.network, sheet.w, sheet.alpha, data)


def curvature(network: Network, seed: int) -> float:
    """Return about the largest curvature of a few tasks' losses at the start, by power iteration."""
    sheet = network_sheet(network, 4, 1, seed + 77, (1.0,))
    v = torch.randn(sheet.start.shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    size: Tensor = norm(v)
    for _ in range(12):
        v = sheet.hessian_vector(sheet.start, v / norm(v).unsqueeze(-1).clamp(min=1e-200), "in")
        size = norm(v)
    found = float(size.max())
    return found if 0 < found < float("inf") else 1.0


def _one_task(sheet: WaveSheet, rows: int) -> WaveSheet:
    """Return rows at the point and of the task of the first, which differ in the noise of A, b and a alone."""
    w = sheet.w[:1].expand(rows, -1).clone()
    rng = torch.Generator().manual_seed(5)
    base = sheet.losses["in"].at(0, 0)
    Q, d, m = len(w), w.shape[-1], len(base.a)

    def noise(*shape: int) -> Tensor:
        return torch.randn(Q, 1, *shape, generator=rng, dtype=torch.float64)

    losses = {}
    for split in sheet.losses:
        half = noise(d, d)
        A = base.A + 0.1 * (half + half.mT) / d**0.5
        rest = [part.expand(Q, 1, *part.shape) for part in (base.k, base.phase)]
        shared = noise(m)
        losses[split] = Waves(A, base.b + 0.5 * noise(d), base.a + 0.6 * shared, *rest)
    return WaveSheet(w, sheet.alpha[:1].expand(rows).clone(), losses)
