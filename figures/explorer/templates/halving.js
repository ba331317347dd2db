// What each constant is worth, as bounds.recommendation.halving finds it.
const halving = (() => {
  const { BATCHES } = search, TOLERANCE = 0.06;
  const CONSTANTS = ["L", "rho", "sigma", "sigma_tilde", "sigma_H", "Delta"];

  // What is left of the price with each constant halved, batches taken as real numbers.
  const halved = found => {
    if (!found.feasible) return [];
    const request = { ...found.request, n_tasks: found.tasks }, problem = atDepth(found, posing.pose(request, found.rule, request.epsilon, found.depth > 0));
    const point = cheapestNear(problem, pointOf(problem, known(found)));
    const values = problem.values(point), price = problem.price(point);
    const most = request.theory === "sharp" ? 1 : Infinity;
    return CONSTANTS.map(name => [name, Math.min(halfPrice(found, name, values) / price, most)]);
  };

  const atDepth = (found, problem) =>
    (found.depth > 0 ? problem.with({ fixed: { ...problem.fixed, depth: found.depth } }) : problem);

  const halfPrice = (found, name, values) => {
    const half = { ...found.request.constants, [name]: found.request.constants[name] / 2 };
    const request = { ...found.request, constants: half, n_tasks: found.tasks };
    if (posing.refusal(request)) return Infinity;
    const problem = atDepth(found, posing.pose(request, found.rule, request.epsilon, found.depth > 0));
    const length = values.probe_length * half.L / found.request.constants.L;
    const sizes = [...new Set([values.inflation, name === "L" ? 2 * values.inflation : values.inflation])];
    const starts = sizes.map(inflation => pointOf(problem, { ...values, inflation, probe_length: length }));
    starts.sort((one, other) => problem.price(one) - problem.price(other));
    return problem.price(cheapestNear(problem, starts[0]));
  };

  const cheapestNear = (problem, start) => {
    if (!(problem.price(start) < Infinity)) start = starting.firstFeasible(problem) ?? start;
    return search.descend(problem, start, { tolerance: TOLERANCE, first: 0.4 });
  };

  const known = found => {
    const { L } = found.request.constants, sizes = {};
    for (const name of BATCHES) sizes[name] = found[name];
    return {
      ...sizes, c: found.c || 1, theta: found.theta || 1, damping: found.damping || 1, rate: found.rate || 1, inflation: (found.L || L) / L,
      probe_length: (found.probe_length || 1) * L / found.request.epsilon,
    };
  };

  const pointOf = (problem, wanted) => {
    const values = { ...problem.given, c: 1 };
    for (const name of ["theta", "damping", "probe_length", "inflation", "rate", ...BATCHES]) values[name] = wanted[name];
    values.L = problem.given.L * wanted.inflation;
    const fraction = wanted.c / problem.model.largestStepFactor(values), point = {};
    for (const name of problem.free) point[name] = problem.clip(name, name === "fraction" ? fraction : wanted[name]);
    return point;
  };

  return { halved, CONSTANTS };
})();
