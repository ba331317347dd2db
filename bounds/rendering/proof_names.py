r"""How a proof writes what only it talks about, and what that is.

``QUANTITIES`` has the variables of steps, ``NOTATION`` what their words and formulas use without a definition.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

QUANTITIES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "A_free": ("A", "signal that is left, here any number"),
        "A_m": (r"\Lambda_m", r"$\ell_0 + \ell_1\|m\|$, the curve at the mean direction"),
        "C": ("C", "a constant of the recorded accuracy"),
        "E_S_gp_mean": (r"E\langle S g^+, E S g^+\rangle", "squared mean of $S g^+$"),
        "E_S_gp_squared": (r"E\|S g^+\|^2", "mean square of $S g^+$"),
        "E_gN_gi": (r"E\langle g_N, g_i\rangle", "mean product of the gradients after and before the inner steps"),
        "E_gN_squared": (r"E\|g_N\|^2", "mean square of the gradients after the inner steps"),
        "E_gi_g": (r"E\langle g_i, g\rangle", r"that is $\|g\|^2$"),
        "E_gi_squared": (r"E\|g_i\|^2", "mean square of the tasks' gradients"),
        "E_gp_S_gp": (r"E\langle g^+, S g^+\rangle", "nonnegative, as $S$ is"),
        "E_gp_squared": (r"E\|g^+\|^2", "mean square of the adapted gradients"),
        "E_inverse": (r"E[1/\tilde L]", "mean of one over the sampled curve"),
        "E_noise": (r"\bar n_{\mathrm{in}}", r"$E\|n_{\mathrm{in}}\|$, mean size of the inner batch's noise"),
        "E_noise_squared": (r"E\|n_{\mathrm{in}}\|^2", "mean square of the inner batch's noise"),
        "E_steps": (r"\bar T", r"$E T$, mean number of steps up to the first $\|\nabla F\| \le \varepsilon$"),
        "Lambda": (r"\Lambda", r"$\Lambda(w)$, the curve that the step follows"),
        "N_cap": (r"N_{\max}", "noise that batches may leave"),
        "N_level": ("N", "noise level of the recorded accuracy"),
        "S_total": ("S", r"$1/B + 20 x^2$"),
        "adapted_change": (r"\|g^+(w) - g^+(u)\|", "change of the adapted gradient between the two points"),
        "adapted_norm": (r"E\|g^+(w)\|", "mean size of the adapted gradients"),
        "apart_squared": (r"E\|w' - w''\|^2", "mean square distance of the two ends of a level"),
        "bias_i": (r"\|b_i\|", "bias of one task's outer gradient"),
        "bias_norm": (r"\|b_i\|", "bias of one task's outer gradient"),
        "bias_of_the_mean": (r"\|E G - \nabla F\|", "bias of the mean direction"),
        "correction": (r"\Delta_G", r"$\|G\| - \|m\|$, difference of the two norms"),
        "correction_squared": (r"E\|\Delta_j\|^2", "mean square of a correction"),
        "cos_theta": (r"\cos\theta", "of the angle on the circle"),
        "covariance": (r"\operatorname{cov}", "covariance of two different draws"),
        "curved": (r"e_c", "the part that curvature makes"),
        "deviation_of_norm": (r"s_{\mathrm{mean}}", "standard deviation of the mean of $B'$ norms"),
        "distance": (r"d_{uw}", "distance of the two points, or directions, that are compared"),
        "eigenvalue_of_Q": (r"\lambda_Q", "any eigenvalue of $Q$"),
        "factor_change": (r"\|P(w) - P(u)\|", "change of the first factor between the two points"),
        "first": ("X", "the perturbation of the first factor, a number"),
        "first_part": ("e_1", "first part of the change"),
        "g_squared": (r"\|g\|^2", r"$g = E g_i$"),
        "gap": (r"\gamma", r"$E\tilde L$ less its smallest value, in units of that value"),
        "gradient_branch": ("e_g", "the noise, bounded through two gradients"),
        "gradient_change": (r"\|\nabla F(w) - \nabla F(u)\|", "change of the meta gradient"),
        "gradient_over_x_sigma": (r"\|\nabla F\|/(x\sigma)", "gradient where FO-MAML stops, in these units"),
        "gradient_shift": (r"s_g", r"root mean square of $\tilde g(\tilde w^+) - g(w^+)$"),
        "half_sum": ("t", "norm of the half sum of the two perturbations"),
        "hessian_branch": ("e_H", "the noise, bounded through the Hessians on the segment"),
        "hessian_noise": ("s_H", "root mean square noise of the Hessian"),
        "inner_noise": (r"E\|n_{\mathrm{in}}\|^2", "mean square of the inner batch's noise"),
        "j": ("j", "level"),
        "l_0": (r"\ell_0", "constant part of the curve that the step follows"),
        "l_1": (r"\ell_1", "slope of that curve"),
        "lam": (r"\lambda", r"share of $\nabla F$ on the way from $G$"),
        "least": (r"\kappa", "the drift, relative to the step"),
        "left_over": (r"\mu_0", r"$\mu_1 - c\mu_2$, what the step leaves, at least nought"),
        "level": ("t", r"bound on $E[\|\nabla F\|^2/\Lambda]$"),
        "mean_norm_of_G": (r"\bar G", r"$E\|G\|$, mean size of the direction"),
        "mean_norm_squared": (r"\|E v_i\|^2", "squared size of the mean of one task's outer gradient"),
        "mean_of_L": (r"\bar L", r"$E\tilde L$, mean of the sampled curve"),
        "mean_of_PQ": (r"\mu", "mean of $PQ$ over the tasks, a number"),
        "mean_psi": (r"\bar\psi", r"mean of $\psi(\|\nabla F(w_k)\|)$ over the run"),
        "mean_size": (r"E\|\nabla F(w_R)\|", "mean gradient norm at the random iterate"),
        "mean_square": (r"E\|\nabla F(w_R)\|^2", "mean square gradient norm at the random iterate"),
        "miss": (r"P_1", "chance that one run misses"),
        "miss_of_another": (r"P_2", "chance that another run misses"),
        "move": (r"\|w' - w''\|", "distance of the two ends"),
        "moved_1": (r"r_1", "how far round-off moves the first probe"),
        "moved_2": (r"r_2", "how far round-off moves the second probe"),
        "mu_high": (r"\bar\mu_1", r"$E\tilde\beta\,\Lambda$ at most"),
        "mu_low": (r"\mu_1", r"$E\tilde\beta\,\Lambda$ at least"),
        "n": ("n", r"$\tilde\sigma/\sqrt{D_{\mathrm{in}}}$"),
        "noise": (r"E\|n_o\|^2", "mean square of the outer batch's noise"),
        "noise_in": (r"V_{\mathrm{in}}", "variance that the inner batch causes"),
        "noise_norm": (r"\bar n_\beta", r"$E\|n_\beta\|$, mean noise in a gradient of the step-size batch"),
        "noise_o": ("V_o", "variance of the outer batch"),
        "noise_of_product": (r"E\|(\tilde H - H)v\|^2", "mean square noise of the Hessian-vector product"),
        "norm": (r"y'", "the norm in question, any positive number"),
        "norm_G": (r"\|G\|", "size of the direction"),
        "norm_of_G": (r"\|G\|", "size of the direction"),
        "norm_of_Hessian": (r"\|\nabla^2 f_i\|", "norm of a task's Hessian"),
        "norm_of_bias": (r"\|r\|", "bias of the direction"),
        "norm_of_difference": ("r", r"$\|(U-V)v\|$ for reflections $U$, $V$ and a unit vector $v$"),
        "norm_of_m": (r"\|m\|", "size of the mean direction $m = E G$"),
        "norm_of_mean_direction": (r"\|m\|", "size of the mean direction $m = E G$"),
        "norm_of_sum": ("p", r"$\|(U+V)v\|$ for reflections $U$, $V$ and a unit vector $v$"),
        "o": ("o", r"$\tilde\sigma/\sqrt{B D_o}$"),
        "one_less_cosine": (r"\chi", r"$1 - \cos\theta$ for the angle $\theta$ between $G$ and $m$"),
        "one_level": ("v_j", "what one level adds to the variance"),
        "one_over_sqrt_B": (r"1/\sqrt{B}", ""),
        "other_order": ("p'", "any order of the Schatten norm"),
        "p": ("p", r"$\sigma/\sqrt{B}$"),
        "part_1": ("e_1", "first part"),
        "part_2": ("e_2", "second part"),
        "part_inner": (r"N_{\mathrm{in}}", "noise that the inner batch leaves"),
        "part_outer": ("N_o", "noise that the outer batch leaves"),
        "part_tasks": ("N_B", "noise that the tasks leave"),
        "psi_change": (r"\|\Delta\psi\|", r"change of $G/(\ell_0 + \ell_1\|G\|)$"),
        "rho_alpha_l": (r"\gamma", r"$\rho\alpha l$, the difference factor"),
        "root": (r"s_*", r"$s_*^2 = 2u(L\|w\| + \|\nabla f\|)/\rho$"),
        "root_mean_square": (r"s_F", r"$\sqrt{E\|\nabla F_i\|^2}$, root mean square of the tasks' meta-gradients"),
        "s_squared": ("s^2", "variance of the direction $G$"),
        "s_young": ("s", "parameter of Young's inequality"),
        "second": ("Y", "the perturbation of the second factor, a number"),
        "second_part": ("e_2", "second part of the change"),
        "smoothness_length": (r"s_G", r"$\Lambda\|G\|$, smoothness times the way, in units of the step"),
        "stretched": (r"\|Pv\|", ""),
        "t_ratio": ("q", "distance of the two values, relative to their deviation"),
        "total": ("e", "the whole error"),
        "two_to_the_j": ("2^j", ""),
        "u": ("u", "a positive number"),
        "u_part": ("u", "share of $20x^2$ in $S$"),
        "unit_n": ("a_n", "coordinates on the unit sphere"),
        "unit_o": ("a_o", "coordinates on the unit sphere"),
        "unit_p": ("a_p", "coordinates on the unit sphere"),
        "v_0": ("V_0", "variance of the outer gradient without levels"),
        "variance_of_PQ": (r"\kappa", "standard deviation of $PQ$ over the tasks"),
        "variance_of_norm": ("V", r"variance of $\|\tilde g_j\|$"),
        "w": ("w", "a positive number"),
        "z": ("z", r"$\tilde L$ in units of its smallest value"),
        "z_2": ("z_2", "where the quadratic touches"),
    }
)  # fmt: skip
"""Variables of the steps: their LaTeX, and what they are."""

NOTATION: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        r"\\psi\b": (
            r"\psi(y)",
            r"$y^2/(a_0 + b_0 y)$: $\|\nabla F\|^2$ over the largest curve at such a gradient",
        ),
        r"\\tilde L\b": (
            r"\tilde L(w)",
            r"the curve with fresh samples, which the step divides by: $\beta_k = c/\tilde L(w_k)$",
        ),
        r"\\Lambda ?\(?": (
            r"\Lambda(w)",
            r"the same curve with $E_i\|\nabla f_i(w)\|$ in place of its sampled value",
        ),
        r"\\tilde ?\\beta": (r"\tilde\beta", r"the sampled step size $1/\tilde L(w)$"),
        r"(?<![a-z\\])P_?\b|\bPv\b|\bPQ\b": (r"P_i", r"$I - \alpha\nabla^2 f_i(w)$"),
        r"(?<![a-z\\])Q_?\b|\bQv\b|\bPQ\b": (
            r"Q_i",
            r"$I - \alpha H_i$, $H_i$ the mean Hessian along the inner step, so that $\nabla F_i = P_i Q_i g_i$",
        ),
        r"g(_i)?\^\+|w_i\^\+|w_\{i\}\^\+": (
            r"g_i^+",
            r"$\nabla f_i(w_i^+)$, $w_i^+ = w - \alpha\nabla f_i(w)$: the gradient after the inner step",
        ),
        r"\\nabla F\b": (
            r"F(w)",
            r"$E_i f_i(w - \alpha\nabla f_i(w))$, the meta objective, and $F_i$ its part of one task",
        ),
        r"(?<![a-zA-Z\\_{])G(?![a-zA-Z])": (
            r"G",
            "the direction of one iteration, the mean of the tasks' $G_i$",
        ),
    }
)
"""What a text may use without a definition, by a pattern that finds it."""


def needed(text: str) -> list[tuple[str, str]]:
    """Return what a text in LaTeX uses of the common notation: its LaTeX and its meaning."""
    return [row for pattern, row in NOTATION.items() if re.search(pattern, text)]
