// Real-valued optima along epsilon, each started from the one before: for curves.
const relaxing = (() => {
  const { COARSE } = search;

  const relaxedAt = (request, rule, epsilon, before) => {
    const problem = posing.pose(request, rule, epsilon);
    let point = null;
    if (before) {
      point = {};
      for (const name of problem.free) point[name] = problem.clip(name, before.point[name] ?? 1);
      if (!(problem.price(point) < Infinity)) point = null;
    }
    if (point === null) {
      point = starting.firstFeasible(problem);
      if (point === null) return null;
    }
    point = search.descend(problem, point, { tolerance: COARSE });
    const plain = optimum(problem, point), deep = relaxedDeep(request, rule, epsilon, point, before);
    return { ...(deep && deep.samples < plain.samples ? deep : plain), point, deep: deep && deep.point };
  };

  const relaxedDeep = (request, rule, epsilon, plain, before) => {
    if (!posing.mayBeLayered(request, rule) || !(request.constants.sigma_tilde > 0)) return null;
    const problem = posing.pose(request, rule, epsilon, true), starts = [...candidates.layeredStarts(problem, plain)];
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

  return { at: relaxedAt };
})();
