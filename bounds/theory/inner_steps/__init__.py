r"""Several inner gradient steps: :math:`w_{n+1} = w_n - \alpha\nabla f_i(w_n)`, :math:`F_i(w) = f_i(w_N)`.

Everything is stated for a given whole number N, in powers of t = 1 + x; at N = 1 it is what the other topics say.
Among the statements are those for two steps; those for others are made when they are asked for.
"""

from bounds.reading import MOST_STEPS as MOST

__all__ = ["MOST"]
PLACE = 75
