// Interval arithmetic: each end is moved outwards by at least one float, so that the exact value stays inside.
const TINY = Number.MIN_VALUE, RELATIVE = 2 ** -52;
const NOTHING_KNOWN = [-Infinity, Infinity];
const down = x => x - Math.abs(x) * RELATIVE - TINY;
const up = x => x + Math.abs(x) * RELATIVE + TINY;
const outward = (low, high) => (low <= high ? [down(low), up(high)] : NOTHING_KNOWN);
const exactly = x => [x, x];
const add = (a, b) => outward(a[0] + b[0], a[1] + b[1]);
const sub = (a, b) => outward(a[0] - b[1], a[1] - b[0]);
const mul = (a, b) => {
  const p = a[0] * b[0], q = a[0] * b[1], r = a[1] * b[0], s = a[1] * b[1];
  return outward(Math.min(p, q, r, s), Math.max(p, q, r, s));
};
const div = (a, b) => {
  if (b[0] <= 0 && b[1] >= 0) return NOTHING_KNOWN;
  const p = a[0] / b[0], q = a[0] / b[1], r = a[1] / b[0], s = a[1] / b[1];
  return outward(Math.min(p, q, r, s), Math.max(p, q, r, s));
};
const square = a => {
  const p = a[0] * a[0], q = a[1] * a[1];
  if (a[0] <= 0 && a[1] >= 0) return [0, up(Math.max(p, q))];
  return outward(Math.min(p, q), Math.max(p, q));
};
const power = (a, n) => (n === 1 ? a : n === 2 ? square(a)
  : n % 2 ? mul(a, power(a, n - 1)) : square(power(a, n / 2)));
const doubled = a => (a[0] === a[1] && Number.isInteger(a[0]) && Math.abs(a[0]) < 1000 ? exactly(2 ** a[0]) : NOTHING_KNOWN);
const root = a => (a[1] >= 0 ? [Math.max(0, down(Math.sqrt(Math.max(a[0], 0)))), up(Math.sqrt(a[1]))] : NOTHING_KNOWN);
const least = (a, b) => [Math.min(a[0], b[0]), Math.min(a[1], b[1])];
const most = (a, b) => [Math.max(a[0], b[0]), Math.max(a[1], b[1])];
