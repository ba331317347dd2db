"""My training plateaus: is the code the algorithm that I think it is? Three steps that all say MAML."""

import torch

from validate import audit


def through_the_graph(w, tasks, alpha, beta):
    """MAML by differentiating through the inner step."""
    p = w.clone().requires_grad_()
    total = 0
    for task in tasks:
        (g,) = torch.autograd.grad(task.loss(p, "in"), p, create_graph=True)
        total = total + task.loss(p - alpha * g, "out")
    return w - beta * torch.autograd.grad(total / len(tasks), p)[0]


def graph_lost(w, tasks, alpha, beta):
    """Forget create_graph: the Hessian term is gone."""
    p = w.clone().requires_grad_()
    total = 0
    for task in tasks:
        (g,) = torch.autograd.grad(task.loss(p, "in"), p)
        total = total + task.loss(p - alpha * g, "out")
    return w - beta * torch.autograd.grad(total / len(tasks), p)[0]


def one_batch(w, tasks, alpha, beta):
    """Take the Hessian on the batch of the outer gradient."""
    total = torch.zeros_like(w)
    for task in tasks:
        v = task.gradient(w - alpha * task.gradient(w, "in"), "out")
        total += v - alpha * task.hessian_vector(w, v, "out")
    return w - beta * total / len(tasks)


def main() -> None:
    """Print what each step is, and what is wrong with it."""
    for step in (through_the_graph, graph_lost, one_batch):
        report = audit(step, claimed="maml")
        print(f"{step.__name__}: {report.implements}, off MAML by {report.deviation['maml']:.2g}")
        for defect in report.defects:
            print(f"  {defect.name}: {defect.evidence}\n  remedy: {defect.remedy}")
        print(f"  it {report.costs}")


if __name__ == "__main__":
    main()
