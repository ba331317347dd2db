"""A lemma of one's own: how long the mean gradient after the inner step can be."""

from sympy import sqrt

from bounds.derivation import axioms
from bounds.derivation.claim import le
from bounds.derivation.step import Step
from bounds.derivation.tools import var
from bounds.standing import Left
from bounds.stating import GRADIENT, derived
from bounds.symbols import gradient, sigma
from bounds.theory import matrices
from bounds.theory.matrices import x

adapted, size = var("mean_adapted"), var("mean_size")


def proof(st):
    """``E Q_i g_i = E g_i - E (alpha Hbar_i) g_i``, and ``E||g_i|| <= sqrt(g^2 + sigma^2)``."""
    given = (le(adapted, gradient + x * size), le(size**2, gradient**2 + sigma**2))
    step = Step("the mean, and what the inner step takes away", le(adapted, st.expression), given)
    return (axioms.NORMS, axioms.JENSEN, step)


ADAPTED_MEAN = derived(
    "adapted.mean",
    "the mean of the tasks' gradients after the inner step",
    r"\|E_i\nabla f_i(w_i^+)\|",
    gradient + x * sqrt(gradient**2 + sigma**2),
    GRADIENT,
    "triangle inequality",
    where=(matrices.X,),
    proof=proof,
    left=Left(lambda point: point.length(point.outer.mean(1))),
)
