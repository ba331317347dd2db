"""The audit: which meta-learning algorithm some code implements, and the known defects that it shows.

The code is asked, never read. It steps on losses whose derivatives are known, with other samples in every batch;
what it answers, path by path, tells what it computes. ``audit(step)`` is the function itself:
this package can be called, so that ``from validate import audit`` and ``validate.audit.adapters`` both work.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any


class _Callable(ModuleType):
    """A package that is called as the function it is named after."""

    def __call__(self, *args: Any, **more: Any) -> Any:
        """Audit: see :func:`validate.audit.auditing.audit`."""
        from validate.audit.auditing import audit

        return audit(*args, **more)


sys.modules[__name__].__class__ = _Callable
