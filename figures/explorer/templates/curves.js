// Curves against the target, real-valued and each point started from the one before; and where runs stop.
const curves = (() => {
  const WINDOW = 1.25;
  const { $, LABELS, titleOf, show } = view;

  // Asks stale() after each point and gives up when it says so. ask(name, theory) makes a request.
  function* against({ chosen, ask, number, stale }) {
    const { epsilon } = ask(chosen.algorithm, chosen.theory), centre = Math.log10(epsilon);
    const places = Array.from({ length: number }, (_, i) => centre + WINDOW * (1 - 2 * i / (number - 1)));
    const lines = [], xRange = [centre - WINDOW, centre + WINDOW];
    for (const { name, theories } of SETTINGS.algorithms) {
      if (!theories.includes(chosen.theory)) continue;
      const asked = ask(name, chosen.theory), points = [];
      const rules = posing.refusal(asked) ? [] : posing.rules(asked), before = {};
      const ways = posing.drawings(asked).flatMap((way, place) => rules.map(rule => [`${place} ${rule}`, way, rule]));
      for (const place of places) {
        const at = 10 ** place;
        let best = null;
        for (const [key, way, rule] of ways) {
          const found = before[key] === undefined || before[key] ? relaxing.at(way, rule, at, before[key]) : null;
          before[key] = found;
          if (found && (best === null || found.samples < best.samples)) best = found;
        }
        points.push([at, best]);
        if (stale()) return;
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
  const plateau = ({ constants, alpha: inner, epsilon }) => {
    const { L } = constants, low = -2.3, high = Math.log10(0.7), number = 60;
    const even = Array.from({ length: number }, (_, i) => 10 ** (low + (high - low) * i / (number - 1)));
    const reaches = [...even, 0.1].sort((one, other) => one - other);
    const line = (algorithm, name, key, label, more) => {
      const st = FORMULAS[algorithm].plateaus[name];
      return {
        key, label, points: reaches.map(reach => {
          const v = { L, rho: constants.rho, sigma: constants.sigma, alpha: reach / L, ...more(reach / L) };
          return [reach, st && planning.inside(st, v) ? st.value(v)[0] : NaN];
        }),
      };
    };
    const recorded = FORMULAS["hf-maml"]?.recorded.differenceFactor;
    const probe = alpha => ({ probe_length: recorded / (constants.rho * alpha) });
    const reach = inner * L;
    charts.draw($("chart-plateau"), {
      x: "inner step αL", y: "‖∇F‖ where it stops", xRange: [low, high], empty: "Nothing stops: the tasks are alike (σ = 0).",
      series: [
        line("fo-maml", "sharp.plateau.upper", "fo-maml", "FO-MAML: at most", () => ({})),
        line("fo-maml", "sharp.plateau.lower", "fo-low", "FO-MAML: at least, on one problem", () => ({})),
        ...(constants.rho > 0 ? [line("hf-maml", "sharp.plateau.hf-maml", "hf-maml", "HF-MAML, recorded probe: at most", probe)] : []),
      ],
      marks: { x: reach >= 10 ** low && reach <= 10 ** high ? reach : 0, y: constants.sigma > 0 ? epsilon : 0 },
      about: drawn => `where runs without sampling noise stop, against alpha L: ${drawn.map(one => one.label).join("; ")}`,
    });
  };

  return { against, plateau };
})();
