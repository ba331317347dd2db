"""Problems whose constants are known, one file per family, and anyone's own problem."""

from __future__ import annotations

from empirics.problems.base import Certificate, Problem
from empirics.problems.certify import certify
from empirics.problems.check import check_problem
from empirics.problems.confront import confronted
from empirics.problems.hf_counterexample import HFCounterexample, HFTent
from empirics.problems.mean_direction import mean_direction
from empirics.problems.own import OwnProblem
from empirics.problems.own_data import (
    certified,
    estimated,
    own_problem,
    own_problem_from_frame,
    own_problem_from_sampler,
)
from empirics.problems.plateau import Plateau
from empirics.problems.quadratic import Quadratic
from empirics.problems.ramp import Ramp
from empirics.problems.ripple import Ripple
from empirics.problems.robust_regression import RobustRegression
from empirics.problems.shared_hessian import SharedHessian
from empirics.problems.sigmoid_classification import SigmoidClassification
from empirics.problems.spec import Family, Parameter, families, from_spec
from empirics.problems.trapezoid import Trapezoid
from empirics.problems.twice import require_same
from empirics.problems.wells import Wells

__all__ = [
    "Certificate",
    "Family",
    "HFCounterexample",
    "HFTent",
    "OwnProblem",
    "Parameter",
    "Plateau",
    "Problem",
    "Quadratic",
    "Ramp",
    "Ripple",
    "RobustRegression",
    "SharedHessian",
    "SigmoidClassification",
    "Trapezoid",
    "Wells",
    "certified",
    "certify",
    "check_problem",
    "confronted",
    "estimated",
    "families",
    "from_spec",
    "mean_direction",
    "own_problem",
    "own_problem_from_frame",
    "own_problem_from_sampler",
    "require_same",
]
