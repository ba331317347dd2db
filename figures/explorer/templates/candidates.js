// The ways to reach a target by their price, as bounds.recommendation.candidates finds them.
const candidates = (() => {
  const { LIKELY, CLOSE, HOPELESS, DEEPEST } = SEARCHED;
  const { COARSE, refined, descend } = search, { coarse } = starting;
  const FIRST = [[4, 16, 64, 1024, Infinity], [1, 4, 16], [0.1, 0.3, 1]];

  // The ways {price, problem, point} that are within reach of the target, the cheapest first.
  const find = (request, target) => {
    const ways = [...posed(request, target)], plain = ways.map(([, one]) => one), likely = LIKELY * least(plain);
    const near = request.constants.sigma_tilde > 0 ? ways.filter(([, one]) => one.price <= likely) : [];
    const deep = near.flatMap(([way, one]) => [...layered(way, one, target)]);
    const found = ended(plain, CLOSE * least(plain));
    return [...found, ...ended(deep, CLOSE * least([...found, ...deep]))].sort((one, other) => one.price - other.price);
  };

  const least = found => found.reduce((lowest, one) => Math.min(lowest, one.price), Infinity);

  const candidate = (problem, point) => ({ price: problem.price(point), problem, point });

  // Those that may still be the cheapest, searched to the end.
  const ended = (found, limit) =>
    found.map(one => (one.price <= limit ? candidate(one.problem, refined(one.problem, one.point)) : one));

  function* posed(request, target) {
    for (const way of posing.drawings(request)) {
      for (const kind of posing.steps(request)) {
        let known = null;
        for (const rule of posing.rulesOf(request, kind)) {
          const problem = posing.pose(way, rule, target);
          if (known !== null && !hopeful(problem, known)) continue;
          const point = coarse(problem);
          if (point === null) continue;
          known = candidate(problem, point);
          yield [way, known];
        }
      }
    }
  }

  // Whether a rule may cost less than another of its kind, as far as a glance tells.
  const hopeful = (problem, known) => glance(problem, known.point) <= HOPELESS * known.price;

  // The least price at another rule's sizes, with more and more tasks and its own step or the largest.
  const glance = (problem, point) => {
    let lowest = Infinity;
    for (let more = 0; more < 8; more++) {
      const B = problem.clip("B", point.B * 4 ** more);
      for (const fraction of [point.fraction ?? 1, 1]) {
        lowest = Math.min(lowest, problem.price({ ...point, B, fraction }));
      }
    }
    return lowest;
  };

  // Candidates with a whole depth; none where the plain batch is as cheap.
  function* layered(request, plain, target) {
    const { rule } = plain.problem.model;
    if (!posing.mayBeLayered(request, rule)) return;
    const problem = posing.pose(request, rule, target, true);
    let start = null, lowest = Infinity;
    for (const one of layeredStarts(problem, plain.point)) {
      const price = problem.price(one);
      if (start === null || price < lowest) [start, lowest] = [one, price];
    }
    const best = lowest < Infinity ? descend(problem, start, { tolerance: COARSE }) : start;
    if (!(problem.price(best) < plain.price)) return;
    const depths = new Set([Math.max(1, Math.floor(best.depth)), Math.min(DEEPEST, Math.ceil(best.depth))]);
    for (const depth of [...depths].sort((one, other) => one - other)) {
      const whole = problem.with({ fixed: { ...problem.fixed, depth } }), near = { ...best };
      delete near.depth;
      yield candidate(whole, descend(whole, near, { tolerance: COARSE, first: 2 * COARSE }));
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

  return { find, layeredStarts };
})();
