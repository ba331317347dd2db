"""What stands in for a problem, and is none."""


class StandIn:
    """Passes on what it does not know."""

    def __init__(self, problem):
        self._problem = problem

    def __getattr__(self, name):
        return getattr(self._problem, name)
