"""Which hyperparameters reach my target accuracy? Plans for all three algorithms, and what no plan can reach."""

from bounds import Constants, recommend

CONSTANTS = Constants(L=1.0, rho=1.0, sigma=0.3, sigma_tilde=0.3, sigma_H=0.3, Delta=1.0)


def main() -> None:
    """Print a plan for each algorithm at two targets."""
    for epsilon in (0.1, 0.01):
        for algorithm in ("maml", "fo-maml", "hf-maml"):
            plan = recommend(CONSTANTS, epsilon, algorithm)
            if not plan.feasible:
                print(f"{epsilon:<5} {algorithm:<8} no plan: {plan.reason}")
                continue
            assert plan.guarantee <= epsilon
            print(
                f"{epsilon:<5} {algorithm:<8} B = {plan.B:,}, D_in = {plan.D_in:,}, K = {plan.iterations:,}, "
                f"samples = {plan.total_samples:,}, guarantee {plan.guarantee:.4g}"
            )


if __name__ == "__main__":
    main()
