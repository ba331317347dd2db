"""The report of a run as one self-contained HTML page."""

from figures.report.page import render

__all__ = ["render"]
