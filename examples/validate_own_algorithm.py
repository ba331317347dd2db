"""Is my code the algorithm that it says it is? Right code in another style, and code that forgets the Hessian."""

import torch

from validate import check

PROBLEM = "ripple:dim=3,n_tasks=9"


def with_full_hessian(oracle, w, alpha):
    """MAML with the matrix I - alpha H_i written out."""
    outer = oracle.gradient(w - alpha * oracle.gradient(w, "in"), "out")
    matrix = torch.eye(w.shape[-1], dtype=w.dtype) - alpha * oracle.hessian(w, "hess")
    return (matrix @ outer.unsqueeze(-1)).squeeze(-1)


def without_hessian(oracle, w, alpha):
    """Call it MAML, and leave the Hessian out."""
    return oracle.gradient(w - alpha * oracle.gradient(w, "in"), "out")


def judge(direction):
    """Judge a direction by the algorithm that it says it is."""
    return check(PROBLEM, 0.3, directions={"maml": direction}, algorithms=["maml"], claims=["accuracy"])


def main() -> None:
    """Print what is found about each."""
    for direction in (with_full_hessian, without_hessian):
        report = judge(direction)
        print(f"{direction.__name__}: {'MAML' if report.ok else 'not MAML'}")
        print(report.to_frame()[["claim", "status", "statistic", "bound"]].to_string(index=False))
        print(next((f"  {v.detail}\n" for v in report.verdicts if v.status == "VIOLATED"), ""))


if __name__ == "__main__":
    main()
