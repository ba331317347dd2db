"""A suite of one's own for reports; its title is no HTML."""

EVIL = "<script>alert(1)</script>"
SUITE = {
    "title": f"Mine {EVIL} of:{','.join(60 * ['x=1'])}",
    "replicates": 8,
    "algorithms": ["maml", "fo-maml"],
    "plateau": [{"problem": "plateau", "alpha_L": [0.1, 0.02], "iterations": 400}],
    "lemmas": [{"problem": "quadratic:dim=2,n_tasks=2"}],
    "errata": [{"problem": "validate.claims.counterexamples:opposite_slopes"}],
}
