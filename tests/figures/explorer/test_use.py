"""The explorer is used: typed, dragged, linked, reloaded, copied, on a desk and on a phone, light and dark."""

from __future__ import annotations

import json
import shlex

import pytest
from browser import PHONE, visit

from bounds import Constants, recommend
from fosp.__main__ import main

DEFAULT = Constants(L=1, rho=1, sigma=1, sigma_tilde=1, sigma_H=1, Delta=1)
ROW = '#plans tr[data-algorithm="{}"][data-theory="{}"]'


def iterations(seen, algorithm="maml", theory="sharp"):
    return int(seen.page.locator(ROW.format(algorithm, theory)).get_attribute("data-K"))


def rest(seen):
    """Wait until nothing is computed any more."""
    seen.page.wait_for_selector('#results[data-busy="false"]', timeout=60_000)


def test_it_opens_with_plans_curves_and_prices(seen):
    rest(seen)
    plan = recommend(DEFAULT, 0.1, "maml", "sharp", alpha=0.1)
    assert iterations(seen) == plan.iterations
    assert seen.page.locator(ROW.format("fo-maml", "sharp")).inner_text().count("smallest reachable") == 1
    assert seen.page.locator("svg.chart").count() == 4
    assert seen.page.locator("#halved dt").count() == 6
    assert seen.page.locator("article[id^=guarantee-]:visible").count() == 1
    guarantee = f"#guarantee-maml-{plan.statement.rpartition('.')[2]}"
    assert seen.page.locator(f"{guarantee} math").first.is_visible()


def test_typing_and_dragging_move_the_plan(seen):
    page = seen.page
    page.fill("#field-epsilon", "1/5")
    assert iterations(seen) == recommend(DEFAULT, 0.2, "maml", "sharp", alpha=0.1).iterations
    page.fill("#field-epsilon", "-3")
    assert "must be a number" in page.inner_text("#wrong-epsilon")
    assert iterations(seen) == recommend(DEFAULT, 0.2, "maml", "sharp", alpha=0.1).iterations
    page.fill("#field-epsilon", "0.1")
    page.fill("#field-sigma", "0")
    assert iterations(seen) < 6000
    box = page.locator("#slider-rho").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 1, box["y"] + box["height"] / 2, steps=6)
    page.mouse.up()
    assert page.input_value("#field-rho") == "0"
    page.focus("#slider-Delta")
    page.keyboard.press("ArrowRight")
    assert float(page.input_value("#field-Delta")) == pytest.approx(10**0.01, rel=1e-3)


def test_a_number_of_tasks_and_a_bound_on_gradients_are_optional(seen):
    page = seen.page
    page.fill("#field-n_tasks", "40")
    plan = recommend(DEFAULT, 0.1, "maml", "sharp", alpha=0.1, n_tasks=40)
    assert iterations(seen) == plan.iterations
    assert "different tasks of 40" in page.inner_text("#sentence")
    assert "--n-tasks 40" in page.inner_text("#text-command")
    page.fill("#field-n_tasks", "2.5")
    assert "whole number" in page.inner_text("#wrong-n_tasks")
    page.fill("#field-n_tasks", "")
    page.fill("#field-M", "0.02")
    bounded = Constants(**(DEFAULT.values() | {"M": 0.02}))
    assert iterations(seen) == recommend(bounded, 0.1, "maml", "sharp", alpha=0.1).iterations


def test_the_keyboard_keeps_its_place(seen):
    page = seen.page
    page.focus('input[value="maml sharp"]')
    page.keyboard.press("ArrowDown")
    rest(seen)
    assert page.evaluate("document.activeElement.value") == "maml paper"
    page.focus("#field-L")
    page.keyboard.press("End")
    page.keyboard.type("5")
    rest(seen)
    assert page.evaluate("document.activeElement.id") == "field-L"
    assert page.input_value("#field-L") == "15"


def test_a_link_carries_the_state(browser, file, seen):
    page = seen.page
    page.fill("#field-L", "2.5")
    page.fill("#field-alpha", "0.02")
    page.fill("#field-M", "0.02")
    page.check('input[value="hf-maml paper"]')
    page.fill("#field-epsilon", "0.5")
    page.click('[data-copy="link"]')
    link = page.url
    assert "L=2.5" in link
    assert "M=0.02" in link
    assert "n_tasks" not in link
    rest(seen)
    before, plan = page.inner_text("#sentence"), page.inner_text("#plans")
    page.reload()
    rest(seen)
    assert (page.inner_text("#sentence"), page.inner_text("#plans")) == (before, plan)
    assert page.input_value("#field-M") == "0.02"
    with visit(browser, file, "#" + link.partition("#")[2]) as other:
        rest(other)
        assert other.page.inner_text("#sentence") == before
        assert other.is_clean()


def test_a_strange_link_does_no_harm(browser, file):
    with visit(
        browser, file, "#L=-1&epsilon=<img src=x onerror=alert(1)>&algorithm=x&theory=y&rho=0"
    ) as seen:
        rest(seen)
        assert [seen.page.input_value(f"#field-{name}") for name in ("L", "epsilon", "rho")] == [
            "1",
            "0.1",
            "0",
        ]
        assert seen.page.locator("img").count() == 0
        assert seen.is_clean()


def test_what_is_copied_gives_the_same_plan(seen, capsys):
    page = seen.page
    page.fill("#field-sigma_tilde", "0.3")
    page.check('input[value="maml paper"]')
    K = iterations(seen, "maml", "paper")
    assert main([*shlex.split(page.inner_text("#text-command"))[1:], "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["plans"][0]["iterations"] == K
    names: dict[str, object] = {}
    exec(page.inner_text("#text-python"), names)
    assert names["plan"].iterations == K
    latex = page.inner_text("#text-latex")
    assert f"$K$ & ${K}$" in latex
    assert latex.count("{") == latex.count("}")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("document.getElementById('copied').textContent = ''")
    page.click('[data-copy="command"]')
    page.wait_for_selector("#copied:not(:empty)", state="attached")


def test_it_fits_a_phone(browser, file):
    with visit(browser, file, viewport=PHONE) as seen:
        rest(seen)
        for scheme in ("dark", "light"):
            seen.page.emulate_media(color_scheme=scheme)
            assert seen.too_wide() == []
            clipped = """() => [...document.querySelectorAll('button, label, h1, h2, h3, dt, .legend li')]
              .filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0).map(e => e.textContent)"""
            assert seen.page.evaluate(clipped) == []
            outside = """() => [...document.querySelectorAll('svg.chart text')].filter(t => {
              const a = t.getBoundingClientRect(), b = t.ownerSVGElement.getBoundingClientRect();
              return a.left < b.left - 1 || a.right > b.right + 1 || a.top < b.top - 1 || a.bottom > b.bottom + 1;
            }).map(t => t.textContent)"""
            assert seen.page.evaluate(outside) == []
        assert seen.is_clean()
