// Where the search begins, as bounds.recommendation.starting has it.
const starting = (() => {
  const { COARSE, LARGEST_BATCH, cheapest, descend } = search;
  const TAMER = { fraction: 0.5, theta: 0.3, B: 4 };
  const SHRINKS = [0, 0.5, 1], DAMPINGS = [1, 10, 1e3, 1e6], STIFF = 3, STEEP = 0.5, THETAS = [0, 0.003, 0.03, 0.3];
  const PROBES = Array.from({ length: 13 }, (_, k) => 10 ** (-k / 2));
  const SIZES = [...Array.from({ length: 67 }, (_, power) => 8 ** power), LARGEST_BATCH];

  // Cheap parameters with real-valued batch sizes; null when epsilon is out of reach.
  const coarse = problem => {
    const start = firstFeasible(problem);
    if (start === null) return null;
    const price = one => problem.price(one), near = one => descend(problem, one, { tolerance: COARSE });
    const found = cheapest(starts(problem, start).map(near), price), other = far(problem, found);
    return other === null ? found : cheapest([found, near(other)], price);
  };

  const starts = (problem, start) => {
    const tamer = Object.fromEntries(Object.entries(TAMER).map(([name, value]) => [name, value * (start[name] ?? 0)]));
    const stiff = changed(problem, start, { inflation: stiffness(problem) });
    const differs = Object.keys(start).some(name => stiff[name] !== start[name]);
    const more = differs && problem.price(stiff) < Infinity ? [stiff] : [];
    return [start, changed(problem, start, tamer), ...more];
  };

  // A long probe in place of a short one, or the other way: two valleys that meet at sigma_tilde / sigma_H.
  const far = (problem, point) => {
    const { base } = problem.model;
    if (!("probe_length" in point) || !base.sigma_H) return null;
    const meet = base.sigma_tilde / base.sigma_H, longest = problem.most.probe_length;
    const lengths = PROBES.map(share => share * longest).filter(length => (length > meet) !== (point.probe_length > meet));
    const trials = lengths.flatMap(length =>
      THETAS.map(theta => changed(problem, point, { probe_length: length, theta: Math.max(theta, point.theta) })));
    const best = trials.length ? cheapest(trials, one => problem.price(one)) : null;
    return best !== null && problem.price(best) < Infinity ? best : null;
  };

  // How many times L the smoothness of F is where gradients are sigma + epsilon; 1 where it is little.
  const stiffness = problem => {
    const { rho, alpha, sigma, epsilon, L } = problem.model.base, growth = rho * alpha * (sigma + epsilon) / L;
    return growth > STIFF ? Math.min(growth, Math.max(1, STEEP / (alpha * L))) : 1;
  };

  const changed = (problem, start, changes) =>
    Object.fromEntries(Object.entries(start).map(([name, value]) => [name, problem.clip(name, changes[name] ?? value)]));

  const dampings = problem => (problem.free.includes("damping") ? DAMPINGS : DAMPINGS.slice(0, 1));

  const firstFeasible = problem => {
    for (const damping of dampings(problem)) {
      for (const shrink of SHRINKS) {
        for (const size of SIZES) {
          const start = large(problem, size, shrink, damping);
          if (problem.price(start) < Infinity) return start;
        }
      }
    }
    return null;
  };

  const reachable = problem => dampings(problem).some(damping => SHRINKS.some(shrink =>
    [LARGEST_BATCH, LARGEST_BATCH ** 0.5].some(size => problem.price(large(problem, size, shrink, damping)) < Infinity)));

  const large = (problem, size, shrink, damping) => {
    const fixed = { theta: 1, inflation: 1, rate: 1, depth: 1, fraction: size ** -shrink, damping }, point = {};
    for (const name of problem.free) {
      let value = fixed[name] ?? size;
      if (name in problem.most && problem.model.knobs.includes(name)) value = problem.most[name] / size;
      point[name] = problem.clip(name, value);
    }
    return point;
  };

  return { coarse, firstFeasible, reachable };
})();
