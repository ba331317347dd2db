"use strict";
(() => {
  const table = document.getElementById("verdicts");
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const fields = [...document.querySelectorAll("[data-filter]")];
  const text = document.getElementById("words");
  const together = document.getElementById("together");
  const shown = document.getElementById("shown");
  const open = new Set();

  const heads = [...table.tHead.rows[0].cells].map(head => head.dataset.name);
  const numeric = new Set(["measured", "bound", "slack"]);
  const cell = (row, name) => row.cells[heads.indexOf(name)];
  const said = (row, name) => name === "statement" ? cell(row, "claim").querySelector("a").hash
    : (cell(row, name).querySelector(".tag, a") ?? cell(row, name)).textContent.trim();
  const fits = row => fields.every(f => !f.value || said(row, f.dataset.filter) === f.value)
    && text.value.toLowerCase().split(/\s+/).every(word => row.textContent.toLowerCase().includes(word));

  const update = () => {
    let count = 0, lines = 0;
    for (const row of rows) {
      const fit = fits(row);
      const folded = together.checked && !row.hasAttribute("data-first") && !open.has(row.dataset.group);
      row.hidden = !fit || folded;
      count += fit;
      lines += !row.hidden;
      const button = row.querySelector(".alike");
      if (button) {
        button.hidden = !together.checked;
        button.setAttribute("aria-expanded", open.has(row.dataset.group));
      }
    }
    shown.textContent = `${count} of ${rows.length} answers, in ${lines} rows`;
  };

  const key = (row, name) => {
    const told = cell(row, name).textContent.trim();
    return numeric.has(name) ? Number(told.replaceAll("\u2212", "-").replace("\u221e", "Infinity")) : told;
  };
  const compare = (a, b) => {
    if (typeof a === "string" || typeof b === "string") return String(a).localeCompare(String(b));
    if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) - Number.isNaN(b);
    return a < b ? -1 : a > b ? 1 : 0;
  };
  const sort = head => {
    const down = head.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const name = head.dataset.name;
    rows.sort((a, b) => (down ? -1 : 1) * compare(key(a, name), key(b, name)));
    body.append(...rows);
  };

  for (const field of fields) field.addEventListener("change", update);
  text.addEventListener("input", update);
  together.addEventListener("change", update);
  table.tHead.addEventListener("click", event => {
    if (event.target.closest("button")) sort(event.target.closest("th"));
  });
  body.addEventListener("click", event => {
    const button = event.target.closest(".alike");
    if (!button) return;
    const group = button.closest("tr").dataset.group;
    open.has(group) ? open.delete(group) : open.add(group);
    update();
  });
  document.getElementById("claims")?.parentElement.addEventListener("click", event => {
    const link = event.target.closest("[data-statement]");
    if (!link) return;
    for (const field of fields) field.value = field.dataset.filter === "statement" ? link.dataset.statement : "";
    text.value = "";
    update();
  });
  document.getElementById("copy").addEventListener("click", async event => {
    const command = document.getElementById("command").textContent;
    try {
      await navigator.clipboard.writeText(command);
      event.target.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(document.getElementById("command"));
      event.target.textContent = "Selected: copy with the keyboard";
    }
  });
  const details = [...document.querySelectorAll("details")];
  let before = [];
  addEventListener("beforeprint", () => {
    before = details.map(one => one.open);
    for (const one of details) one.open = true;
    for (const row of rows) row.hidden = false;
  });
  addEventListener("afterprint", () => {
    details.forEach((one, place) => { one.open = before[place]; });
    update();
  });
  for (const one of document.querySelectorAll(".controls")) one.hidden = false;
  update();
})();
