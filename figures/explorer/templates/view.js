// What the page says of a plan: rows, sentences, bars, and the texts to take along.
const view = (() => {
  const SIZES = ["B", "D_in", "D_o", "D_h", "B_prime", "D_beta"];
  const LABELS = { B: "B", D_in: "D_in", D_o: "D_o", D_h: "D_h", B_prime: "B′", D_beta: "D_β" };
  const $ = id => document.getElementById(id);
  const titleOf = algorithm => FORMULAS[algorithm].title || algorithm;
  const given = ({ request }) => ({
    ...request.constants, alpha: request.alpha, epsilon: request.epsilon, ...(request.n_tasks == null ? {} : { n_tasks: request.n_tasks }),
  });
  const show = (value, digits = 4) => {
    if (!Number.isFinite(value)) return "–";
    if (Number.isInteger(value) && value < 1e9) return value.toLocaleString("en-US");
    const text = Math.abs(value) < 1e9 ? String(Number(value.toPrecision(digits))) : value.toExponential(2);
    return text.replace("e+", "e").replaceAll("-", "−");
  };

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
  // The first cell stays where it is: it may have the focus.
  const refill = (row, ...cells) => {
    while (row.cells.length > 1) row.deleteCell(-1);
    row.append(...cells);
  };
  const showPlan = plan => {
    const { algorithm, theory } = plan.request;
    const row = document.querySelector(`#plans tr[data-algorithm="${algorithm}"][data-theory="${theory}"]`);
    row.dataset.feasible = plan.feasible;
    for (const name of ["K", ...SIZES]) plan.feasible ? row.setAttribute(`data-${name}`, plan[name]) : row.removeAttribute(`data-${name}`);
    if (!plan.feasible) {
      const why = cell(pretty(reasonOf(plan)), "", "why");
      why.colSpan = 9;
      refill(row, why);
      return;
    }
    const size = name => (plan[name] ? show(plan[name]) + (name === "D_in" && plan.depth ? `, ${plan.depth} levels` : "") : "–");
    const sizes = SIZES.map(name => cell(size(name), LABELS[name], plan[name] ? "number" : "number none"));
    refill(row, cell(show(plan.K), "K"), cell(show(plan.samples), "samples"), ...sizes, cell(stepText(plan), "step β_k", "step"));
  };
  const sentenceOf = plan => {
    const who = `${titleOf(plan.request.algorithm)} (${plan.request.theory} theory)`;
    if (!plan.feasible) return `${who}: ${pretty(reasonOf(plan))}.`;
    const levels = plan.depth ? `, drawing ${plan.depth} levels of inner batches at the rate ${show(plan.rate)}` : "";
    const tasks = plan.tasks === null ? "" : `, drawing ${show(plan.B)} different tasks of ${show(plan.tasks)} in each`;
    const probe = plan.probe_length === null ? "" : `, with probes of length ${show(plan.probe_length)}`;
    return `${who} reaches E‖∇F(w)‖ ≤ ${show(plan.guarantee, 6)} in ${show(plan.K)} iterations with ${show(plan.samples)} samples${tasks}${levels}${probe}.`;
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
    $(`guarantee-${plan.request.algorithm}-${rule}${plan.depth ? "-levels" : ""}${plan.tasks == null ? "" : "-finite"}`).hidden = false;
    for (const row of $("plans").tBodies[0].rows) {
      const here = row.dataset.algorithm === plan.request.algorithm && row.dataset.theory === plan.request.theory;
      row.classList.toggle("chosen", here);
      row.querySelector("input").checked = here;
    }
    for (const key of ["command", "python", "latex"]) $(`text-${key}`).textContent = texts[key](plan);
  };

  // What is taken along.
  const texts = {
    command: plan => ["fosp recommend", ...Object.entries(given(plan)).map(([name, value]) =>
      `--${name.replaceAll("_", "-")} ${value}`), `--algorithm ${plan.request.algorithm} --theory ${plan.request.theory}`].join(" "),
    python: plan => `from fosp import Constants, recommend\n\nconstants = Constants(${Object.entries(plan.request.constants).map(([name, value]) =>
      `${name}=${value}`).join(", ")})\nplan = recommend(\n    constants, epsilon=${plan.request.epsilon}, algorithm="${plan.request.algorithm}", `
      + `theory="${plan.request.theory}", alpha=${plan.request.alpha}`
      + `${plan.request.n_tasks == null ? "" : `, n_tasks=${plan.request.n_tasks}`}\n)\nprint(plan.iterations, plan.guarantee, plan.reason)`,
    latex: plan => {
      const number = value => (Number.isInteger(value) && Math.abs(value) < 1e9 ? String(value)
        : String(Number(value.toPrecision(6))).replace(/e([+-]?)(\d+)/, (_, sign, power) => ` \\cdot 10^{${sign === "-" ? "-" : ""}${power}}`));
      const written = Object.entries(given(plan)).map(([name, value]) => `${SETTINGS.latex[name]} = ${number(value)}`);
      const head = `% fosp ${SETTINGS.version}: ${plan.request.algorithm}, ${plan.request.theory} theory\n% ${written.join(", ")}\n`;
      if (!plan.feasible) return `${head}No plan reaches $\\varepsilon = ${number(plan.request.epsilon)}$.`;
      const rows = ["K", ...SIZES.filter(name => plan[name])].map(name => [SETTINGS.latex[name], plan[name]]);
      if (plan.depth) rows.push([SETTINGS.latex.depth, plan.depth], [SETTINGS.latex.rate, plan.rate]);
      rows.push(["c", plan.c], ...(plan.probe_length === null ? [] : [["l", plan.probe_length]]));
      const up = Math.ceil(plan.guarantee * 1e6 * (1 - 1e-12)) / 1e6;
      rows.push(["E\\|\\nabla F(w_R)\\| \\le", plan.guarantee > 1e-3 ? up : plan.guarantee]);
      return `${head}\\begin{tabular}{lr}\n${rows.map(([name, value]) => `  $${name}$ & $${number(value)}$ \\\\`).join("\n")}\n\\end{tabular}`;
    },
  };

  return { $, LABELS, titleOf, show, percent, bars, showPlan, showChosen };
})();
