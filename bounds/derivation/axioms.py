"""The facts of analysis that the derivations rest on, each with a reference and a numeric test."""

from __future__ import annotations

from bounds.derivation.step import Axiom

FUNDAMENTAL = Axiom(
    "fundamental theorem",
    "grad f(w - a g) = (I - a Hbar) grad f(w) for g = grad f(w), Hbar the mean Hessian, ||Hbar|| <= L",
    "fundamental theorem of calculus for a C^1 gradient",
)
TAYLOR = Axiom(
    "Taylor, Lipschitz Hessian",
    "||grad f(w + h) - grad f(w) - Hess f(w) h|| <= rho ||h||^2 / 2",
    "Nesterov, Introductory Lectures on Convex Optimization, Lemma 1.2.4",
)
DESCENT = Axiom(
    "descent lemma at a fixed end",
    "if ||grad F(u) - grad F(w)|| <= S ||u - w|| for all u, "
    "then |F(u) - F(w) - <grad F(w), u-w>| <= S ||u-w||^2/2",
    "Nesterov, Introductory Lectures on Convex Optimization, Lemma 1.2.3, the bound taken at w only",
)
SEGMENT_MEAN = Axiom(
    "mean over the segment",
    "[grad f(w+h) - grad f(w-h)]/2 = (1/2) int_{-1}^{1} Hess f(w + t h) h dt",
    "fundamental theorem of calculus",
)
JENSEN = Axiom(
    "Jensen",
    "phi(E X) <= E phi(X) for convex phi; E||X|| <= sqrt(E||X||^2)",
    "Jensen 1906; Rudin, Real and Complex Analysis, Theorem 3.3",
)
MINKOWSKI = Axiom(
    "Minkowski",
    "sqrt(E||X + Y||^2) <= sqrt(E||X||^2) + sqrt(E||Y||^2); std(X) <= sqrt(E||X - c||^2) for every fixed c",
    "Rudin, Real and Complex Analysis, Theorem 3.5",
)
INDEPENDENCE = Axiom(
    "conditional independence",
    "batches and task draws are independent given w_k: variances of means divide by the batch size, "
    "and noises of different batches are uncorrelated",
    "standing assumption; Durrett, Probability, section 2.1",
)
WITHOUT_REPLACEMENT = Axiom(
    "sampling without replacement",
    "m_i of two different tasks out of n, drawn without replacement, have the covariance -Var(m_i)/(n-1), since "
    "the sum over all n does not vary; a noise that is independent from task to task adds its variance over B",
    "Cochran, Sampling Techniques, theorem 2.2",
)
EXTREME_POINTS = Axiom(
    "extreme points",
    "a function that is convex in X and in Y is largest over ||X||, ||Y|| <= x, symmetric, at X = xU, Y = xV "
    "with reflections U, V; and ||(U+V)v||^2 + ||(U-V)v||^2 = 4 for unit v",
    "Bauer's maximum principle; extreme points of the spectral unit ball (Bhatia, Matrix Analysis, section II); "
    "parallelogram identity",
)
PARALLELOGRAM = Axiom(
    "parallelogram",
    "with S, D the half sum and half difference of two vectors of norm at most x: ||S||^2 + ||D||^2 <= x^2, "
    "<v+S+D, v+S-D> = ||v+S||^2 - ||D||^2",
    "polarisation identity",
)
NORMS = Axiom(
    "norms",
    "||XY v|| <= ||X|| ||Y|| ||v|| and the triangle inequality",
    "Horn and Johnson, Matrix Analysis, section 5.6",
)
POLARISATION = Axiom(
    "polarisation",
    "<grad F, m> = (||grad F||^2 + ||m||^2 - ||m - grad F||^2)/2",
    "polarisation identity",
)
MONOTONE_CONVERGENCE = Axiom(
    "stopped sum",
    "a sum of falls up to a stopping time is at most F(w_0) - inf F, with the limit taken monotonically",
    "Durrett, Probability, theorems 1.6.6 and 4.8.2",
)
SPECTRAL = Axiom(
    "spectral calculus",
    "Q symmetric with eigenvalues in [1-x, 1+x] has Q^-1 = nu I + S, S positive semidefinite, nu = 1/(1+x)",
    "spectral theorem",
)
BETWEEN = Axiom(
    "variance between two ends",
    "a number in [l, u] with mean mu has variance at most (u - mu)(mu - l)",
    "Bhatia and Davis 2000",
)
FROBENIUS = Axiom(
    "mean of matrices",
    "E||mean of D centred iid matrices||_F^2 = E||.||_F^2 / D, and ||.||_2 <= ||.||_F",
    "orthogonality in the Frobenius inner product",
)
EXCHANGEABLE = Axiom(
    "draws without replacement",
    "the draws are exchangeable: each has the law of one task, and all pairs have the same covariance",
    "Cochran, Sampling Techniques, theorem 2.2",
)
SCHATTEN = Axiom(
    "smoothness of Schatten norms",
    "E||X + Y||_p^2 <= ||X||_p^2 + (p-1) E||Y||_p^2 for fixed X, centred Y and p >= 2; "
    "||.|| <= ||.||_p <= d^(1/p) ||.||",
    "Ball, Carlen and Lieb 1994; Ricard and Xu 2016, theorem 1",
)
RECURSION = Axiom(
    "affine recursion",
    "the second moment of z' = a z + b with E a^2 < 1 and E b = 0, (a, b) drawn afresh and independently of each "
    "other up to E a b = 0, converges to its fixed point",
    "Diaconis and Freedman 1999, section 2",
)
CONTRACTION = Axiom(
    "monotone iteration",
    "for phi with Lipschitz constant at most 1/beta, w - beta phi(w) increases: it converges to the first zero",
    "monotone convergence of real sequences",
)
MARKOV = Axiom(
    "Markov",
    "P(X > u) <= E X / u for X >= 0 and u > 0",
    "Durrett, Probability, theorem 1.6.4",
)
MEDIAN = Axiom(
    "median",
    "of k numbers, k odd, the median lies in an interval unless (k+1)/2 of them lie outside, for which there are "
    "binomial(k, (k+1)/2) choices; the chance of a union is at most the sum of the chances",
    "Lugosi and Mendelson 2019, section 2.1",
)
INDEPENDENT_EVENTS = Axiom(
    "independent events",
    "the chance that all of some independent events happen is the product of their chances",
    "Durrett, Probability, section 2.1",
)
