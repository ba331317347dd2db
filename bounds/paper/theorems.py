"""The paper's three convergence theorems, by algorithm."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bounds.paper.fo_maml import FO_MAML
from bounds.paper.hf_maml import HF_MAML
from bounds.paper.maml import MAML
from bounds.paper.theorem import Recorded

RECORDED: Mapping[str, Recorded] = MappingProxyType({r.algorithm: r for r in (MAML, FO_MAML, HF_MAML)})
