// The search of bounds.recommendation.search, step for step: what it compares are the same numbers.
const search = (() => {
  const LARGEST_BATCH = 1e60;
  const LARGEST = { fraction: 1, theta: 1, inflation: 1e6, damping: 1e6, rate: 2, depth: 60 };
  const SMALLEST = { fraction: 1e-15, theta: 1e-6, rate: 1e-9, depth: 0.25 };
  const SHORTEST = 1e-30, PROBE_PREMIUM = 1.01, BARRIER = 1e-3;
  const SMALL_BATCH = 40, COARSE = 0.02, SHORT_RUN = 20;
  const ROUNDING = 1e-14, STRICT = 1e-12;
  const BATCHES = ["B", "D_in", "D_o", "D_h", "B_prime", "D_beta"];
  const JOINT = [
    [["fraction", 1], ["B", 1]], [["B", 1], ["D_in", -1]], [["B", 1], ["D_o", -1]],
    [["D_in", 1], ["D_o", -1]], [["B_prime", 1], ["D_beta", -1]],
  ];

  // A model: one algorithm under one step rule, at constants, alpha and epsilon in one set of units; with levels
  // its inner batch is a multilevel one, with a number of tasks it draws different ones.
  class Model {
    constructor(algorithm, rule, constants, alpha, epsilon, levels = false, tasks = null) {
      this.algorithm = algorithm;
      this.rule = rule;
      this.levels = levels;
      this.tasks = tasks;
      const drawn = tasks === null ? ["plain", "levels"] : ["finite", "finiteLevels"];
      this.formulas = FORMULAS[algorithm].rules[rule][drawn[Number(levels)]];
      this.batches = this.formulas.batches;
      this.knobs = this.formulas.knobs;
      this.leeway = this.formulas.strict.map(strict => (strict ? 1 - STRICT : 1 + ROUNDING));
      this.base = { ...constants, M: constants.M ?? 0, alpha, epsilon, depth: 0, rate: 1, inner_steps: FORMULAS[algorithm].innerSteps };
      if (tasks !== null) this.base.n_tasks = tasks;
      for (const name of BATCHES) if (!this.batches.includes(name)) this.base[name] = 0;
    }

    largestStepFactor(v) {
      v.c = 1;
      const limit = this.formulas.limit(v);
      return limit[0] !== limit[1] ? limit[1] / limit[0] * (1 - 4 * ROUNDING) : 1;
    }

    iterations(v) {
      const found = this.formulas.iterations(v), leeway = this.leeway;
      for (let i = 0; i < leeway.length; i++) {
        if (!(found[2 * i + 1] <= found[2 * i + 2] * leeway[i])) return Infinity;
      }
      const K = found[0];
      return K === K ? (K > 1 ? K : 1) : Infinity;
    }
  }

  // A problem: a model with what is held fixed or limited; strain(values) <= 1 is an extra condition.
  class Problem {
    constructor(model, { fixed = {}, least = {}, most = {}, maxIterations = Infinity, strain = null } = {}) {
      Object.assign(this, { model, fixed, least, most, maxIterations, strain });
      const held = new Set([...Object.keys(fixed), ...("c" in fixed ? ["fraction"] : [])]);
      this.free = ["fraction", ...model.knobs, "inflation", ...model.batches].filter(name => !held.has(name));
      this.given = { ...model.base, theta: 1, damping: 1, probe_length: 1, fraction: 1, inflation: 1, c: 0, ...fixed };
      for (const name of BATCHES) this.given[name] ??= 0;
      this.ranges = {};
      for (const name of this.free) {
        const high = most[name] ?? LARGEST[name] ?? LARGEST_BATCH;
        const short = model.knobs.includes(name) && name in most ? SHORTEST * most[name] : undefined;
        this.ranges[name] = [least[name] ?? short ?? SMALLEST[name] ?? 1, high];
      }
      this.joint = this.jointly().filter(direction => direction.every(([name]) => this.free.includes(name)));
      this.scratch = { ...this.given };
    }

    // Where B cannot exceed the number of tasks, the samples of each task go along with the step instead.
    jointly() {
      if (this.model.tasks === null) return JOINT;
      const samples = ["D_in", "D_o", "D_h"].filter(name => this.free.includes(name)).map(name => [name, 1]);
      const against = samples.map(([name, sign]) => [name, -sign]);
      return [...JOINT, [["fraction", 1], ...samples], [["fraction", 1], ["D_o", 1]], [["B", 1], ...against]];
    }

    with(changes) {
      const { fixed, least, most, maxIterations, strain } = this;
      return new Problem(this.model, { fixed, least, most, maxIterations, strain, ...changes });
    }

    // Completes a point, in an object that the next call uses again: nothing is made anew for a price.
    complete(point) {
      const v = this.scratch, free = this.free;
      for (let i = 0; i < free.length; i++) v[free[i]] = point[free[i]];
      v.L = this.given.L * v.inflation;
      if (this.given.c === 0) v.c = v.fraction * this.model.largestStepFactor(v);
      return v;
    }

    values(point) {
      return { ...this.complete(point) };
    }

    clip(name, value) {
      const [low, high] = this.ranges[name];
      return value < low ? low : value > high ? high : value;
    }

    perIteration(v) {
      const drawn = COST.samples(v);
      return v.B * (v.inner_steps * (drawn[0] + v.D_h) + drawn[1]) + v.B_prime * v.D_beta;
    }

    price(point) {
      const v = this.complete(point), iterations = this.model.iterations(v);
      const strain = this.strain ? this.strain(v) : 0;
      let used = iterations / (this.maxIterations * (1 + BARRIER));
      if (strain > used) used = strain;
      if (!(used < 1 && iterations < Infinity)) return Infinity;
      return iterations * this.perIteration(v) * (1 + BARRIER * used / (1 - used));
    }

    wholePrice(point) {
      const v = this.complete(point), iterations = this.model.iterations(v);
      const strain = this.strain ? this.strain(v) : 0;
      if (!(iterations <= this.maxIterations && iterations < Infinity && strain <= 1)) return Infinity;
      return Math.ceil(iterations) * this.perIteration(v);
    }
  }

  const cheapest = (points, price) => {
    let best = null, lowest = Infinity;
    for (const point of points) {
      const value = price(point);
      if (best === null || value < lowest) [best, lowest] = [point, value];
    }
    return best;
  };

  const refined = (problem, point) => descend(problem, point, { first: COARSE });

  const rounded = (problem, point) => {
    const longer = lengthenProbe(problem, point);
    const found = [longer, ...shorter(problem, longer)].map(one => whole(problem, one)).filter(Boolean);
    return cheapest(found, one => problem.wholePrice(one));
  };

  function* shorter(problem, point) {
    const iterations = problem.model.iterations(problem.values(point));
    if (iterations > SHORT_RUN) return;
    const last = Math.min(Math.trunc(1.3 * iterations) + 2, SHORT_RUN);
    for (let limit = Math.max(1, Math.trunc(0.7 * iterations)); limit < last; limit++) {
      const less = problem.with({ maxIterations: limit });
      const start = starting.firstFeasible(less);
      if (start !== null && limit <= problem.maxIterations) yield lengthenProbe(less, descend(less, start));
    }
  }

  // Hooke and Jeeves on the logarithms: single moves, joint moves, then the whole last sweep.
  const descend = (problem, start, { only = null, tolerance = 2e-3, sweeps = 400, first = 1 } = {}) => {
    const names = Object.keys(start).filter(name => only === null || only.includes(name));
    const joint = problem.joint.filter(direction => direction.every(([name]) => names.includes(name)));
    const directions = [...names.map(name => [[name, 1]]), ...joint];
    const steps = directions.map(() => first);
    let best = { ...start }, value = problem.price(best);
    for (let sweep = 0; sweep < sweeps; sweep++) {
      const before = best;
      for (let i = 0; i < directions.length; i++) {
        let moved = false;
        for (const signed of [-steps[i], steps[i]]) {
          const trial = { ...best };
          for (const [name, sign] of directions[i]) {
            trial[name] = problem.clip(name, best[name] * Math.exp(sign * signed));
          }
          const price = problem.price(trial);
          if (price < value) {
            [best, value, moved] = [trial, price, true];
            break;
          }
        }
        steps[i] = moved ? Math.min(2 * steps[i], 8) : steps[i] / 2.5;
      }
      if (Object.keys(best).some(name => best[name] !== before[name])) {
        for (const power of [2, 1]) {
          const trial = {};
          for (const name in best) trial[name] = problem.clip(name, best[name] * (best[name] / before[name]) ** power);
          const price = problem.price(trial);
          if (price < value) {
            [best, value] = [trial, price];
            break;
          }
        }
      }
      if (!(Math.max(0, ...steps) >= tolerance)) break;
    }
    return best;
  };

  const lengthenProbe = (problem, point) => {
    if (!("probe_length" in point)) return point;
    const allowed = PROBE_PREMIUM * problem.price(point);
    for (let length = problem.most.probe_length; length > point.probe_length; length *= 0.9) {
      const longer = { ...point, probe_length: length };
      if (problem.price(longer) <= allowed) return longer;
    }
    return point;
  };

  const whole = (problem, point) => {
    const names = problem.model.batches.filter(name => name in point);
    let current = cheapest(roundings(problem, point, names), one => problem.wholePrice(one));
    let value = problem.wholePrice(current);
    for (let round = 0; round < 60; round++) {
      const before = value;
      for (const name of names) [current, value] = wholeProbe(problem, current, value, name);
      if (!(value < before)) break;
    }
    return value < Infinity ? trim(problem, current, names) : null;
  };

  function* roundings(problem, point, names) {
    const up = { ...point };
    for (const name of names) up[name] = Math.ceil(point[name]);
    yield up;
    const small = names.filter(name => up[name] <= SMALL_BATCH && up[name] !== point[name]);
    for (let choice = 0; choice < 2 ** small.length; choice++) {
      const start = { ...up };
      small.forEach((name, place) => {
        const down = (choice >> (small.length - 1 - place)) & 1 ? 0 : 1;
        start[name] = problem.clip(name, up[name] - down);
      });
      yield descend(problem, start, { only: ["fraction", "theta", "inflation", "damping", "rate"], tolerance: 0.02 });
    }
  }

  const wholeProbe = (problem, point, value, name) => {
    const n = point[name];
    for (const size of [n - 1, n + 1, Math.floor(n * 0.97), Math.ceil(n * 1.03)]) {
      const trial = { ...point, [name]: Math.ceil(problem.clip(name, size)) };
      const price = problem.wholePrice(trial);
      if (price < value) [point, value] = [trial, price];
    }
    return [point, value];
  };

  const trim = (problem, point, names) => {
    const v = problem.values(point);
    const limit = problem.with({
      fixed: { ...problem.fixed, c: v.c }, maxIterations: Math.ceil(problem.model.iterations(v)),
    });
    for (const name of names) point = { ...point, [name]: smallest(limit, point, name) };
    if ("rate" in point) point = { ...point, rate: leastRate(limit, point) };
    return { ...point, c: v.c };
  };

  // The smallest chance of a level that is still enough, to four digits.
  const leastRate = (problem, point) => {
    let low = problem.clip("rate", point.rate / 2), high = point.rate;
    while (high / low > 1 + 1e-4) {
      const middle = Math.sqrt(low * high);
      if (problem.wholePrice({ ...point, rate: middle }) < Infinity) high = middle;
      else low = middle;
    }
    return high;
  };

  const smallest = (problem, point, name) => {
    let low = Math.ceil(problem.clip(name, 1)) - 1, high = Math.trunc(point[name]);
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (!(low < middle && middle < high)) break;
      if (problem.wholePrice({ ...point, [name]: middle }) < Infinity) high = middle;
      else low = middle;
    }
    return high;
  };

  return { Model, Problem, refined, rounded, descend, cheapest, BATCHES, COARSE, LARGEST_BATCH, ROUNDING, STRICT };
})();
