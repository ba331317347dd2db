"""What figures say is what was run: one budget, a probe with a theory, one problem a column, counted cost."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import figures as package
from bounds import Constants, recommend
from bounds.errors import InputError
from empirics import problems
from figures import cost, evidence, figure, iterations, plateau, table1, theory
from figures.figure import figures
from validate import budget
from validate.experiment import Experiment

SHARED = ("step_rule", "step_factor", "B", "D_in", "D_o", "D_h", "B_prime", "D_beta", "iterations")


def needed(name):
    return figures()[name].needed


@pytest.mark.parametrize("name", ["convergence", "plateau", "iterations", "displacement"])
def test_hf_maml_is_run_with_a_probe_that_the_theory_speaks_of(name):
    plans = [e.plan for e in needed(name) if e.plan.algorithm == "hf-maml"]
    assert plans
    for plan in plans:
        assert plan.probe_length > 0
        assert theory.value("sharp.plateau.hf-maml", plan) >= 0


def test_at_a_point_of_the_plateau_figure_only_the_algorithm_differs():
    points = {}
    for e in needed("plateau"):
        points.setdefault((e.labels["sweep"], e.labels["x"], e.exact), []).append(e)
    for (_, _, exact), runs in points.items():
        assert len(runs) == (1 if exact else 3)
        assert len({tuple(getattr(e.plan, name) for name in SHARED) for e in runs}) == 1
        for e in runs:
            if e.plan.algorithm == "hf-maml":
                floor = theory.value("sharp.plateau.hf-maml", e.plan)
                assert 0 < floor <= 1.001 * plateau.PROBE_SHARE * e.predicted["plateau"]


def test_the_caption_names_the_probes(frames):
    frame = frames["plateau"]
    probes = frame[frame["algorithm"] == "hf-maml"]["probe"]
    assert f"{probes.min():.2g} to {probes.max():.2g} long" in plateau.caption(frame)
    assert "theory says nothing" in plateau.caption(frame.assign(probe=float("nan")))


@pytest.mark.parametrize("rho", [0.0, 1.0])
@pytest.mark.parametrize("kind", ["sharp", "paper"])
def test_a_lent_budget_has_a_probe_on_each_face(kind, rho):
    c = Constants(L=1.0, rho=rho, sigma=0.5, sigma_tilde=0.1, sigma_H=0.1, Delta=1.0)
    own = recommend(c, 0.2, "maml", kind, alpha=0.1)
    lent = budget.same_budget(own, "hf-maml")
    assert lent.probe_length > 0
    assert (lent.feasible, lent.guarantee) == (False, None)
    assert budget.same_budget(lent, "fo-maml").probe_length is None


def test_the_validator_and_the_figures_lend_one_budget():
    from validate import design

    problem = problems.from_spec("plateau:sigma=1")
    setting = design.Setting(problem, 0.1)
    ran = {e.plan.algorithm: e.plan for e in design.convergence(setting, 0.03)}
    assert ran == budget.plans(problem.constants(0.1), 0.03, alpha=0.1, n_tasks=problem.n_tasks)
    assert ran["fo-maml"].reason


def test_a_column_is_measured_on_one_problem(frames):
    """The short runs here reach no epsilon: the iterations have a test of their own."""
    frame = frames["table1"]
    measured = frame[frame["measured"] != "--"]
    assert (measured["problem"] != "").all()
    assert set(measured["column"]) >= set(table1.COLUMNS) - {"iterations"}
    assert (measured.groupby("column")["problem"].nunique() == 1).all()


def test_exponents_of_the_iterations_are_of_one_panel():
    runs = [
        {"panel": panel, "algorithm": algorithm, "quantity": quantity, "problem": f"{panel}:dim=1",
         "value": value, "lo": value, "hi": value}
        for panel, value, algorithms in (("a", 9.0, ("maml",)), ("b", 2.0, ("maml", "fo-maml", "hf-maml")))
        for algorithm in algorithms
        for quantity in ("measured", "exponent")
    ]  # fmt: skip
    cells = table1._iterations(pd.DataFrame(runs))
    assert {cell.number for cell in cells.values()} == {-2.0}
    assert {cell.problem for cell in cells.values()} == {"b:dim=1"}
    assert len(cells) == 3


def tails(exponent, hi):
    common = {"sweep": "batches", "algorithm": "maml", "problem": "p", "lo": 0.02, "hi": 0.04}
    levels = [common | {"quantity": q, "x": 48.0, "value": 0.03} for q in ("measured", "upper")]
    fit = {"quantity": "exponent", "x": float("nan"), "value": exponent, "lo": -0.9, "hi": hi}
    return pd.DataFrame([*levels, common | fit])


@pytest.mark.parametrize(
    ("exponent", "hi", "words"), [(-0.5, -0.4, "down to"), (-0.01, 0.02, "stays:"), (0.0, 0.0, "stays:")]
)
def test_the_accuracy_cell_says_whether_larger_batches_lower_the_tail(exponent, hi, words):
    cell = table1._accuracy(tails(exponent, hi))["maml", "accuracy"]
    assert words in cell.measured
    assert cell.number == exponent


def test_exponents_in_the_batches_are_those_of_the_tails(frames):
    runs = [
        {"sweep": "batches", "quantity": "measured", "algorithm": name, "x": x, "value": y, "lo": 0.9 * y,
         "hi": 1.1 * y}
        for name, power in (("maml", -0.5), ("fo-maml", 0.0))
        for x in (48.0, 192.0, 768.0)
        for y in (x**power,)
    ]  # fmt: skip
    fits = plateau._exponents(pd.DataFrame(runs)).set_index("algorithm")
    assert fits.loc["maml", "value"] == pytest.approx(-0.5)
    assert fits.loc["maml", "hi"] < 0
    assert fits.loc["fo-maml", "lo"] < 0 < fits.loc["fo-maml", "hi"]
    assert len(frames["plateau"].query("quantity == 'exponent'")) == 3


def test_times_decide_no_exponent(frames):
    frame = frames["cost"]
    assert not frame["quantity"].str.contains("exponent seconds").any()
    slower = frame.copy()
    seconds = slower["quantity"] == "seconds"
    slower.loc[seconds, "value"] *= slower.loc[seconds, "d"]
    assert table1._cost(slower) == table1._cost(frame)
    counted = frame[frame["quantity"] != "seconds"]
    again = cost.measure()
    pd.testing.assert_frame_equal(
        again[again["quantity"] != "seconds"].reset_index(drop=True),
        counted[~counted["quantity"].str.startswith("exponent")].reset_index(drop=True),
    )


def test_counted_cost_grows_as_recorded(frames):
    cells = table1._cost(frames["cost"])
    assert cells["maml", "cost"].number == pytest.approx(2, abs=0.1)
    assert cells["fo-maml", "cost"].number == pytest.approx(1, abs=0.1)
    assert cells["hf-maml", "cost"].number == pytest.approx(1, abs=0.1)


def test_no_figure_number_is_written_down():
    folder = Path(package.__file__).parent
    written = {
        path.name: found
        for path in folder.glob("*.py")
        if (found := re.findall(r"[Ff]igures? \d+", path.read_text(encoding="utf-8")))
    }
    assert written == {}


def test_numbers_in_a_caption_follow_the_order(frames, monkeypatch):
    found = list(figures().values())
    first = replace(table1.FIGURE, name="new")
    monkeypatch.setattr(figure, "members", lambda *_: (first, *found))
    caption = table1.caption(frames["table1"])
    for module in (plateau, iterations, cost):
        place = found.index(module.FIGURE) + 2
        assert figure.number(module.NAME) == place
        assert f"figure {place};" in caption


def row(name, kind):
    plan = recommend(Constants(1, 1, 1, 1, 1, 1), 1.0)
    return Experiment(name, kind, problems.from_spec("plateau"), plan, iterations=1).to_dict("c" * 64)


def test_experiments_of_an_older_version_are_not_drawn(tmp_path):
    evidence._write_index(tmp_path, [row("plateau/old", "plateau"), row("slack/a", "slack")])
    evidence._write_index(tmp_path, [row("plateau/new", "plateau")])
    rows = json.loads((tmp_path / "experiments.json").read_text())
    assert {entry["name"] for entry in rows} == {"plateau/new", "slack/a"}


def test_figures_are_not_run_into_a_run_of_the_validator(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(InputError, match="fosp figures"):
        evidence.collect([], tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["config.json"]
