"""Wrong steps on flat tensors, with torch.autograd in loops."""

import torch
from torch.autograd import grad


def _leaf(x):
    return x.detach().clone().requires_grad_(True)


def _g(task, x, split, **kw):
    x = x if x.requires_grad else _leaf(x)
    return grad(task.loss(x, split), x, **kw)[0]


def _hvp(task, x, v, split):
    x = _leaf(x)
    g = grad(task.loss(x, split), x, create_graph=True)[0]
    return grad(g @ v, x)[0]


def average_of_first_and_second_order(w, tasks, alpha, beta):
    """Someone averages the second-order and the first-order gradient: half the Hessian term."""
    acc = []
    for t in tasks:
        fast = w - alpha * _g(t, w, "in")
        v = _g(t, fast, "out")
        second = v - alpha * _hvp(t, w, v, "hess")
        acc.append(0.5 * (second + v))
    return w - beta * torch.stack(acc).mean(0)


def plus_in_front(w, tasks, alpha, beta):
    """I + alpha H."""
    out = torch.zeros_like(w)
    for t in tasks:
        v = _g(t, w - alpha * _g(t, w, "in"), "out")
        out = out + (v + alpha * _hvp(t, w, v, "hess")) / len(tasks)
    return w - beta * out


def curvature_at_fast_weights(w, tasks, alpha, beta):
    """The Hessian where the outer gradient is."""
    meta = 0
    for t in tasks:
        fast = w - alpha * _g(t, w, "in")
        v = _g(t, fast, "out")
        meta = meta + v - alpha * _hvp(t, fast, v, "hess")
    return w - beta * meta / len(tasks)


def curvature_along_support_gradient(w, tasks, alpha, beta):
    """H times the inner gradient."""
    meta = 0
    for t in tasks:
        g = _g(t, w, "in")
        v = _g(t, w - alpha * g, "out")
        meta = meta + v - alpha * _hvp(t, w, g, "hess")
    return w - beta * meta / len(tasks)


def uphill(w, tasks, alpha, beta):
    """The inner loop climbs."""
    meta = 0
    for t in tasks:
        p = _leaf(w)
        fast = p + alpha * _g(t, p, "in")
        v = _g(t, fast, "out")
        meta = meta + v - alpha * _hvp(t, w, v, "hess")
    return w - beta * meta / len(tasks)


def query_is_support(w, tasks, alpha, beta):
    """D_in for the outer loss too."""
    meta = 0
    for t in tasks:
        v = _g(t, w - alpha * _g(t, w, "in"), "in")
        meta = meta + v - alpha * _hvp(t, w, v, "hess")
    return w - beta * meta / len(tasks)


def hessian_from_query(w, tasks, alpha, beta):
    """D_o for the Hessian too."""
    meta = 0
    for t in tasks:
        v = _g(t, w - alpha * _g(t, w, "in"), "out")
        meta = meta + v - alpha * _hvp(t, w, v, "out")
    return w - beta * meta / len(tasks)


def hessian_from_support(w, tasks, alpha, beta):
    """A Hessian of its own, on the support batch once more."""
    meta = 0
    for t in tasks:
        v = _g(t, w - alpha * _g(t, w, "in"), "out")
        meta = meta + v - alpha * _hvp(t, w, v, "in")
    return w - beta * meta / len(tasks)


def everything_on_one_batch(w, tasks, alpha, beta):
    """One batch, three uses."""
    meta = 0
    for t in tasks:
        p = _leaf(w)
        g = _g(t, p, "out", create_graph=True)
        meta = meta + grad(t.loss(p - alpha * g, "out"), p)[0]
    return w - beta * meta / len(tasks)


def forgets_to_divide(w, tasks, alpha, beta):
    """Sum of losses over tasks."""
    p = _leaf(w)
    total = sum(t.loss(p - alpha * _g(t, p, "in", create_graph=True), "out") for t in tasks)
    return w - beta * grad(total, p)[0]


def divides_in_the_loop_and_after(w, tasks, alpha, beta):
    """Mean of a mean."""
    meta = torch.zeros_like(w)
    for t in tasks:
        meta += _g(t, w - alpha * _g(t, w, "in"), "out") / len(tasks)
    return w - beta * meta / len(tasks)


def returns_inside_the_loop(w, tasks, alpha, beta):
    """An indentation too deep: the first task only."""
    for t in tasks:
        v = _g(t, w - alpha * _g(t, w, "in"), "out")
        return w - beta * (v - alpha * _hvp(t, w, v, "hess"))


def keeps_adapting_the_same_tensor(w, tasks, alpha, beta):
    """Weights not restored between tasks."""
    theta, meta = w.clone(), torch.zeros_like(w)
    for t in tasks:
        theta = theta - alpha * _g(t, theta, "in")
        meta += _g(t, theta, "out")
    return w - beta * meta / len(tasks)


def forgets_alpha_in_correction(w, tasks, alpha, beta):
    """(I - H) v."""
    meta = 0
    for t in tasks:
        v = _g(t, w - alpha * _g(t, w, "in"), "out")
        meta = meta + v - _hvp(t, w, v, "hess")
    return w - beta * meta / len(tasks)


def own_inner_rate(w, tasks, alpha, beta):
    """0.01 from a configuration, not alpha, in the inner loop."""
    meta = 0
    for t in tasks:
        meta = meta + _g(t, w - 0.01 * _g(t, w, "in"), "out")
    return w - beta * meta / len(tasks)


def one_more_inner_step(w, tasks, alpha, beta):
    """range(steps + 1)."""
    meta = 0
    for t in tasks:
        p = _leaf(w)
        fast = p
        for _ in range(1 + 1):
            fast = fast - alpha * grad(t.loss(fast, "in"), fast, create_graph=True)[0]
        meta = meta + grad(t.loss(fast, "out"), p)[0]
    return w - beta * meta / len(tasks)


def loses_one_of_three(w, tasks, alpha, beta):
    """range(1, 3) where three are meant."""
    meta = 0
    for t in tasks:
        p = _leaf(w)
        fast = p
        for _ in range(1, 3):
            fast = fast - alpha * grad(t.loss(fast, "in"), fast, create_graph=True)[0]
        meta = meta + grad(t.loss(fast, "out"), p)[0]
    return w - beta * meta / len(tasks)


def detaches_between_steps(w, tasks, alpha, beta):
    """Three steps, and the graph of the last alone."""
    meta = 0
    for t in tasks:
        fast = w.detach()
        for _ in range(3):
            p = fast.detach().requires_grad_()
            fast = p - alpha * grad(t.loss(p, "in"), p, create_graph=True)[0]
        meta = meta + grad(t.loss(fast, "out"), p)[0]
    return w - beta * meta / len(tasks)


def differentiates_first_step_only(w, tasks, alpha, beta):
    """Three steps, and the graph of the first alone."""
    meta = 0
    for t in tasks:
        p = _leaf(w)
        fast = p - alpha * grad(t.loss(p, "in"), p, create_graph=True)[0]
        for _ in range(2):
            fast = fast - alpha * grad(t.loss(fast, "in"), fast, retain_graph=True)[0].detach()
        meta = meta + grad(t.loss(fast, "out"), p)[0]
    return w - beta * meta / len(tasks)


def evaluates_at_w(w, tasks, alpha, beta):
    """Adapts, and forgets to use it."""
    meta = 0
    for t in tasks:
        fast = w - alpha * _g(t, w, "in")
        assert fast is not w
        meta = meta + _g(t, w, "out")
    return w - beta * meta / len(tasks)


def beta_twice(w, tasks, alpha, beta):
    """The step size in the direction and in the step."""
    meta = 0
    for t in tasks:
        meta = meta + beta * _g(t, w - alpha * _g(t, w, "in"), "out")
    return w - beta * meta / len(tasks)


def own_outer_rate(w, tasks, alpha, beta):
    """A fixed outer step."""
    meta = 0
    for t in tasks:
        meta = meta + _g(t, w - alpha * _g(t, w, "in"), "out")
    return w - 0.05 * meta / len(tasks)


def ascends(w, tasks, alpha, beta):
    """Plus in the outer step."""
    meta = 0
    for t in tasks:
        meta = meta + _g(t, w - alpha * _g(t, w, "in"), "out")
    return w + beta * meta / len(tasks)


def decays(w, tasks, alpha, beta):
    """Weight decay that nobody declared."""
    meta = 0
    for t in tasks:
        meta = meta + _g(t, w - alpha * _g(t, w, "in"), "out")
    return w - beta * (meta / len(tasks) + 0.1 * w)


def clips_the_meta_gradient(w, tasks, alpha, beta):
    """Norm of the direction at most 3."""
    meta = 0
    for t in tasks:
        v = _g(t, w - alpha * _g(t, w, "in"), "out")
        meta = meta + v - alpha * _hvp(t, w, v, "hess")
    meta = meta / len(tasks)
    return w - beta * meta * min(1.0, 3.0 / float(meta.norm()))


def clips_in_the_inner_loop(w, tasks, alpha, beta):
    """Norm of the inner gradient at most 1.5."""
    meta = 0
    for t in tasks:
        g = _g(t, w, "in")
        g = g * min(1.0, 1.5 / float(g.norm()))
        meta = meta + _g(t, w - alpha * g, "out")
    return w - beta * meta / len(tasks)


def normalises_inner(w, tasks, alpha, beta):
    """Unit inner gradients."""
    meta = 0
    for t in tasks:
        g = torch.nn.functional.normalize(_g(t, w, "in"), dim=0)
        meta = meta + _g(t, w - alpha * g, "out")
    return w - beta * meta / len(tasks)


def updates_after_each_task(w, tasks, alpha, beta):
    """Online: no mean at one point."""
    for t in tasks:
        v = _g(t, w - alpha * _g(t, w, "in"), "out")
        w = w - beta / len(tasks) * (v - alpha * _hvp(t, w, v, "hess"))
    return w


def late_binding(w, tasks, alpha, beta):
    """Closures that all see the last task's fast weights."""
    later = []
    for t in tasks:
        fast = w - alpha * _g(t, w, "in")
        later.append(lambda task: _g(task, fast, "out"))
    return w - beta * sum(f(t) for f, t in zip(later, tasks)) / len(tasks)


def subsamples(w, tasks, alpha, beta):
    """Draws tasks with replacement of its own."""
    chosen = [tasks[int(i)] for i in torch.randint(len(tasks), (len(tasks),))]
    meta = 0
    for t in chosen:
        noise = 0.1 * torch.randn_like(w)
        meta = meta + _g(t, w - alpha * _g(t, w, "in"), "out") + noise
    return w - beta * meta / len(tasks)


CASES = [
    (average_of_first_and_second_order, "maml", {"hessian-halved"}, {}),
    (plus_in_front, "maml", {"hessian-sign"}, {}),
    (curvature_at_fast_weights, "maml", {"hessian-at-adapted"}, {}),
    (curvature_along_support_gradient, "maml", {"hessian-of-inner-gradient"}, {}),
    (uphill, "maml", {"inner-sign"}, {}),
    (query_is_support, "maml", {"inner-batch-as-outer"}, {}),
    (hessian_from_query, "maml", {"outer-batch-as-hessian"}, {}),
    (hessian_from_support, "maml", {"inner-batch-as-hessian"}, {}),
    (everything_on_one_batch, "maml", {"one-batch-for-all"}, {}),
    (forgets_to_divide, "maml", {"sum-over-tasks"}, {}),
    (divides_in_the_loop_and_after, "fo-maml", {"mean-taken-twice"}, {}),
    (returns_inside_the_loop, "maml", {"first-task-only"}, {}),
    (keeps_adapting_the_same_tensor, "fo-maml", {"weights-not-restored"}, {}),
    (forgets_alpha_in_correction, "maml", {"hessian-without-alpha"}, {}),
    (own_inner_rate, "fo-maml", {"inner-step-fixed"}, {}),
    (one_more_inner_step, "maml", {"extra-inner-step"}, {}),
    (loses_one_of_three, "maml", {"missing-inner-step"}, {"inner_steps": 3}),
    (detaches_between_steps, "maml", {"last-step-only"}, {"inner_steps": 3}),
    (differentiates_first_step_only, "maml", {"first-step-only"}, {"inner_steps": 3}),
    (evaluates_at_w, "fo-maml", {"no-adaptation"}, {}),
    (beta_twice, "fo-maml", {"beta-power"}, {}),
    (own_outer_rate, "fo-maml", {"beta-ignored"}, {}),
    (ascends, "fo-maml", {"outer-sign"}, {}),
    (decays, "fo-maml", {"weight-decay"}, {}),
    (clips_the_meta_gradient, "maml", {"outer-gradient-clipped"}, {}),
    (clips_in_the_inner_loop, "fo-maml", {"inner-gradient-clipped"}, {}),
    (normalises_inner, "fo-maml", {"inner-gradient-normalised"}, {}),
    (updates_after_each_task, "maml", {"stepped-task-by-task"}, {}),
    (late_binding, "fo-maml", {"adapted-to-another-task"}, {}),
    (subsamples, "fo-maml", {"random-step"}, {}),
]
