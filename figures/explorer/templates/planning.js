// From a request to a plan, as bounds.recommendation does it; guarantees are enclosed, so that none is too small.
const planning = (() => {
  const { Model, Problem, BATCHES, ROUNDING, STRICT } = search;
  const AMPLE = 30, MOST_STRETCH = 4, FARTHEST = 1e60;
  const CAUTIONS = [1, 1 - 1e-9, 1 - 1e-6];
  const MOST_ITERATIONS = 2 ** 200, RESOLUTION = 1 + 1e-6, LARGEST_FACTOR = 1e12, TOLERANCE = 0.06;
  const DEEPEST = 60, NEAR = 1.01, SMALL = 2, COARSE = 0.02;
  const FIRST = [[4, 16, 64, 1024, Infinity], [1, 4, 16], [0.1, 0.3, 1]];
  const CONSTANTS = ["L", "rho", "sigma", "sigma_tilde", "sigma_H", "Delta"];

  // Why a request is refused; empty when it is not. A request: {constants, epsilon, alpha, algorithm, theory}.
  const refusal = ({ constants, epsilon, alpha, algorithm, theory }) => {
    for (const [name, value] of Object.entries({ ...constants, epsilon, alpha })) {
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
    const far = [constants.L, epsilon, alpha].some(x => !(x >= 1 / FARTHEST && x <= FARTHEST));
    return far || ratios.some(x => !(x <= FARTHEST)) ? "these numbers are too far apart: measure in other units" : "";
  };

  // The constants in units where L = epsilon = 1.
  const scaled = (c, epsilon) => {
    const W = epsilon / c.L, F = epsilon * W, gradient = F / W, hessian = F / W / W;
    return {
      L: c.L / hessian, rho: c.rho / hessian * W, sigma: c.sigma / gradient,
      sigma_tilde: c.sigma_tilde / gradient, sigma_H: c.sigma_H / hessian, Delta: c.Delta / F,
    };
  };
  const scaledAlpha = (alpha, L, epsilon) => {
    const W = epsilon / L, F = epsilon * W;
    return alpha * (F / W / W);
  };

  const rules = request => (request.theory === "paper" ? ["paper-step"]
    : request.constants.rho === 0 ? ["sampled", "self-scaled", "constant"] : ["sampled", "self-scaled"]);

  // Whether a plan may have a multilevel inner batch.
  const mayBeLayered = ({ algorithm, theory }, rule) =>
    theory === "sharp" && FORMULAS[algorithm].layered && FORMULAS[algorithm].rules[rule].levels !== null;

  const pose = (request, rule, epsilon, levels = false) => {
    const constants = scaled(request.constants, epsilon);
    const alpha = scaledAlpha(request.alpha, request.constants.L, epsilon);
    const model = new Model(request.algorithm, rule, constants, alpha, 1, levels);
    let problem = new Problem(model);
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

  const plan = request => {
    const refused = refusal(request);
    if (refused) return { request, feasible: false, reason: refused, binding: refused, refused: true };
    for (const caution of CAUTIONS) {
      const found = best(request, caution * request.epsilon);
      if (found) return found;
    }
    return infeasible(request);
  };

  const best = (request, target) => {
    const posed = [];
    for (const rule of rules(request)) {
      const problem = pose(request, rule, target), point = search.relaxed(problem);
      if (point !== null) posed.push([problem.price(point), problem, point]);
    }
    const deep = posed.flatMap(([, problem, point]) => [...layered(request, problem, point, target)]);
    const found = [...posed, ...deep.map(([problem, point]) => [problem.price(point), problem, point])];
    found.sort((one, other) => one[0] - other[0]);
    let plan = null, lowest = Infinity;
    for (const [price, problem, point] of found) {
      const whole = price < lowest * NEAR ? search.rounded(problem, point) : null;
      const made = whole && certified(request, problem, whole, target);
      if (made && problem.wholePrice(whole) < lowest) [plan, lowest] = [made, problem.wholePrice(whole)];
    }
    return plan;
  };

  // Problems with a whole depth, each with its cheapest point; none where the plain batch is as cheap.
  function* layered(request, plain, point, target) {
    if (!mayBeLayered(request, plain.model.rule) || !(point.D_in >= SMALL)) return;
    const problem = pose(request, plain.model.rule, target, true);
    let start = null;
    for (const one of layeredStarts(problem, point)) {
      if (start === null || problem.price(one) < problem.price(start)) start = one;
    }
    const best = problem.price(start) < Infinity ? search.descend(problem, start, { tolerance: COARSE }) : start;
    if (!(problem.price(best) < plain.price(point))) return;
    const depths = new Set([Math.max(1, Math.floor(best.depth)), Math.min(DEEPEST, Math.ceil(best.depth))]);
    for (const depth of [...depths].sort((one, other) => one - other)) {
      const whole = problem.with({ fixed: { ...problem.fixed, depth } }), near = { ...best };
      delete near.depth;
      yield [whole, search.descend(whole, near, { first: COARSE })];
    }
  }

  function* layeredStarts(problem, plain) {
    for (const smaller of FIRST[0]) {
      for (const tasks of FIRST[1]) {
        for (const rate of FIRST[2]) {
          const inner = Math.max(1, plain.D_in / smaller), depth = Math.log2(Math.max(2, plain.D_in / inner));
          const point = { ...plain, D_in: inner, B: tasks * (plain.B ?? 1), rate, depth }, start = {};
          for (const name of problem.free) start[name] = problem.clip(name, point[name]);
          yield start;
        }
      }
    }
  }

  const inOriginalUnits = (request, problem, point, target) => {
    const values = { ...problem.values(point), ...request.constants, alpha: request.alpha, epsilon: request.epsilon };
    values.L *= point.inflation ?? 1;
    values.probe_length *= target / request.constants.L;
    for (const name of [...BATCHES, "depth"]) values[name] = Math.trunc(values[name]);
    return values;
  };

  const inside = (statement, v) => {
    const sides = statement.sides(v);
    return statement.strict.every((strict, i) => {
      const left = sides[2 * i], right = sides[2 * i + 1];
      return strict ? left < right : left <= right + ROUNDING * (Math.abs(left) + Math.abs(right));
    });
  };

  // The smallest number of iterations whose guarantee, rounded outwards, is at most epsilon.
  const certified = (request, problem, point, target) => {
    const values = inOriginalUnits(request, problem, point, target), formulas = problem.model.formulas;
    const guarantee = K => {
      values.K = K;
      if (!inside(formulas.guarantee, values)) return Infinity;
      const certain = formulas.guarantee.enclosed(values)[0][1];
      return Math.max(certain, formulas.guarantee.value(values)[0]);
    };
    const allowed = request.epsilon * (1 - ROUNDING);
    const guess = Math.ceil(problem.model.iterations(problem.values(point)));
    const K = smallestWhole(n => guarantee(n) <= allowed, guess);
    return K === null ? null : made(request, problem.model, { ...values, K }, guarantee(K));
  };

  const smallestWhole = (enough, guess) => {
    let low = Math.max(0, guess - 1), high = guess, step = 1;
    while (low > 0 && enough(low)) [low, high, step] = [Math.max(0, low - step), low, 2 * step];
    step = 1;
    while (!enough(high)) {
      [low, high, step] = [high, high + step, 2 * step];
      if (!(high <= MOST_ITERATIONS)) return null;
    }
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (!(low < middle && middle < high)) break;
      if (enough(middle)) high = middle;
      else low = middle;
    }
    return high;
  };

  const made = (request, model, values, guarantee) => {
    const sizes = {};
    for (const name of BATCHES) sizes[name] = model.batches.includes(name) ? values[name] : 0;
    const [smoothness, slope] = model.formulas.curve(values);
    const budget = shares(model, values);
    const [label, share] = budget.reduce((one, other) => (other[1] > one[1] ? other : one));
    const steps = FORMULAS[request.algorithm].innerSteps, [inner, outer] = COST.samples(values);
    const each = sizes.B * (steps * (inner + sizes.D_h) + outer) + sizes.B_prime * sizes.D_beta;
    return {
      request, feasible: true, rule: model.rule, kind: model.formulas.kind, statement: model.formulas.statement,
      ...sizes, c: values.c, theta: values.theta, L: values.L, smoothness, slope, K: values.K, guarantee, budget,
      depth: values.depth, rate: model.levels ? values.rate : null,
      probe_length: model.knobs.includes("probe_length") ? values.probe_length : null, reason: "",
      binding: `${label}: ${(100 * share).toFixed(0)}% of the budget`, samplesPerIteration: each, samples: each * values.K,
    };
  };

  // Where the budget A psi goes: to the start, and to what each source of noise adds alone.
  const shares = (model, values) => {
    const [A, psi, N, ell] = model.formulas.parts(values), budget = A * psi;
    const rows = [["optimisation error 2 Delta/(c K)", 2 * values.Delta / (values.c * values.K) / budget]];
    for (const [name, label] of model.formulas.sources) {
      rows.push([label, (N - model.formulas.parts({ ...values, [name]: 0 })[2]) / ell / budget]);
    }
    if (model.formulas.difference) {
      rows.push([model.formulas.difference, (N - model.formulas.still(values)[0]) / ell / budget]);
    }
    return rows;
  };

  const reaches = (request, epsilon) => rules(request).some(rule => search.reachable(pose(request, rule, epsilon)));

  const smallestEpsilon = request => {
    let high = request.epsilon;
    while (!reaches(request, high)) {
      high *= 10;
      if (!(high <= LARGEST_FACTOR * request.epsilon)) return null;
    }
    let low = Math.max(high / 10, request.epsilon);
    while (high / low > RESOLUTION) {
      const middle = Math.sqrt(low * high);
      if (reaches(request, middle)) high = middle;
      else low = middle;
    }
    return high * RESOLUTION;
  };

  const infeasible = request => {
    const smallest = smallestEpsilon(request);
    const { obstacles } = FORMULAS[request.algorithm], sigma = request.constants.sigma > 0 ? 1 : 0;
    const obstacle = obstacles[`${request.theory} ${smallest === null ? 0 : 1} ${sigma}`]
      || "no signal is left at this alpha";
    return { request, feasible: false, reason: obstacle, binding: obstacle, smallest };
  };

  // What is left of the price with each constant halved, batches taken as real numbers.
  const halved = found => {
    if (!found.feasible) return [];
    const { request } = found, problem = atDepth(found, pose(request, found.rule, request.epsilon, found.depth > 0));
    const point = cheapestNear(problem, pointOf(problem, known(found)));
    const values = problem.values(point), price = problem.price(point);
    const most = request.theory === "sharp" ? 1 : Infinity;
    return CONSTANTS.map(name => [name, Math.min(halfPrice(found, name, values) / price, most)]);
  };

  const atDepth = (found, problem) =>
    (found.depth > 0 ? problem.with({ fixed: { ...problem.fixed, depth: found.depth } }) : problem);

  const halfPrice = (found, name, values) => {
    const half = { ...found.request.constants, [name]: found.request.constants[name] / 2 };
    const request = { ...found.request, constants: half };
    if (refusal(request)) return Infinity;
    const problem = atDepth(found, pose(request, found.rule, request.epsilon, found.depth > 0));
    const length = values.probe_length * half.L / found.request.constants.L;
    const sizes = [...new Set([values.inflation, name === "L" ? 2 * values.inflation : values.inflation])];
    const starts = sizes.map(inflation => pointOf(problem, { ...values, inflation, probe_length: length }));
    starts.sort((one, other) => problem.price(one) - problem.price(other));
    return problem.price(cheapestNear(problem, starts[0]));
  };

  const cheapestNear = (problem, start) => {
    if (!(problem.price(start) < Infinity)) start = search.firstFeasible(problem) ?? start;
    return search.descend(problem, start, { tolerance: TOLERANCE, first: 0.4 });
  };

  const known = found => {
    const { L } = found.request.constants, sizes = {};
    for (const name of BATCHES) sizes[name] = found[name];
    return {
      ...sizes, c: found.c || 1, theta: found.theta || 1, rate: found.rate || 1, inflation: (found.L || L) / L,
      probe_length: (found.probe_length || 1) * L / found.request.epsilon,
    };
  };

  const pointOf = (problem, wanted) => {
    const values = { ...problem.given, c: 1 };
    for (const name of ["theta", "probe_length", "inflation", "rate", ...BATCHES]) values[name] = wanted[name];
    values.L = problem.given.L * wanted.inflation;
    const fraction = wanted.c / problem.model.largestStepFactor(values), point = {};
    for (const name of problem.free) point[name] = problem.clip(name, name === "fraction" ? fraction : wanted[name]);
    return point;
  };

  // Real-valued optima along epsilon, each started from the one before: for curves.
  const relaxedAt = (request, rule, epsilon, before) => {
    const problem = pose(request, rule, epsilon);
    let point = null;
    if (before) {
      point = {};
      for (const name of problem.free) point[name] = problem.clip(name, before.point[name] ?? 1);
      if (!(problem.price(point) < Infinity)) point = null;
    }
    if (point === null) {
      point = search.firstFeasible(problem);
      if (point === null) return null;
    }
    point = search.descend(problem, point, { tolerance: COARSE });
    const plain = optimum(problem, point), deep = relaxedDeep(request, rule, epsilon, point, before);
    return { ...(deep && deep.samples < plain.samples ? deep : plain), point, deep: deep && deep.point };
  };

  const relaxedDeep = (request, rule, epsilon, plain, before) => {
    if (!mayBeLayered(request, rule) || !(plain.D_in >= SMALL)) return null;
    const problem = pose(request, rule, epsilon, true), starts = [...layeredStarts(problem, plain)];
    if (before && before.deep) {
      starts.unshift(Object.fromEntries(problem.free.map(name => [name, problem.clip(name, before.deep[name])])));
    }
    const start = starts.reduce((one, other) => (problem.price(other) < problem.price(one) ? other : one));
    return problem.price(start) < Infinity ? optimum(problem, search.descend(problem, start, { tolerance: COARSE })) : null;
  };

  const optimum = (problem, point) => {
    const values = problem.values(point), K = problem.model.iterations(values);
    return { point, K, values, samples: K * problem.perIteration(values) };
  };

  return { plan, halved, refusal, rules, relaxedAt, smallestEpsilon, inside, CONSTANTS, shares };
})();
