"""``recommend`` over arrays: a row of constants and options each, a row with a plan each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bounds import arguments, kit
from bounds.constants import NAMES, Constants
from bounds.errors import InputError
from bounds.plan import Plan
from bounds.processes import pool
from bounds.reading import LARGEST
from bounds.recommendation.model import Cost
from bounds.recommendation.planning import planned, requested
from bounds.recommendation.request import Request, require_kinds

if TYPE_CHECKING:
    import pandas as pd

OPTIONS = (
    "epsilon",
    "algorithm",
    "theory",
    "alpha",
    "step",
    "n_tasks",
    "inner_steps",
    "depth",
    "max_iterations",
)
COLUMNS = (*NAMES, *OPTIONS)
"""What a table may have columns of."""
WHOLE = ("n_tasks", "inner_steps", "depth")
WORDS = ("algorithm", "theory", "step")
"""Columns of names; all others are of numbers."""
_PIECE = 16
"""Rows that a worker takes at once."""
_NO_COLUMN = frozenset(
    ("constants", "constants_status", "constants_observed", "step_rule", "step_costs", "uses", "statement")
)
Progress = Callable[[int, int], None]


def recommend_table(
    given: pd.DataFrame | Mapping[str, Any],
    *,
    cost: Cost | None = None,
    fixed: Mapping[str, int] | None = None,
    workers: int = 1,
    progress: Progress | None = None,
    called: Callable[[int], str] = "row {} of the table".format,
) -> pd.DataFrame:
    """Return the plan of every row, each the one that ``recommend`` returns for it.

    Parameters
    ----------
    given : DataFrame or mapping
        Columns L, rho, sigma, sigma_tilde, sigma_H, Delta and epsilon, and any of M, algorithm, theory, alpha,
        step, n_tasks, inner_steps, depth, max_iterations: arrays of one length, or one value for all rows. Of the
        latter an empty value (None, NaN) stands for the default of ``recommend``.
    cost, fixed
        As for ``recommend``, for all rows.
    workers : int
        Processes; no number depends on it. With more than one a script needs ``if __name__ == "__main__":``.
    progress : callable, optional
        Called with the rows done and the rows in all.
    called : callable, optional
        What a row is called where it is refused, from its number; the first is 0.

    Returns
    -------
    DataFrame
        A row for each row of the input, in its order: what was asked, and the fields of the plan. The step rule is
        ``step_kind``, ``step_smoothness`` and ``step_slope``. An infeasible row has ``feasible`` false, a
        ``reason`` and no sizes.

    Raises
    ------
    InputError
        When a column is unknown or missing, or a row is refused: then before anything is computed.
    """
    _require(workers, progress, called)
    require_kinds(Cost() if cost is None else cost, {} if fixed is None else fixed)
    requests = [_requested(called(number), row, cost, fixed) for number, row in enumerate(_rows(given))]
    rows = []
    for plan in _planned(requests, workers):
        rows.append(_record(plan))
        if progress is not None:
            progress(len(rows), len(requests))
    return _tidy(rows)


def _rows(given: pd.DataFrame | Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the rows as dictionaries, without what is empty."""
    import pandas as pd

    columns = "must have columns: a DataFrame, or a mapping of names to arrays or numbers"
    arguments.kind("given", given, (pd.DataFrame, Mapping), columns)
    for name in given:
        if name not in COLUMNS:
            raise InputError(
                "table", str(name), f"is no column that is read; these are: {', '.join(COLUMNS)}"
            )
        if list(given).count(name) > 1:
            raise InputError("table", str(name), "is the name of two columns", "leave one out")
    single = not isinstance(given, pd.DataFrame) and all(map(pd.api.types.is_scalar, given.values()))
    try:
        frame = pd.DataFrame(given, index=[0] if single else None)
    except (ValueError, TypeError) as error:
        raise InputError("table", list(given), f"must have columns of one length: {error}") from None
    if not len(frame):
        raise InputError("table", list(frame.columns), "must have at least one row")
    rows = frame.astype(object).to_dict("records")
    return [{str(name): value for name, value in row.items() if not _empty(value)} for row in rows]


def _require(workers: int, progress: Progress | None, called: Callable[[int], str]) -> None:
    arguments.count("workers", workers)
    arguments.progress(progress)
    arguments.function("called", called, "number")


def _requested(
    called: str, row: dict[str, Any], cost: Cost | None, fixed: Mapping[str, int] | None
) -> Request:
    """Return the request of one row; what is wrong in it is said with its name."""
    options = {name: row[name] for name in OPTIONS if name in row and name != "epsilon"}
    options |= {name: _whole(options[name]) for name in WHOLE if name in options}
    try:
        given: dict[str, Any] = {name: row.get(name) for name in (*NAMES, "epsilon")}
        epsilon = given.pop("epsilon")
        return requested(Constants(**given), epsilon, cost=cost, fixed=fixed, **options)
    except InputError as error:
        raise InputError(f"{called}: {error.argument}", error.value, error.allowed, error.remedy) from None


def _empty(value: Any) -> bool:
    import pandas as pd

    return bool(pd.api.types.is_scalar(value) and pd.isna(value))


def _whole(value: Any) -> Any:
    """Return a whole number as an integer: a column with empty places holds it as a float."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _planned(requests: Sequence[Request], workers: int) -> Iterator[Plan]:
    if workers == 1 or len(requests) <= _PIECE:
        yield from map(plan_of, requests)
        return
    with pool(min(workers, len(requests)), (__name__, *kit.needed())) as processes:
        yield from processes.map(plan_of, requests, chunksize=_PIECE)


def plan_of(request: Request) -> Plan:
    """Return the plan for a request, as ``recommend`` does."""
    return planned(request).settled()


def _record(plan: Plan) -> dict[str, Any]:
    """Return a plan as one flat row."""
    told = plan.to_dict()
    rule = {f"step_{name}": getattr(plan.step_rule, name, None) for name in ("kind", "smoothness", "slope")}
    asked = {
        name: told[name] for name in ("epsilon", "algorithm", "theory", "inner_steps", "n_tasks", "alpha")
    }
    rest = {name: value for name, value in told.items() if name not in _NO_COLUMN | set(asked)}
    return {**told["constants"], **asked, **rest, **rule}


def _tidy(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Give every column one type that a file can hold; whole numbers beyond 64 bits become floats."""
    import pandas as pd

    return pd.DataFrame({name: _column([row[name] for row in rows]) for name in rows[0]})


def _column(values: list[Any]) -> pd.Series[Any]:
    import pandas as pd

    kinds = {type(value) for value in values if value is not None}
    if kinds == {int} and all(abs(value or 0) <= LARGEST for value in values):
        return pd.Series(values, dtype="Int64")
    return pd.Series(values, dtype=float if kinds <= {int, float} else None)
