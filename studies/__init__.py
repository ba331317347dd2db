"""Studies of the product: what its checks catch, and how often they cry wolf.

They import every package, and no package imports them: the product has no place made for a study.
"""
