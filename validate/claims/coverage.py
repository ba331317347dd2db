"""Which claims measure a statement; why no claim measures the others they say themselves."""

from __future__ import annotations

from bounds import statements
from validate.claim import claims


def claims_of(name: str) -> tuple[str, ...]:
    """Return the claims that measure a statement."""
    st = statements().get(name)
    return () if st is None else tuple(claim.name for claim in claims().values() if claim.is_about(st))


def reason_for(name: str) -> str:
    """Return why no claim measures a statement; empty when there is no reason, or no such statement.

    A statement that is measured may have a reason as well: it is then measured as a part of another one.
    """
    st = statements().get(name)
    return "" if st is None else st.unmeasured
