"""The report of a run: whole, self-contained, and harmless whatever the directory says."""

import os
import re
from html.parser import HTMLParser

import pytest
from report_suite import EVIL

from bounds.errors import InputError
from figures.report import render
from figures.report.shared import stretches
from validate.reported import read_report


@pytest.fixture(scope="session")
def page(run):
    text, missing = render(run)
    assert missing == ""
    return text


class Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.found, self.open = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        if tag not in ("meta", "img", "input", "line", "rect", "br", "wbr", "mspace"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open, f"nothing is open at </{tag}>"
        assert self.open.pop() == tag


def test_it_is_well_formed_and_reaches_for_nothing(page):
    tags = Tags(page)
    assert tags.open == []
    links = [attrs.get(name, "") for _, attrs in tags.found for name in ("href", "src")]
    assert all(link.startswith(("#", "data:image/")) or not link for link in links)
    ids = {attrs["id"] for _, attrs in tags.found if "id" in attrs}
    assert {link[1:] for link in links if link.startswith("#")} <= ids
    own = re.sub(r'src="data:image/[^"]*"', "", page)
    assert not re.search(r"url\(|@import|fetch\(|XMLHttpRequest", own)


def test_it_has_every_verdict_its_relation_and_its_formula(page, run):
    report, _ = read_report(run)
    tags = Tags(page).found
    body = page[page.index('<table id="verdicts"') :]
    body = body[: body.index("</table>")]
    assert body.count("<tr data-group=") == len(report.verdicts)
    assert re.findall(r'<td><a href="#s\d+">([^<]*)</a>', body) == [v.claim for v in report.verdicts]
    assert re.findall(r'<span class="tag \w+">([^<]*)</span>', body) == [v.said for v in report.verdicts]
    assert {v.relation for v in report.verdicts} == {"at most", "at least", "equal"}
    assert all(f"<td>{word}</td>" in body for word in ("≤ at most", "≥ at least", "= equal"))
    statements = {v.statement for v in report.verdicts}
    assert sum(tag == "article" for tag, _ in tags) == len(statements)
    assert sum(tag == "math" for tag, _ in tags) >= len(statements)


def test_what_statements_share_is_said_once(run, page):
    from bounds import explain

    names = {v.statement for v in read_report(run)[0].verdicts}
    told = [explain(name) for name in names]
    parts = {(part["mathml"], part["meaning"]) for one in told for part in one["where"]}
    steps = {(step["name"], step["verdict"]) for one in told for step in one["ledger"]["steps"]}
    assert len(re.findall(r'<dt id="p\d+">', page)) == len(parts) < sum(len(one["where"]) for one in told)
    assert len(re.findall(r'<li id="t\d+">', page)) == len(steps)


@pytest.mark.parametrize(
    ("numbers", "found"),
    [((), ()), ((3,), ((3, 3),)), ((5, 1, 2, 3, 7, 5), ((1, 3), (5, 5), (7, 7))), ((2, 1), ((1, 2),))],
)
def test_stretches_have_no_gap_and_leave_nothing_out(numbers, found):
    assert stretches(numbers) == found


def test_an_erratum_found_again_refutes_the_record(run):
    report, _ = read_report(run)
    said = {v.erratum: v.said for v in report.verdicts if v.erratum}
    assert said == {"E1": "record refuted", "E2": "record refuted", "E4": "record loose"}
    assert all(v.said == v.status.value for v in report.verdicts if not v.erratum)


def test_what_the_directory_says_is_escaped(changed):
    def evil(told):
        for name in ("problem", "setting", "detail", "claim", "algorithm", "method", "provided"):
            told["verdicts"][0][name] = f'"><img src=x onerror=alert(1)>{EVIL}'
        told["versions"] = {EVIL: EVIL}
        told["verdicts"][1]["statement"] = EVIL
        told["verdicts"][2]["relation"] = EVIL

    run = changed(evil)
    (run / "figures").mkdir()
    (run / "figures" / "plateau.svg").write_text(f'<svg xmlns="http://www.w3.org/2000/svg">{EVIL}</svg>')
    (run / "figures" / "plateau.txt").write_text(f"Figure 2. {EVIL}")
    text, _ = render(run)
    tags = Tags(text).found
    assert sum(tag == "script" for tag, _ in tags) == 1
    assert {attrs["src"].partition(",")[0] for tag, attrs in tags if tag == "img"} == {"data:image/svg+xml"}
    assert not any(name.startswith("on") for _, attrs in tags for name in attrs)
    assert "alert(1)" in text


def test_the_figures_that_were_drawn_are_taken(run, page):
    assert "data:image/svg+xml,%3C" in page
    assert "Figure 2. Where FO-MAML stops." in page
    assert "Crosses: exact tasks" in page
    assert "Open markers" not in page


def test_a_figure_of_an_earlier_run_is_drawn_again(changed):
    run = changed(lambda told: None)
    (run / "figures").mkdir()
    for name, text in (("plateau.svg", "<svg/>"), ("plateau.txt", "Figure 2. Of another run.")):
        (run / "figures" / name).write_text(text)
    assert "Of another run." in render(run)[0]
    before = (run / "experiments.json").stat().st_mtime - 10
    os.utime(run / "figures" / "plateau.svg", (before, before))
    text, _ = render(run)
    assert "Of another run." not in text
    assert "Figure 2. Where FO-MAML stops." in text


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda told: told.update(verdicts=None), "is damaged"),
        (lambda told: told["verdicts"][0].update(status="FINE"), "is damaged"),
        (lambda told: told["verdicts"][0].update(interval=[1, 2, 3]), "is damaged"),
        (lambda told: told["verdicts"][0].pop("bound"), "is damaged"),
        (lambda told: told.update(schema=99), "is damaged"),
        (lambda told: told.update(run="0" * 12), "another configuration"),
    ],
)
def test_damage_is_refused(changed, change, says):
    with pytest.raises(InputError, match=says):
        render(changed(change))


def test_a_run_that_is_not_finished_is_refused(changed):
    run = changed(lambda told: None)
    (run / "verdicts.json").unlink()
    with pytest.raises(InputError, match=r"not finished.*--resume"):
        render(run)


def test_an_open_end_is_infinite_and_two_are_nothing(changed):
    def opened(told):
        told["verdicts"][0]["interval"] = [0.5, None]
        told["verdicts"][1]["interval"] = [None, None]

    first, second = read_report(changed(opened))[0].verdicts[:2]
    assert first.interval == (0.5, float("inf"))
    assert second.interval[0] != second.interval[0]


def test_code_of_others_is_not_imported_for_a_figure(changed, monkeypatch):
    run = changed(lambda told: None)
    monkeypatch.setattr("empirics.importing.foreign", lambda name: True)
    text, missing = render(run)
    assert "--trust" in missing
    assert "data:image" not in text
