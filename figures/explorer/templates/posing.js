// From a request to the search: in units where L = epsilon = 1, with the paper's own conditions if asked.
const posing = (() => {
  const { Model, Problem, ROUNDING, STRICT } = search;
  const AMPLE = 30, MOST_STRETCH = 4, FARTHEST = 1e60, NEAREST = 1e-60;

  // Why a request is refused; empty when it is not.
  const refusal = ({ constants, epsilon, alpha, algorithm, theory, n_tasks }) => {
    if (n_tasks != null && !(Number.isInteger(n_tasks) && n_tasks >= 1)) return "n_tasks must be a whole number >= 1";
    for (const [name, value] of Object.entries({ ...constants, epsilon, alpha })) {
      if (name === "M" && value == null) continue;
      const positive = name === "L" || name === "epsilon" || name === "alpha";
      if (!(Number.isFinite(value) && value >= 0 && (value > 0 || !positive))) {
        return `${name} must be a finite number ${positive ? "> 0" : ">= 0"}`;
      }
    }
    const inner = theory === "paper" ? FORMULAS[algorithm].recorded.inner : FORMULAS[algorithm].inner;
    const reach = alpha * constants.L;
    const holds = inner.strict ? reach < inner.most : reach <= inner.most + ROUNDING * (reach + inner.most);
    if (!holds) return `the ${theory} theory of ${algorithm} needs alpha L ${inner.strict ? "<" : "<="} ${inner.text}`;
    const ratios = Object.values(scaled(constants, epsilon));
    const far = [constants.L, epsilon, alpha].some(x => !(x >= NEAREST && x <= FARTHEST));
    if (far) return "L, epsilon or alpha is too large or too small: measure in other units";
    return ratios.some(x => !(x <= FARTHEST)) ? "these numbers are too far apart: take another epsilon" : "";
  };

  // The constants in units where L = epsilon = 1.
  const scaled = (c, epsilon) => {
    const W = epsilon / c.L, F = epsilon * W, gradient = F / W, hessian = F / W / W;
    return {
      L: c.L / hessian, rho: c.rho / hessian * W, sigma: c.sigma / gradient,
      sigma_tilde: c.sigma_tilde / gradient, sigma_H: c.sigma_H / hessian, Delta: c.Delta / F,
      ...(c.M == null ? {} : { M: c.M / gradient }),
    };
  };
  const scaledAlpha = (alpha, L, epsilon) => {
    const W = epsilon / L, F = epsilon * W;
    return alpha * (F / W / W);
  };

  // The kinds of step that may be taken; each has its rules, the one that is mostly cheaper first.
  const steps = ({ theory, constants }) => (theory === "paper" ? ["sampled"]
    : constants.rho === 0 || constants.M != null ? ["sampled", "self-scaled", "constant"] : ["sampled", "self-scaled"]);
  const rulesOf = ({ theory }, kind) => (theory === "paper" ? ["paper-step"] : SEARCHED.rulesOf[kind]);
  const rules = request => steps(request).flatMap(kind => rulesOf(request, kind));

  // Whether a plan may have a multilevel inner batch.
  const mayBeLayered = ({ algorithm, theory }, rule) =>
    theory === "sharp" && FORMULAS[algorithm].layered && FORMULAS[algorithm].rules[rule].levels !== null;

  // The request for each way of drawing tasks that may be cheapest: different ones, and with replacement.
  const drawings = request =>
    (request.n_tasks != null && request.theory === "sharp" ? [request, { ...request, n_tasks: null }] : [request]);
  const tasksOf = ({ n_tasks, theory }) => (n_tasks != null && theory === "sharp" ? n_tasks : null);

  const pose = (request, rule, epsilon, levels = false) => {
    const constants = scaled(request.constants, epsilon);
    const alpha = scaledAlpha(request.alpha, request.constants.L, epsilon);
    const tasks = tasksOf(request), model = new Model(request.algorithm, rule, constants, alpha, 1, levels, tasks);
    let problem = new Problem(model, { most: tasks === null ? {} : { B: tasks } });
    if (model.knobs.includes("probe_length")) problem = probed(problem);
    return request.theory === "paper" ? asRecorded(problem, request) : problem;
  };

  const probed = problem => {
    const longest = longestProbe(problem.model.base);
    if (problem.model.base.rho === 0) return problem.with({ fixed: { ...problem.fixed, probe_length: longest } });
    return problem.with({ most: { ...problem.most, probe_length: longest } });
  };

  const longestProbe = base => {
    const longest = AMPLE * Math.max(1, base.alpha * base.sigma_tilde);
    const stretch = base.rho * base.alpha;
    return stretch * longest > MOST_STRETCH ? Math.min(longest, MOST_STRETCH / stretch) : longest;
  };

  const asRecorded = (problem, request) => {
    const recorded = FORMULAS[request.algorithm].recorded, base = problem.model.base;
    const strain = v => {
      const epsilon = v.epsilon;
      v.epsilon = 0;
      const reached = recorded.accuracy(v)[0];
      v.epsilon = epsilon;
      return reached / epsilon * (1 + STRICT);
    };
    const fixed = { c: recorded.stepFactor, inflation: 1, ...problem.fixed };
    if (recorded.differenceFactor !== null) {
      const stretch = base.rho * base.alpha, factor = recorded.differenceFactor;
      fixed.probe_length = factor > FARTHEST * stretch ? longestProbe(base) : factor / stretch;
    }
    const needs = recorded.least(base), least = {};
    recorded.leastOf.forEach((name, place) => {
      least[name] = Math.max(1, Math.ceil(needs[place] * (1 - ROUNDING)));
    });
    return problem.with({ fixed, least, strain });
  };

  return { refusal, steps, rulesOf, rules, mayBeLayered, drawings, tasksOf, pose };
})();
