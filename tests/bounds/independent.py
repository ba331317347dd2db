"""The complexity theorem once more, in plain numbers, from the text of its proof: no formula is shared.

Every quantity is written as the proof has it (norms, noises, moments of the step), with cases for what has no
value at an edge (rho = 0, x = 1/2), in arrays, so that many plans are evaluated at once.
"""

from __future__ import annotations

import numpy as np

ALGORITHMS = ("maml", "fo-maml", "hf-maml")
RULES = ("sampled", "paper-step", "self-scaled", "self-scaled-mean", "constant")


def relation(x):
    """C1, C2 and q of ``||grad f|| <= C1 y + C2 sigma`` and ``sqrt(E||g_i||^2) <= C1 y + q sigma``."""
    least = np.where(x <= 0.5, (1 - x) ** 2, 0.5 - x * x)
    C1 = 1 / least
    C2 = 2 * x * np.sqrt(1 + x * x) / least
    return C1, C2, np.hypot(1, C2)


def inner(v, x):
    """Bias b of the adapted gradient and variance T of the outer one; with levels, those of the corrected one."""
    plain = v["sigma_tilde"] ** 2 / v["D_o"] + x * x * v["sigma_tilde"] ** 2 / v["D_in"]
    samples, more = v["D_in"], 0.0
    if "depth" in v:
        samples, more = v["D_in"] * np.exp2(v["depth"]), corrections(v, x)
    lipschitz = x * v["sigma_tilde"] / np.sqrt(samples)
    taylor = v["rho"] * v["alpha"] ** 2 * v["sigma_tilde"] ** 2 / (2 * samples)
    return np.minimum(lipschitz, taylor), plain + more


def corrections(v, x):
    """Sum of ``E||Delta_j||^2 / p_j`` over the levels, level by level as it is drawn.

    Two adapted points of level j are ``a (n' - n'')`` apart, which has the mean square
    ``2 a^2 sigma_tilde^2/(2^(j-1) D_in)``; half of that times L bounds what their middle misses, and the noise of
    the shared outer batch differs by sigma_H times the same over sqrt(D_o).
    """
    total = 0.0
    for j in range(1, int(np.max(v["depth"])) + 1):
        apart = 2 * (v["alpha"] * v["sigma_tilde"]) ** 2 / (2.0 ** (j - 1) * v["D_in"])
        square = (v["L"] / 2) ** 2 * apart + v["sigma_H"] ** 2 * (apart / 4) / v["D_o"]
        total = total + np.where(j <= v["depth"], square / (v["rate"] * 2.0**-j), 0.0)
    return total


def direction(v, algorithm):
    """R0, R1, v0, v1: bias and standard deviation of one task's direction, affine in y."""
    x, s = v["alpha"] * v["L"], v["sigma"]
    C1, C2, q = relation(x)
    omega = 2 * x * np.sqrt(1 + x * x)
    b, T = inner(v, x)
    size0, size1 = (1 + x) * q * s + b, (1 + x) * C1
    if algorithm == "fo-maml":
        spread = np.hypot((1 + x) * s + x * C2 * s + b, np.sqrt(T))
        return x * (1 + x) * q * s + b, x * (1 + x) * C1, spread, x * C1
    spread0, spread1 = (1 + x) ** 2 * s + omega * C2 * s + (1 + x) * b, omega * C1
    mean0 = np.hypot(spread0, (1 + x) * np.sqrt(T))
    rms0 = np.sqrt(size0**2 + T)
    hessian = v["alpha"] * v["sigma_H"]
    if algorithm == "maml":
        error, noise = 0.0, hessian / np.sqrt(v["D_h"])
    else:
        error = np.minimum(v["rho"] * v["alpha"] * v["probe_length"] / 2, 2 * x)
        noise = np.minimum(hessian, v["alpha"] * v["sigma_tilde"] / v["probe_length"]) / np.sqrt(v["D_h"])
    bias0, bias1 = (1 + x) * b + error * rms0, error * size1
    return (
        bias0,
        bias1,
        np.hypot(mean0 + error * rms0, noise * rms0),
        np.hypot(spread1 + error * size1, noise * size1),
    )


def step(v, rule):
    """Weights of signal, bias and variance; the least Lambda and the line above it; the largest step factor."""
    x, c, theta = v["alpha"] * v["L"], v["c"], v["theta"]
    C1, _, q = relation(x)
    ones = np.ones_like(x)
    if rule in ("sampled", "paper-step"):
        k, slope, kappa = (
            (4 * ones, 2 * ones, (1 + x) / 2) if rule == "paper-step" else ((1 + x) ** 2, 1 + x, ones)
        )
        constant, scale = k * v["L"], slope * v["rho"] * v["alpha"]
        per_task = v["sigma"] ** 2 + v["sigma_tilde"] ** 2 / v["D_beta"]
        r = scale * np.sqrt(per_task / v["B_prime"]) / constant
        tau = scale * v["sigma_tilde"] / np.sqrt(v["D_beta"]) / constant
        low, high = 1 / (1 + tau), (1 + r) ** 2 / (1 + 2 * r)
        square = kappa * (1 + r * (r + np.sqrt(r * r + 4)) / 2)
        line = constant, constant + scale * q * v["sigma"], scale * C1
    elif rule == "constant":
        largest = (1 + x) ** 2 * v["L"] + (1 + x) * v["rho"] * v["alpha"] * v["M"]
        low = high = square = ones
        line = largest, largest, 0 * largest
    else:
        base = (1 + x) ** 2 * v["L"] + (1 + x) * v["rho"] * v["alpha"] * q * v["sigma"]
        base = base * v.get("damping", 1.0)
        line = base, base, (1 + x) * v["rho"] * v["alpha"] * C1
        signal = 1 + (1 - theta) * (1 - c)
        cost = signal + np.maximum(2 + c, (1 - c) * (1 - theta) ** 2 / theta)
        return signal, cost, cost if rule == "self-scaled" else c, *line, ones
    spare = low - c * square
    return low + (1 - theta) * spare, high + (1 / theta - 1) * spare, c * square, *line, low / square


def on_average(v, c, direction_parts, per_size):
    """Weight of the variance, and what the drift of the mean step costs per y and per y^2, times B.

    Lambda/A is largest at ``||E G|| = 0`` or far out; the drift costs at most ``lam s^2 min(5 lam, 3 a y)`` with
    ``s^2 = (v0 + v1 y)^2/B`` and a = l1/l0.
    """
    R0, R1, v0, v1 = direction_parts
    with np.errstate(all="ignore"):
        lam = np.maximum(1 + per_size * R0 / (1 - R1), 1 / (1 - R1))
    inside = R1 < 1
    lam = np.where(inside, lam, 1.0)
    linear = 3 * lam * per_size * v0**2
    quadratic = lam * (6 * per_size * v0 * v1 + 5 * lam * v1**2)
    return c * lam**2, linear, quadratic, inside


def guarantee(v, algorithm, rule):
    """Return the bound on E||grad F(w_R)|| (or its floor for infinite K); NaN outside the domain."""
    R0, R1, v0, v1 = direction(v, algorithm)
    m1, m1u, m2, least, a0, b0, limit = step(v, rule)
    e, B = v["epsilon"], v["B"]
    drift0 = drift1 = np.zeros_like(e)
    if rule == "self-scaled-mean":
        m2, drift0, drift1, inside = on_average(v, m2, (R0, R1, v0, v1), b0 / least)
        limit = np.where(inside, limit, 0.0)
    A = m1 - m1u * (R1**2 + R0 * R1 / e) - m2 * (v1**2 + v0 * v1 / e) / B
    A = A - (drift0 / (2 * e) + drift1) / B
    N = m1u * (R0**2 + R0 * R1 * e) + m2 * (v0**2 + v0 * v1 * e) / B + drift0 * e / (2 * B)
    t = (2 * v["Delta"] / (v["c"] * v["K"]) + N / least) / A
    x = v["alpha"] * v["L"]
    inside = (x < np.sqrt(0.5)) & (v["c"] <= limit) & (B >= 1) & (A > 0) & (v["K"] >= 1) & (v["theta"] <= 1)
    if "depth" in v:
        inside &= sum(np.where(j <= v["depth"], v["rate"] * 2.0**-j, 0.0) for j in range(1, 61)) <= 1
    with np.errstate(invalid="ignore"):
        root = (b0 * t + np.sqrt((b0 * t) ** 2 + 4 * a0 * t)) / 2
    return np.where(inside, root, np.nan), A


def trapezoid(alpha: float, R: float) -> tuple[dict[str, float], float]:
    """Return the constants of a tuned trapezoid with L = sigma = 1, and the gradient where FO-MAML stops on it.

    ``m/2 (w-ws)^2 +- r(w)``: r' rises with slope lam = 1 - m up to w = width, then ever less, by R, to its end.
    """
    from scipy.optimize import brentq

    m = float(min(z.real for z in np.roots([1.5 * alpha, -2 * alpha - 0.5, alpha]) if 0 < z.real < 1))
    lam = 1 - m
    width = (1 - lam**2 / (2 * R)) / lam
    top = width / (1 + alpha * lam)

    def bump(w: float) -> float:
        u = min(abs(w), width + lam / R)
        return float(np.sign(w) * (lam * u - R * max(u - width, 0.0) ** 2 / 2))

    def adapted(w: float, sign: int) -> float:
        inner = w - alpha * (m * (w - top / 2) + sign * bump(w))
        return m * (inner - top / 2) + sign * bump(inner)

    def bend(w: float) -> float:
        return float(np.clip(lam - R * (abs(w) - width), 0.0, lam))

    stop = brentq(lambda w: adapted(w, 1) + adapted(w, -1), top / 2, 1.01 * top, xtol=1e-15, rtol=1e-15)
    gradient = sum((1 - alpha * (m + sign * bend(stop))) * adapted(stop, sign) for sign in (1, -1)) / 2
    return {"L": 1.0, "sigma": 1.0, "alpha": alpha, "R": R, "m": m}, abs(gradient)
