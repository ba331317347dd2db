// The page: state in, plans and curves out. What is asked for is answered at once, the rest in slices.
(() => {
  const NAMES = SETTINGS.quantities.map(q => q.name);
  const OPTIONAL = SETTINGS.optional;
  const DEFAULTS = Object.fromEntries([...SETTINGS.quantities.map(q => [q.name, q.value]), ...OPTIONAL.map(name => [name, null])]);
  const ALGORITHMS = SETTINGS.algorithms;
  const ALL = [...NAMES, ...OPTIONAL];
  const COARSE = 7, FINE = 25, SLICE = 10;
  const { $ } = view;
  let state = { ...DEFAULTS, algorithm: ALGORITHMS[0].name, theory: "sharp" };
  let version = 0, working = false, saved = null;

  const read = text => {
    const parts = text.trim().replace("−", "-").split("/");
    if (parts.length > 2 || parts.some(part => !/^[+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(part.trim()))) return NaN;
    return parts.map(Number).reduce((one, other) => one / other);
  };
  const allowed = (name, value) => Number.isFinite(value) && (name !== "n_tasks" || (Number.isInteger(value) && value >= 1)) && (value > 0 || (value === 0 && (name === "M" || SETTINGS.zero.includes(name))));
  const tidy = value => String(Number(value.toPrecision(4)));
  const request = (algorithm, theory) => {
    const constants = Object.fromEntries(halving.CONSTANTS.map(name => [name, state[name]]));
    if (state.M !== null) constants.M = state.M;
    return { constants, epsilon: state.epsilon, alpha: state.alpha, algorithm, theory, n_tasks: state.n_tasks };
  };

  // The state in the address, and back.
  const toHash = () => "#" + [...NAMES, ...OPTIONAL.filter(name => state[name] !== null), "algorithm", "theory"].map(key => `${key}=${state[key]}`).join("&");
  const fromHash = () => {
    for (const [key, text] of new URLSearchParams(location.hash.slice(1))) {
      const value = Number(text);
      if ([...NAMES, ...OPTIONAL].includes(key) && allowed(key, value)) state[key] = value;
    }
    const wanted = new URLSearchParams(location.hash.slice(1));
    const algorithm = ALGORITHMS.find(one => one.name === wanted.get("algorithm"));
    if (algorithm) {
      state.algorithm = algorithm.name;
      if (algorithm.theories.includes(wanted.get("theory"))) state.theory = wanted.get("theory");
    }
  };
  const save = () => {
    clearTimeout(saved);
    saved = setTimeout(() => history.replaceState(null, "", toHash()), 250);
  };

  // Fields and sliders.
  const slide = name => {
    const slider = $(`slider-${name}`), value = state[name];
    if (!slider) return;
    slider.value = value > 0 ? Math.log10(value) : slider.min;
    slider.setAttribute("aria-valuetext", String(value));
  };
  const complain = (name, sentence) => {
    $(`wrong-${name}`).textContent = sentence;
    $(`field-${name}`).setAttribute("aria-invalid", String(Boolean(sentence)));
  };
  const fill = name => {
    $(`field-${name}`).value = state[name] === null ? "" : String(state[name]);
    complain(name, "");
    slide(name);
  };
  const typed = name => {
    const text = $(`field-${name}`).value, open = OPTIONAL.includes(name) && text.trim() === "";
    const value = open ? null : read(text);
    if (!open && !allowed(name, value)) {
      complain(name, name === "n_tasks" ? "must be a whole number ≥ 1, or nothing" : name === "M" ? "must be a number ≥ 0, or nothing"
        : `must be a number ${SETTINGS.zero.includes(name) ? "≥ 0" : "> 0"}, such as 0.1, 1e-3 or 1/6`);
      return;
    }
    complain(name, "");
    state[name] = value;
    slide(name);
    answer();
  };
  const dragged = name => {
    const slider = $(`slider-${name}`), place = Number(slider.value);
    const zero = slider.dataset.zero === "1" && place <= Number(slider.min) + 0.005;
    state[name] = zero ? 0 : Number(tidy(10 ** place));
    $(`field-${name}`).value = String(state[name]);
    complain(name, "");
    slider.setAttribute("aria-valuetext", String(state[name]));
    answer();
  };

  // What is taken along.
  const copy = async key => {
    const text = key === "link" ? location.href.split("#")[0] + toHash() : $(`text-${key}`).textContent;
    if (key === "link") history.replaceState(null, "", toHash());
    try {
      await navigator.clipboard.writeText(text);
      $("copied").textContent = "Copied.";
    } catch {
      $("copied").textContent = key === "link" ? "The address of this page is the link." : "Selected: copy with the keyboard.";
      if (key !== "link") getSelection().selectAllChildren($(`text-${key}`));
    }
  };

  // Answers: the chosen plan at once, then all plans, the curves roughly, the prices, the curves finely.
  const answer = () => {
    version += 1;
    const started = performance.now();
    const plan = planning.plan(request(state.algorithm, state.theory));
    view.showPlan(plan);
    view.showChosen(plan);
    $("results").dataset.milliseconds = (performance.now() - started).toFixed(1);
    $("results").dataset.busy = "true";
    save();
    if (!working) start();
  };
  const start = () => {
    working = true;
    const mine = version, work = everything(mine);
    const slice = () => {
      const until = performance.now() + SLICE;
      for (;;) {
        const { done } = work.next();
        if (done) {
          if (mine !== version) return start();
          working = false;
          $("results").dataset.busy = "false";
          return;
        }
        if (performance.now() > until) return setTimeout(slice);
      }
    };
    setTimeout(slice);
  };
  function* everything(mine) {
    const chosen = { algorithm: state.algorithm, theory: state.theory };
    for (const { name, theories } of ALGORITHMS) {
      for (const theory of theories) {
        const plan = planning.plan(request(name, theory));
        view.showPlan(plan);
        if (name === chosen.algorithm && theory === chosen.theory) chosen.plan = plan;
        yield;
      }
    }
    curves.plateau(request(chosen.algorithm, chosen.theory));
    yield* curves.against({ chosen, ask: request, number: COARSE, stale: () => false });
    if (mine !== version) return;
    const rows = halving.halved(chosen.plan);
    view.bars("halved", rows.map(([name, left]) => [SETTINGS.plain[name], left, view.percent(left)]));
    yield;
    yield* curves.against({ chosen, ask: request, number: FINE, stale: () => mine !== version });
  }

  for (const name of OPTIONAL) $(`field-${name}`).addEventListener("input", () => typed(name));
  for (const name of NAMES) {
    $(`field-${name}`).addEventListener("input", () => typed(name));
    $(`field-${name}`).addEventListener("change", () => typed(name));
    $(`slider-${name}`).addEventListener("input", () => dragged(name));
  }
  $("inputs").addEventListener("submit", event => event.preventDefault());
  $("plans").addEventListener("change", event => {
    [state.algorithm, state.theory] = event.target.value.split(" ");
    answer();
  });
  $("largest").addEventListener("click", () => {
    const { usual, inner } = FORMULAS[state.algorithm];
    state.alpha = (usual ?? inner.most / 2) / state.L;
    fill("alpha");
    answer();
  });
  $("reset").addEventListener("click", () => {
    state = { ...DEFAULTS, algorithm: state.algorithm, theory: state.theory };
    ALL.forEach(fill);
    answer();
  });
  for (const button of document.querySelectorAll("[data-copy]")) button.addEventListener("click", () => copy(button.dataset.copy));
  addEventListener("hashchange", () => {
    fromHash();
    ALL.forEach(fill);
    answer();
  });
  fromHash();
  ALL.forEach(fill);
  answer();
})();
