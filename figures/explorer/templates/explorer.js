// The page: state in, plans and curves out. What is asked for is answered at once, the rest in slices.
(() => {
  const NAMES = SETTINGS.quantities.map(q => q.name);
  const DEFAULTS = Object.fromEntries(SETTINGS.quantities.map(q => [q.name, q.value]));
  const ALGORITHMS = SETTINGS.algorithms;
  const SIZES = ["B", "D_in", "D_o", "D_h", "B_prime", "D_beta"];
  const WINDOW = 1.25, COARSE = 7, FINE = 25, SLICE = 10;
  const $ = id => document.getElementById(id);
  let state = { ...DEFAULTS, algorithm: ALGORITHMS[0].name, theory: "sharp" };
  let version = 0, working = false, saved = null;

  const read = text => {
    const parts = text.trim().replace("−", "-").split("/");
    if (parts.length > 2 || parts.some(part => !/^[+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(part.trim()))) return NaN;
    return parts.map(Number).reduce((one, other) => one / other);
  };
  const allowed = (name, value) => Number.isFinite(value) && (value > 0 || (value === 0 && SETTINGS.zero.includes(name)));
  const tidy = value => String(Number(value.toPrecision(4)));
  const show = (value, digits = 4) => {
    if (!Number.isFinite(value)) return "–";
    if (Number.isInteger(value) && value < 1e9) return value.toLocaleString("en-US");
    const text = Math.abs(value) < 1e9 ? String(Number(value.toPrecision(digits))) : value.toExponential(2);
    return text.replace("e+", "e").replaceAll("-", "−");
  };
  const request = (algorithm, theory) => {
    const constants = Object.fromEntries(planning.CONSTANTS.map(name => [name, state[name]]));
    return { constants, epsilon: state.epsilon, alpha: state.alpha, algorithm, theory };
  };
  const titleOf = algorithm => FORMULAS[algorithm].title || algorithm;

  // The state in the address, and back.
  const toHash = () => "#" + [...NAMES, "algorithm", "theory"].map(key => `${key}=${state[key]}`).join("&");
  const fromHash = () => {
    for (const [key, text] of new URLSearchParams(location.hash.slice(1))) {
      const value = Number(text);
      if (NAMES.includes(key) && allowed(key, value)) state[key] = value;
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
    slider.value = value > 0 ? Math.log10(value) : slider.min;
    slider.setAttribute("aria-valuetext", String(value));
  };
  const complain = (name, sentence) => {
    $(`wrong-${name}`).textContent = sentence;
    $(`field-${name}`).setAttribute("aria-invalid", String(Boolean(sentence)));
  };
  const fill = name => {
    $(`field-${name}`).value = String(state[name]);
    complain(name, "");
    slide(name);
  };
  const typed = name => {
    const value = read($(`field-${name}`).value);
    if (!allowed(name, value)) {
      complain(name, `must be a number ${SETTINGS.zero.includes(name) ? "≥ 0" : "> 0"}, such as 0.1, 1e-3 or 1/6`);
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

  // Plans.
  const cell = (text, label, kind = "number") => {
    const td = document.createElement("td");
    td.textContent = text;
    td.dataset.label = label;
    td.className = kind;
    return td;
  };
  const stepText = plan => {
    const c = show(plan.c), ell = show(plan.smoothness);
    if (plan.kind === "constant" || !plan.slope) return `${c} / ${ell}`;
    return `${c} / (${ell} + ${show(plan.slope)} ${plan.kind === "sampled" ? "mean‖g̃‖" : "‖G‖"})`;
  };
  const reasonOf = plan => {
    if (plan.refused) return plan.reason;
    const reachable = plan.smallest === null ? "none is reachable: take a smaller α"
      : `the smallest reachable ε is ${show(plan.smallest, 6)}`;
    return `no plan: ${plan.reason}; ${reachable}`;
  };
  const LABELS = { B: "B", D_in: "D_in", D_o: "D_o", D_h: "D_h", B_prime: "B′", D_beta: "D_β" };
  const showPlan = plan => {
    const { algorithm, theory } = plan.request;
    const row = document.querySelector(`#plans tr[data-algorithm="${algorithm}"][data-theory="${theory}"]`);
    const head = row.cells[0];
    row.dataset.feasible = plan.feasible;
    for (const name of ["K", ...SIZES]) plan.feasible ? row.setAttribute(`data-${name}`, plan[name]) : row.removeAttribute(`data-${name}`);
    if (!plan.feasible) {
      const why = cell(pretty(reasonOf(plan)), "", "why");
      why.colSpan = 9;
      row.replaceChildren(head, why);
      return;
    }
    const sizes = SIZES.map(name => cell(plan[name] ? show(plan[name]) : "–", LABELS[name], plan[name] ? "number" : "number none"));
    row.replaceChildren(head, cell(show(plan.K), "K"), cell(show(plan.samples), "samples"), ...sizes, cell(stepText(plan), "step β_k"));
  };
  const sentenceOf = plan => {
    const who = `${titleOf(plan.request.algorithm)} (${plan.request.theory} theory)`;
    if (!plan.feasible) return `${who}: ${pretty(reasonOf(plan))}.`;
    const probe = plan.probe_length === null ? "" : `, with probes of length ${show(plan.probe_length)}`;
    return `${who} reaches E‖∇F(w)‖ ≤ ${show(plan.guarantee, 6)} in ${show(plan.K)} iterations with ${show(plan.samples)} samples${probe}.`;
  };

  // Bars: rows of [label, share, text].
  const bars = (id, rows) => $(id).replaceChildren(...rows.flatMap(([label, share, text]) => {
    const dt = document.createElement("dt"), bar = document.createElement("dd"), number = document.createElement("dd");
    const track = document.createElement("div"), filled = document.createElement("span");
    dt.textContent = label;
    track.className = "bar";
    filled.style.width = `${100 * Math.min(Math.max(share, 0), 1)}%`;
    track.append(filled);
    bar.append(track);
    number.className = "number";
    number.textContent = text;
    return [dt, bar, number];
  }));
  const pretty = text => Object.entries(SETTINGS.written).reduce((all, [name, sign]) =>
    all.replace(new RegExp(`\\b${name}\\b`, "g"), sign), text);
  const percent = share => (Number.isFinite(share) ? `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)}%` : "none");

  const showChosen = plan => {
    $("sentence").textContent = sentenceOf(plan);
    $("binding").textContent = plan.feasible ? `Where the error ε is spent; most of it: ${pretty(plan.binding)}.` : pretty(reasonOf(plan));
    bars("budget", (plan.budget ?? []).map(([label, share]) => [pretty(label), share, percent(share)]));
    for (const one of document.querySelectorAll("article[id^=guarantee-]")) one.hidden = true;
    const rule = plan.feasible ? plan.rule : plan.request.theory === "paper" ? "paper-step" : "sampled";
    $(`guarantee-${plan.request.algorithm}-${rule}`).hidden = false;
    for (const row of $("plans").tBodies[0].rows) {
      const here = row.dataset.algorithm === state.algorithm && row.dataset.theory === state.theory;
      row.classList.toggle("chosen", here);
      row.querySelector("input").checked = here;
    }
    for (const key of ["command", "python", "latex"]) $(`text-${key}`).textContent = texts[key](plan);
  };

  // What is taken along.
  const texts = {
    command: plan => ["fosp recommend", ...[...planning.CONSTANTS, "alpha", "epsilon"].map(name =>
      `--${name.replace("_", "-")} ${state[name]}`), `--algorithm ${plan.request.algorithm} --theory ${plan.request.theory}`].join(" "),
    python: plan => `from fosp import Constants, recommend\n\nconstants = Constants(${planning.CONSTANTS.map(name =>
      `${name}=${state[name]}`).join(", ")})\nplan = recommend(\n    constants, epsilon=${state.epsilon}, algorithm="${plan.request.algorithm}", `
      + `theory="${plan.request.theory}", alpha=${state.alpha}\n)\nprint(plan.iterations, plan.guarantee, plan.reason)`,
    latex: plan => {
      const number = value => (Number.isInteger(value) && Math.abs(value) < 1e9 ? String(value)
        : String(Number(value.toPrecision(6))).replace(/e([+-]?)(\d+)/, (_, sign, power) => ` \\cdot 10^{${sign === "-" ? "-" : ""}${power}}`));
      const given = NAMES.map(name => `$${SETTINGS.latex[name]} = ${number(state[name])}$`).join(", ");
      const head = `% fosp ${SETTINGS.version}: ${plan.request.algorithm}, ${plan.request.theory} theory\n% ${given.replaceAll("$", "")}\n`;
      if (!plan.feasible) return `${head}No plan reaches $\\varepsilon = ${number(state.epsilon)}$.`;
      const rows = ["K", ...SIZES.filter(name => plan[name])].map(name => [SETTINGS.latex[name], plan[name]]);
      rows.push(["c", plan.c], ...(plan.probe_length === null ? [] : [["l", plan.probe_length]]));
      const up = Math.ceil(plan.guarantee * 1e6 * (1 - 1e-12)) / 1e6;
      rows.push(["E\\|\\nabla F(w_R)\\| \\le", plan.guarantee > 1e-3 ? up : plan.guarantee]);
      return `${head}\\begin{tabular}{lr}\n${rows.map(([name, value]) => `  $${name}$ & $${number(value)}$ \\\\`).join("\n")}\n\\end{tabular}`;
    },
    link: () => location.href.split("#")[0] + toHash(),
  };
  const copy = async key => {
    const text = key === "link" ? texts.link() : $(`text-${key}`).textContent;
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
    showPlan(plan);
    showChosen(plan);
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
        showPlan(plan);
        if (name === chosen.algorithm && theory === chosen.theory) chosen.plan = plan;
        yield;
      }
    }
    showPlateau();
    yield* curves(chosen, COARSE);
    if (mine !== version) return;
    const rows = planning.halved(chosen.plan);
    bars("halved", rows.map(([name, left]) => [SETTINGS.plain[name], left, percent(left)]));
    yield;
    if (mine === version) yield* curves(chosen, FINE, mine);
  }

  function* curves(chosen, number, mine = null) {
    const centre = Math.log10(state.epsilon), places = Array.from({ length: number }, (_, i) => centre + WINDOW * (1 - 2 * i / (number - 1)));
    const lines = [], xRange = [centre - WINDOW, centre + WINDOW], epsilon = state.epsilon;
    for (const { name, theories } of ALGORITHMS) {
      if (!theories.includes(chosen.theory)) continue;
      const asked = request(name, chosen.theory), points = [];
      const rules = planning.refusal(asked) ? [] : planning.rules(asked), before = {};
      for (const place of places) {
        const at = 10 ** place;
        let best = null;
        for (const rule of rules) {
          const found = before[rule] === undefined || before[rule] ? planning.relaxedAt(asked, rule, at, before[rule]?.point) : null;
          before[rule] = found;
          if (found && (best === null || found.samples < best.samples)) best = found;
        }
        points.push([at, best]);
        if (mine !== null && mine !== version) return;
        yield;
      }
      lines.push({ name, points });
    }
    const series = value => lines.map(({ name, points }) => ({
      key: name, label: titleOf(name), points: points.map(([at, found]) => [at, found ? value(found) : NaN]),
    }));
    const common = { x: "target ε", xRange, marks: { x: epsilon }, empty: "No batch sizes reach any ε near this one." };
    const about = what => drawn => `${what} against the target, logarithmic: ${drawn.map(one => {
      const last = one.points.filter(p => p[1] > 0).at(-1);
      return `${one.label} ${show(last[1], 3)} at ε = ${show(last[0], 3)}`;
    }).join("; ")}`;
    charts.draw($("chart-iterations"), { ...common, y: "iterations K", series: series(one => one.K), about: about("iterations") });
    charts.draw($("chart-samples"), { ...common, y: "samples in all", series: series(one => one.samples), about: about("samples") });
    const own = lines.find(one => one.name === chosen.algorithm);
    const sizes = ["B", "D_in", "D_o", "D_h"].filter(name => own && own.points.some(([, found]) => found && found.values[name] > 0));
    charts.draw($("chart-batches"), {
      ...common, y: `batch sizes of ${titleOf(chosen.algorithm)}`, about: about("batch sizes"),
      series: sizes.map(name => ({ key: name, label: LABELS[name], points: own.points.map(([at, found]) => [at, found ? found.values[name] : NaN]) })),
    });
  }

  // Where the algorithms stop, against alpha: statements about problems, not about plans.
  const showPlateau = () => {
    const L = state.L, low = -2.3, high = Math.log10(0.7), number = 60;
    const even = Array.from({ length: number }, (_, i) => 10 ** (low + (high - low) * i / (number - 1)));
    const reaches = [...even, 0.1].sort((one, other) => one - other);
    const line = (algorithm, name, key, label, more) => {
      const st = FORMULAS[algorithm].plateaus[name];
      return {
        key, label, points: reaches.map(reach => {
          const v = { L, rho: state.rho, sigma: state.sigma, alpha: reach / L, ...more(reach / L) };
          return [reach, st && planning.inside(st, v) ? st.value(v)[0] : NaN];
        }),
      };
    };
    const recorded = FORMULAS["hf-maml"]?.recorded.differenceFactor;
    const probe = alpha => ({ probe_length: recorded / (state.rho * alpha) });
    const reach = state.alpha * L;
    charts.draw($("chart-plateau"), {
      x: "inner step αL", y: "‖∇F‖ where it stops", xRange: [low, high], empty: "Nothing stops: the tasks are alike (σ = 0).",
      series: [
        line("fo-maml", "sharp.plateau.upper", "fo-maml", "FO-MAML: at most", () => ({})),
        line("fo-maml", "sharp.plateau.lower", "fo-low", "FO-MAML: at least, on one problem", () => ({})),
        ...(state.rho > 0 ? [line("hf-maml", "sharp.plateau.hf-maml", "hf-maml", "HF-MAML, recorded probe: at most", probe)] : []),
      ],
      marks: { x: reach >= 10 ** low && reach <= 10 ** high ? reach : 0, y: state.sigma > 0 ? state.epsilon : 0 },
      about: drawn => `where runs without sampling noise stop, against alpha L: ${drawn.map(one => one.label).join("; ")}`,
    });
  };

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
    NAMES.forEach(fill);
    answer();
  });
  for (const button of document.querySelectorAll("[data-copy]")) button.addEventListener("click", () => copy(button.dataset.copy));
  addEventListener("hashchange", () => {
    fromHash();
    NAMES.forEach(fill);
    answer();
  });
  fromHash();
  NAMES.forEach(fill);
  answer();
})();
