"""A problem of my own: whether its constants hold, which plan follows, and whether the theory holds on it."""

import own_problem

from bounds import recommend
from empirics import problems
from validate import check

EPSILON = 0.1


def main() -> None:
    """Look at the constants, then at a plan, then at runs of it."""
    problem = own_problem.make()
    for row in problems.certify(problem, evaluations=200).itertuples():
        print(f"{row.constant:<12} {row.value:.4g}, largest found {row.found:.4g}")
    plan = recommend(problem.constants(), EPSILON, "maml")
    print(f"B = {plan.B:,}, K = {plan.iterations:,}, guarantee {plan.guarantee:.4g}")
    report = check(problem, EPSILON, algorithms=["maml"], claims=["accuracy"], replicates=16)
    print(report.to_frame()[["claim", "status", "statistic", "bound"]].to_string(index=False))
    assert report.ok


if __name__ == "__main__":
    main()
