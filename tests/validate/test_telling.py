"""A run in words: the sentence, the rows that tell most, and what comes before what."""

import math

import pytest

from validate import telling
from validate.report import Report
from validate.verdict import Status, Verdict


def verdict(status=Status.CONSISTENT, **changed) -> Verdict:
    fields = {
        "claim": "accuracy.best", "statement": "sharp.maml.guarantee", "algorithm": "maml", "problem": "ripple",
        "status": status, "statistic": 0.05, "interval": (0.04, 0.06), "level": 0.999, "bound": 0.1, "slack": 2.0,
        "slack_interval": (1.6, 2.5), "n": 64, "detail": "", "method": "betting", "sure": True,
    }  # fmt: skip
    return Verdict(**(fields | changed))


def report(*rows):
    return Report(rows, "id", ("ripple",), 0, 0.01)


ERRATUM = {"claim": "erratum.E3", "statement": "paper.hf-maml.accuracy", "algorithm": "hf-maml"}


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ((), "Nothing was compared."),
        ((verdict(),), "Of 1 comparison of a measured number with a statement, none came out"),
        ((verdict(), verdict(Status.VIOLATED)), "1 came out against it: something here is wrong."),
        ((verdict(), verdict(Status.FAILED)), "1 came out against it"),
        ((verdict(Status.INCONCLUSIVE),), "; 1 could not be decided."),
        ((verdict(**ERRATUM), verdict(**ERRATUM)), "; 1 erratum of the record came out again."),
        ((verdict(Status.INCONCLUSIVE, claim="direction.mean"),), "found to be maml nowhere"),
    ],
)
def test_the_sentence_says_what_came_out(rows, says):
    assert says in telling.sentence(report(*rows))


def test_the_tightest_row_is_shown_and_what_is_wrong_before_it():
    loose, tight = verdict(statistic=0.01), verdict(statistic=0.09)
    assert telling.telling(report(loose, tight))[0].verdict is tight
    wrong = verdict(Status.VIOLATED, statistic=0.5)
    assert telling.telling(report(loose, tight, wrong))[0].verdict is wrong
    nothing = verdict(Status.NOT_APPLICABLE, statistic=math.nan)
    assert telling.telling(report(nothing, loose))[0].verdict is loose
    assert [one.verdict.claim for one in telling.telling(report(loose, verdict(**ERRATUM)))] == [
        "accuracy.best",
        "erratum.E3",
    ]


def test_an_erratum_that_came_out_again_refutes_the_record():
    assert verdict(**ERRATUM).said == "record refuted"
    assert verdict(Status.INCONCLUSIVE, **ERRATUM).said == "INCONCLUSIVE"
    assert verdict(claim="erratum.E4", statement="paper.maml.iterations").said == "record loose"
    assert verdict().said == "CONSISTENT"
    counted = telling.counts(report(verdict(), verdict(**ERRATUM), verdict()))
    assert counted == {"CONSISTENT": 2, "record refuted": 1}


def test_how_sure_it_is():
    assert telling.certainty(report(verdict())).endswith("at any number of observations")
    assert "for 1 of 2 in the limit" in telling.certainty(report(verdict(), verdict(sure=False)))
