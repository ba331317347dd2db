"""The explorer: plans, curves and prices of the constants in one page, computed where it is read."""

from figures.explorer.page import render

__all__ = ["render"]
