"""The report in a real browser: it filters, sorts and folds, fits a phone, and asks nobody for anything."""

import json
import shutil

import pytest
from browser import PHONE, visit

from figures.report import render


@pytest.fixture(scope="module")
def file(run, tmp_path_factory):
    """The page of the run, in which one question has four equal answers."""
    there = tmp_path_factory.mktemp("page") / "run"
    shutil.copytree(run, there)
    told = json.loads((there / "verdicts.json").read_text())
    told["verdicts"] += 3 * [next(v for v in told["verdicts"] if v["status"] == "CONSISTENT")]
    (there / "verdicts.json").write_text(json.dumps(told))
    path = there / "report.html"
    path.write_text(render(there)[0], encoding="utf-8")
    return path


def test_it_is_used(browser, file):
    with visit(browser, file) as seen:
        page = seen.page

        def count():
            return page.locator("#verdicts tbody tr:visible").count()

        folded = count()
        page.uncheck("#together")
        whole = count()
        assert folded == whole - 3
        page.select_option("[data-filter=verdict]", "record refuted")
        assert count() == 2
        page.select_option("[data-filter=verdict]", "")
        page.fill("#words", "no such word")
        assert count() == 0
        assert page.inner_text("#shown").startswith("0 of ")
        page.fill("#words", "")
        page.get_by_role("button", name="bound").press("Enter")
        told = page.locator("#verdicts tbody tr td:nth-child(7)").all_inner_texts()
        numbers = [float(text.replace("\u2212", "-")) for text in told if text != "–"]
        assert len(numbers) > 3
        assert numbers == sorted(numbers)
        link = page.locator("a[data-statement]").first
        number = int(link.inner_text().split()[1])
        link.press("Enter")
        assert count() == number
        assert page.evaluate("location.hash") == "#main"
        page.select_option("[data-filter=statement]", "")
        page.check("#together")
        page.locator(".alike").first.press("Enter")
        assert count() == whole
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            assert not seen.too_wide()
        page.emulate_media(media="print")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert page.locator("details:not([open])").count() == 0
        assert page.locator("#verdicts tbody tr:visible").count() == whole
        assert seen.is_clean(), (seen.complaints, seen.requests)


def test_it_fits_a_phone(browser, file):
    with visit(browser, file, viewport=PHONE) as seen:
        assert seen.too_wide() == []
        seen.page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        assert seen.too_wide() == []
