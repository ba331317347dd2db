"""A table of plans: row by row what ``recommend`` says, whatever the workers; refused before any plan is made."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bounds import Constants, InputError, recommend
from bounds.constants import NAMES
from bounds.recommendation import Cost, planning, recommend_table

CASE = {"L": 1.0, "rho": 1.0, "sigma": 0.3, "sigma_tilde": 0.3, "sigma_H": 0.3, "Delta": 1.0}
SIZES = ("B", "D_in", "D_o", "D_h", "B_prime", "D_beta", "iterations")
NUMBERS = (*SIZES, "alpha", "step_factor", "probe_length", "rate", "depth", "guarantee", "total_samples")


def random_rows(count: int) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    columns = {name: 10 ** rng.uniform(-1, 1, count) for name in CASE}
    columns["epsilon"] = 10 ** rng.uniform(-2, 0, count)
    return pd.DataFrame(columns | {"algorithm": rng.choice(["maml", "fo-maml", "hf-maml"], count)})


def test_a_row_is_the_plan_that_recommend_returns():
    rows = random_rows(9)
    table = recommend_table(rows)
    assert not table.feasible.all()
    assert table.feasible.any()
    for (_, row), (_, found) in zip(rows.iterrows(), table.iterrows(), strict=True):
        plan = recommend(Constants(*row[list(CASE)]), row.epsilon, row.algorithm)
        assert found.feasible == plan.feasible
        assert found.reason == plan.reason
        for name in (*NUMBERS, "smallest_epsilon"):
            expected = getattr(plan, name)
            assert (found[name] == expected) if expected is not None else pd.isna(found[name])
        if plan.feasible:
            rule = plan.step_rule
            assert (found.step_kind, found.step_smoothness) == (rule.kind, rule.smoothness)


def test_the_number_of_workers_changes_nothing():
    rows = random_rows(12)
    pd.testing.assert_frame_equal(recommend_table(rows), recommend_table(rows, workers=2), check_exact=True)


def test_one_value_stands_for_all_rows_and_an_empty_place_for_the_default():
    epsilons = np.array([0.3, 0.2, 0.1])
    table = recommend_table(
        CASE | {"epsilon": epsilons, "alpha": [0.1, np.nan, None], "n_tasks": [np.nan, 4, 9]}
    )
    assert list(table.epsilon) == list(epsilons)
    assert list(table.alpha) == [0.1, 1 / 6, 1 / 6]
    assert list(table.n_tasks.fillna(0)) == [0, 4, 9]
    assert table.n_tasks.dtype == "Int64"
    assert len(recommend_table(CASE | {"epsilon": 0.3})) == 1


def test_cost_and_given_batches_hold_for_every_row():
    rows = CASE | {"epsilon": [0.3, 0.2], "algorithm": "hf-maml"}
    table = recommend_table(rows, cost=Cost(hessian=5.0), fixed={"B": 7})
    assert list(table.B) == [7, 7]
    plan = recommend(Constants(**CASE), 0.2, "hf-maml", cost=Cost(hessian=5.0), fixed={"B": 7})
    assert table.total_samples[1] == plan.total_samples


def test_a_table_can_be_stored(tmp_path):
    table = recommend_table(CASE | {"epsilon": [0.3, 1e-9], "algorithm": ["maml", "fo-maml"]})
    table.to_parquet(tmp_path / "plans.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "plans.parquet"), table)
    assert table.feasible.tolist() == [True, False]
    assert list(table.columns[:7]) == list(NAMES)


def test_a_table_with_two_columns_of_one_name_is_refused():
    rows = pd.DataFrame([[1.0, 2.0]], columns=["L", "L"])
    with pytest.raises(InputError, match="two columns") as caught:
        recommend_table(rows)
    assert caught.value.value == "L"


def test_a_table_without_rows_is_told_by_its_columns():
    with pytest.raises(InputError, match=r"table = \['L'\]: must have at least one row"):
        recommend_table(pd.DataFrame({"L": []}))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"L": [1.0, -1.0]}, "row 1 of the table: L = -1.0"),
        ({"L": [1.0, None]}, "row 1 of the table: L = None"),
        ({"rho": [np.nan, 1.0]}, "row 0 of the table: rho"),
        ({"epsilon": [0.1, np.nan]}, "row 1 of the table: epsilon"),
        ({"alpha": [0.1, 5.0]}, "row 1 of the table: alpha = 5.0"),
        ({"depth": [0, 1.5]}, "row 1 of the table: depth = 1.5"),
        ({"algorithm": ["maml", "reptile"]}, "row 1 of the table: algorithm = 'reptile'"),
        ({"lambda": [1, 2]}, "table = 'lambda': is no column"),
        ({"L": [1.0, 2.0, 3.0]}, "must have columns of one length"),
        ({"L": [], "epsilon": []}, "must have at least one row"),
    ],
)
def test_a_table_with_a_wrong_row_is_refused_before_anything_is_computed(change, message, monkeypatch):
    def never(*_):
        raise AssertionError("a plan was made")

    monkeypatch.setattr(planning, "planned", never)
    monkeypatch.setattr("bounds.recommendation.table.planned", never)
    with pytest.raises(InputError, match=message.replace("[", r"\[")):
        recommend_table(CASE | {"epsilon": [0.3, 0.2]} | change)
