"""A run of the main job holds more than a figure wants: other problems, other horizons."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from bounds import Constants, recommend
from figures import convergence, plateau, style


class Stored:
    """Evidence that was written down by hand."""

    def __init__(self, rows):
        self.rows = rows

    def of_kind(self, kind):
        return [row for row in self.rows if row["kind"] == kind]

    def frame(self, row):
        k = range(9)
        return pd.DataFrame({"replicate": 0, "iteration": k, "grad_norm": row["tail"], "step_size": 0.1})


CONSTANTS = Constants(L=1.0, rho=1.0, sigma=1.0, sigma_tilde=0.0, sigma_H=0.0, Delta=1.0)


def stopped(x, algorithm="fo-maml", tail=0.02, level=0.02):
    return {
        "kind": "plateau",
        "labels": {"sweep": "alpha", "x": x},
        "algorithm": algorithm,
        "exact": True,
        "tail": tail,
        "predicted": {"plateau": level},
        "problem": "plateau",
        "alpha": x,
        "seed": 0,
        "replicates": 1,
        "plan": recommend(CONSTANTS, 1.0, algorithm, alpha=x).to_dict(),
    }


def test_the_plateau_figure_takes_floors_of_fo_maml_only():
    rows = [stopped(0.05), stopped(0.1), stopped(0.1, "maml", 1e-16), stopped(0.1, level=0.0, tail=1e-16)]
    frame = plateau.data(Stored(rows))
    assert set(frame["algorithm"]) == {"fo-maml"}
    assert frame["value"].min() > 1e-3
    assert sorted(frame[frame["quantity"] == "exact tasks"]["x"]) == [0.05, 0.1]


@pytest.mark.parametrize("longest", ["first", "second"])
def test_no_panel_is_cut_off_at_the_horizon_of_another(longest):
    horizons = {"first": 50, "second": 900} if longest == "second" else {"first": 900, "second": 50}
    rows = [
        {"panel": panel, "algorithm": "maml", "quantity": quantity, "iteration": k, "value": 0.1, "lo": math.nan,
         "hi": math.nan, "n": 3, "seed": 0, "problem": panel}
        for panel, last in horizons.items()
        for quantity in ("grad_norm", "epsilon")
        for k in range(last + 1)
    ]  # fmt: skip
    with style.applied():
        figure = convergence.draw(pd.DataFrame(rows))
    assert [ax.get_xlim() for ax in figure.axes] == [(1.0, 900.0)] * 2
