// From a request to a plan, as bounds.recommendation does it; guarantees are enclosed, so that none is too small.
// A request: {constants, epsilon, alpha, algorithm, theory}.
const planning = (() => {
  const { BATCHES, ROUNDING } = search, { CLOSE, NEAR, LIKELY } = SEARCHED;
  const CAUTIONS = [1, 1 - 1e-9, 1 - 1e-6];
  const MOST_ITERATIONS = 2 ** 200, RESOLUTION = 1 + 1e-6, LARGEST_FACTOR = 1e12;

  const plan = request => {
    const refused = posing.refusal(request);
    if (refused) return { request, feasible: false, reason: refused, binding: refused, refused: true };
    for (const caution of CAUTIONS) {
      const found = best(request, caution * request.epsilon);
      if (found) return found;
    }
    return infeasible(request);
  };

  // Certifies the ways in the order of their price, as long as one could still be cheaper.
  const best = (request, target) => {
    const found = candidates.find(request, target);
    let plan = null, lowest = Infinity;
    for (const { price, problem, point } of found) {
      const simpler = plan !== null && plan.depth > 0 && !problem.model.levels;
      if (!(price < lowest * (simpler ? LIKELY : NEAR))) continue;
      const whole = search.rounded(problem, price > CLOSE * found[0].price ? search.refined(problem, point) : point);
      const drawn = whole && withoutRepeats(request, problem, whole, target);
      const made = whole && certified(request, drawn, whole, target);
      if (made && drawn.wholePrice(whole) < lowest) [plan, lowest] = [made, drawn.wholePrice(whole)];
    }
    return plan;
  };

  // Different tasks wherever there are enough of them: the same batch sizes then promise more.
  const withoutRepeats = (request, problem, point, target) => {
    const tasks = posing.tasksOf(request);
    if (tasks === null || !((point.B ?? problem.fixed.B ?? 1) <= tasks)) return problem;
    const posed = posing.pose(request, problem.model.rule, target, problem.model.levels);
    return problem.model.levels ? posed.with({ fixed: { ...posed.fixed, depth: problem.fixed.depth } }) : posed;
  };

  const inOriginalUnits = (request, problem, point, target) => {
    const given = Object.fromEntries(Object.entries(request.constants).filter(([, value]) => value != null));
    const values = { ...problem.values(point), ...given, alpha: request.alpha, epsilon: request.epsilon };
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
      ...sizes, c: values.c, theta: values.theta, damping: values.damping, L: values.L, smoothness, slope, K: values.K, guarantee, budget,
      tasks: model.tasks, depth: values.depth, rate: model.levels ? values.rate : null,
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

  const reaches = (request, epsilon) =>
    posing.drawings(request).some(way =>
      posing.rules(request).some(rule => starting.reachable(posing.pose(way, rule, epsilon))));

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

  return { plan, inside };
})();
