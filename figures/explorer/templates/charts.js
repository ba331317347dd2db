// Line charts on logarithmic axes, as SVG.
const charts = (() => {
  const SPACE = "http://www.w3.org/2000/svg";
  const WIDTH = 420, HEIGHT = 250, LEFT = 56, RIGHT = 12, TOP = 10, BOTTOM = 42;

  const element = (name, attributes = {}, ...inside) => {
    const made = document.createElementNS(SPACE, name);
    for (const key in attributes) made.setAttribute(key, attributes[key]);
    made.append(...inside);
    return made;
  };

  const decade = power => {
    if (Math.abs(power) <= 3) return [document.createTextNode(String(Number(`1e${power}`)))];
    const raised = element("tspan", { dy: -5, "font-size": 9 });
    raised.textContent = String(power).replace("-", "−");
    return ["10", raised];
  };

  const ticks = ([low, high]) => {
    const first = Math.ceil(low - 1e-9), last = Math.floor(high + 1e-9);
    const every = Math.max(1, Math.ceil((last - first) / 6)), found = [];
    for (let power = first; power <= last; power += every) found.push([power, decade(power)]);
    if (found.length > 1) return found;
    const step = high - low > 0.6 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 6, 8];
    const fine = [];
    for (let power = Math.floor(low); power <= last + 1; power++) {
      for (const lead of step) {
        const place = power + Math.log10(lead);
        if (place >= low && place <= high) fine.push([place, [String(Number((10 ** place).toPrecision(2)))]]);
      }
    }
    return fine.length > 8 ? fine.filter((_, i) => i % 2 === 0) : fine;
  };

  const range = values => {
    const logs = values.filter(v => v > 0 && Number.isFinite(v)).map(Math.log10);
    if (!logs.length) return null;
    const low = Math.min(...logs), high = Math.max(...logs), room = Math.max(0.04 * (high - low), 0.05);
    return [low - room, high + room];
  };

  // series: [{key, label, points: [[x, y], ...]}]; marks: {x, y}, where the state is.
  const draw = (place, { series, x, y, xRange, marks = {}, empty, about }) => {
    const drawn = series.filter(one => one.points.some(p => p[1] > 0));
    const yRange = range([...drawn.flatMap(one => one.points.map(p => p[1])), ...(marks.y ? [marks.y] : [])]);
    if (!drawn.length || yRange === null) {
      const sentence = document.createElement("p");
      sentence.className = "soft";
      sentence.textContent = empty;
      place.replaceChildren(sentence);
      return;
    }
    const X = v => LEFT + (Math.log10(v) - xRange[0]) / (xRange[1] - xRange[0]) * (WIDTH - LEFT - RIGHT);
    const Y = v => HEIGHT - BOTTOM - (Math.log10(v) - yRange[0]) / (yRange[1] - yRange[0]) * (HEIGHT - TOP - BOTTOM);
    const svg = element("svg", { class: "chart", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": about(drawn) });
    for (const [power, label] of ticks(xRange)) {
      const at = X(10 ** power);
      svg.append(element("line", { class: "grid", x1: at, x2: at, y1: TOP, y2: HEIGHT - BOTTOM }),
        element("text", { x: at, y: HEIGHT - BOTTOM + 15, "text-anchor": "middle" }, ...label));
    }
    for (const [power, label] of ticks(yRange)) {
      const at = Y(10 ** power);
      svg.append(element("line", { class: "grid", x1: LEFT, x2: WIDTH - RIGHT, y1: at, y2: at }),
        element("text", { x: LEFT - 5, y: at + 4, "text-anchor": "end" }, ...label));
    }
    svg.append(element("rect", { class: "frame", x: LEFT, y: TOP, width: WIDTH - LEFT - RIGHT, height: HEIGHT - TOP - BOTTOM }));
    if (marks.x) svg.append(element("line", { class: "mark", x1: X(marks.x), x2: X(marks.x), y1: TOP, y2: HEIGHT - BOTTOM }));
    if (marks.y) svg.append(element("line", { class: "mark", x1: LEFT, x2: WIDTH - RIGHT, y1: Y(marks.y), y2: Y(marks.y) }));
    for (const one of drawn) {
      let path = "", pen = "M";
      for (const [px, py] of one.points) {
        if (!(py > 0 && Number.isFinite(py))) { pen = "M"; continue; }
        path += `${pen}${X(px).toFixed(1)} ${Y(py).toFixed(1)}`;
        pen = "L";
      }
      svg.append(element("path", { class: `line ${one.key}`, d: path }));
    }
    svg.append(element("text", { x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 6, "text-anchor": "middle" }, x),
      element("text", { x: 12, y: (TOP + HEIGHT - BOTTOM) / 2, "text-anchor": "middle", transform: `rotate(-90 12 ${(TOP + HEIGHT - BOTTOM) / 2})` }, y));
    const legend = document.createElement("ul");
    legend.className = "legend";
    for (const one of drawn) {
      const item = document.createElement("li");
      item.append(element("svg", { viewBox: "0 0 32 8", "aria-hidden": true }, element("line", { class: one.key, x1: 0, x2: 32, y1: 4, y2: 4 })), one.label);
      legend.append(item);
    }
    place.replaceChildren(svg, legend);
  };

  return { draw };
})();
