// The page: what is shown, the controls, and what is told.
(() => {
  const content = JSON.parse(document.getElementById("content").textContent);
  const { lines, quantities, strips, events, forecast_levels: levels } = content;
  const { element } = plumbline;
  const find = (id) => document.getElementById(id);
  const DAY_MS = 86400000;
  const LEAST_MS = 120000;
  const LEAST_STEP_MS = 15000;

  const whole = { from: Math.min(...lines.map((line) => line.begin)), to: Math.max(...lines.map((line) => line.end)) };
  const app = { view: { ...whole }, whole, hidden: new Set(), reading: null, quantity: quantities[0].key, panels: [], strips: [] };
  app.movement = plumbline.movement(app);
  plumbline.app = app;
  plumbline.paint(lines);
  plumbline.mostPieces = Math.max(plumbline.mostPieces, 8 * lines.length);

  // ---- the window of time
  app.show = (from, to) => {
    const all = whole.to - whole.from;
    const span = Math.min(Math.max(to - from, Math.min(LEAST_MS, all)), all * 1.1);
    const middle = Math.min(Math.max((from + to) / 2, whole.from), whole.to);
    // Whole milliseconds; what is typed is shown as it was typed.
    const start = Math.round(to - from === span ? Math.min(Math.max(from, whole.from - span / 2), whole.to - span / 2) : middle - span / 2);
    app.view = { from: start, to: Math.round(start + span) };
    app.preset = null;
    draw();
  };

  const lastEruption = events.filter((event) => event.kind === "eruption").at(-1);
  const presets = {
    week: () => [whole.to - 7 * DAY_MS, whole.to],
    months: () => {
      const date = new Date(whole.to);
      return [date.setUTCMonth(date.getUTCMonth() - 6), whole.to];
    },
    // A little of what was before, so that the fall is seen.
    eruption: () => [lastEruption.onset - (whole.to - lastEruption.onset) * 0.02, whole.to],
    all: () => [whole.from, whole.to],
  };

  app.preset = "all";
  app.usePreset = (name) => {
    const [from, to] = presets[name]();
    app.show(Math.max(from, whole.from), to);
    app.preset = name;
    announce();
  };

  // ---- drawing: once a frame, whatever happened
  let waiting = false;
  function draw() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      drawNow();
    });
  }

  let settled;
  function drawNow() {
    for (const panel of app.panels) panel.render();
    const left = plumbline.LEFT;
    for (const { strip, canvas } of app.strips) plumbline.drawStrip(canvas, strip, app.view, left, plotWidth() - left - plumbline.RIGHT);
    tellWindow();
    read();
    clearTimeout(settled);
    settled = setTimeout(afterwards, 150);
  }

  // When nothing moves: pieces to either side, and the address of what is shown.
  function afterwards() {
    const perPixel = (app.view.to - app.view.from) / plotWidth();
    if (!plumbline.isLoading()) {
      for (const panel of app.panels) for (const line of panel.visible) plumbline.prefetch(line, app.view.from, app.view.to, perPixel);
    }
    const address = `#${app.quantity}/${plumbline.time(app.view.from, true)}/${plumbline.time(app.view.to, true)}`.replaceAll(" ", "T");
    try {
      history.replaceState(null, "", address);
    } catch {
      // Some browsers forbid it for files; the page works without.
    }
  }

  plumbline.onLoad = draw;
  const plotWidth = () => find("plots").clientWidth;

  function build() {
    const sets = plumbline.panelsOf(lines, app.quantity);
    app.panels.forEach((panel) => panel.chart.destroy());
    app.panels = sets.map((some, place) => new plumbline.Panel(some, app, place === sets.length - 1));
    find("plots").replaceChildren(...app.panels.map((panel) => panel.root));
    find("plots").setAttribute("aria-label", `Plots of ${label().toLowerCase()}`);
    buildStrips();
    size();
  }

  const label = () => quantities.find((one) => one.key === app.quantity).label;

  function size() {
    const heads = app.panels.reduce((sum, panel) => sum + panel.place.offsetTop - panel.root.offsetTop + 6, 0);
    const others = heads + plumbline.BENEATH + find("coverage").offsetHeight + find("plots").offsetTop + 45;
    const least = app.panels.length > 1 ? 150 : 260;
    const height = Math.max(least, Math.floor((window.innerHeight - others) / app.panels.length));
    for (const panel of app.panels) panel.build(plotWidth(), Math.min(height, 560));
    draw();
  }

  function buildStrips() {
    const names = new Set(app.panels.flatMap((panel) => panel.visible).flatMap((line) => line.of));
    app.strips = [...names].map((name) => strips.find((strip) => strip.name === name)).map((strip) => {
      const canvas = element("canvas", { height: plumbline.STRIP_HEIGHT });
      const told = element("span");
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", inWords(strip));
      return { strip, canvas, told };
    });
    const rows = app.strips.map(({ strip, canvas, told }) => {
      const name = element("div", { className: "name" }, element("span", { textContent: `Coverage ${strip.name}` }), told);
      Object.assign(name.style, { marginLeft: `${plumbline.LEFT}px`, marginRight: `${plumbline.RIGHT}px` });
      return element("div", { className: "strip" }, name, canvas);
    });
    const colours = element("ul", { className: "colours" }, "Samples of a day:");
    colours.style.marginLeft = `${plumbline.LEFT}px`;
    for (const [words, colour] of plumbline.COVERAGE) {
      const swatch = element("i");
      swatch.style.background = colour;
      colours.append(element("li", {}, swatch, words));
    }
    find("coverage").replaceChildren(...rows, ...(rows.length ? [colours] : []));
  }

  function inWords(strip) {
    const known = strip.used.filter((used) => used !== null);
    const mean = known.reduce((sum, used) => sum + used, 0) / Math.max(known.length, 1) / 10;
    return `Coverage of ${strip.name}: ${mean.toFixed(1)} % of the samples of all days, ${strip.gaps_in_all} gaps`;
  }

  // ---- readings
  app.moved = (chart) => {
    const { left } = chart.cursor;
    app.reading = left === undefined || left < 0 ? null : chart.posToVal(left, "x");
    read();
  };

  function read() {
    for (const panel of app.panels) panel.read(app.reading);
    const first = firstRows();
    let text = "";
    if (app.reading !== null && first) {
      const at = plumbline.rowAt(first, app.reading);
      // The time of the value, if there is one, and not that of the mouse.
      const length = first.step > LEAST_STEP_MS ? `, ${plumbline.interval(first.step)}` : "";
      text = at >= 0 ? `${plumbline.time(first.start + at * first.step, !length)} UTC${length}` : `${plumbline.time(app.reading, true)} UTC`;
    }
    find("cursor-time").textContent = text;
    for (const { strip, told } of app.strips) {
      told.textContent = app.reading === null ? "" : plumbline.coverageAt(strip, app.reading);
    }
  }

  // Rows of the first line that has any where the reading is.
  function firstRows() {
    const all = app.panels.flatMap((panel) => panel.visible.map((line) => panel.views.get(line))).filter(Boolean);
    return all.find((rows) => app.reading !== null && plumbline.rowAt(rows, app.reading) >= 0) ?? all[0];
  }

  app.step = (count) => {
    const rows = firstRows();
    if (!rows) return;
    const middle = (app.view.from + app.view.to) / 2;
    const at = Math.round(((app.reading ?? middle) - rows.start - rows.middle) / rows.step) + count;
    const ms = rows.start + rows.middle + at * rows.step;
    if (ms < app.view.from || ms > app.view.to) {
      const span = app.view.to - app.view.from;
      app.view = { from: ms - span / 2, to: ms + span / 2 };
      drawNow();
    }
    for (const panel of app.panels) panel.chart.setCursor({ left: panel.chart.valToPos(ms, "x"), top: 10 }, false);
    app.reading = ms;
    read();
    const values = app.panels.flatMap((panel) => [...panel.outputs].map(([line, output]) => `${line.name} ${output.textContent}`));
    find("live").textContent = `${find("cursor-time").textContent}: ${values.join("; ")}`;
  };

  app.select = (area, from, to) => {
    const panel = app.panels.find((one) => one.chart.over === area);
    const box = area.getBoundingClientRect();
    const width = Math.abs(to - from);
    panel.chart.setSelect({ left: Math.min(from, to) - box.left, top: 0, width, height: width ? area.clientHeight : 0 }, false);
  };

  // ---- what is told
  function tellWindow() {
    const { from, to } = app.view;
    for (const [id, ms] of [["from", from], ["to", to]]) {
      const field = find(id);
      if (document.activeElement !== field) field.value = plumbline.time(ms, to - from < 7200000);
    }
    const shown = app.panels.flatMap((panel) => panel.visible.map((line) => panel.views.get(line))).filter(Boolean);
    const steps = [...new Set(shown.map((rows) => rows.step))].sort((a, b) => a - b).map(plumbline.interval);
    const words = [plumbline.span(to - from)];
    if (steps.length) words.push(` · means of ${steps.join(" and ")}`);
    if (shown.some((rows) => rows.extremes)) words.push(element("span", { className: "long", textContent: ", shaded from the least to the greatest value" }));
    if (plumbline.isLoading()) words.push(" · loading finer data…");
    else if (plumbline.lost.size) words.push(" · finer data are missing: the folder 'page' belongs beside this file");
    find("shown").replaceChildren(...words);
    for (const button of document.querySelectorAll("[data-preset]")) button.setAttribute("aria-pressed", button.dataset.preset === app.preset);
  }

  function announce() {
    requestAnimationFrame(() => {
      const { from, to } = app.view;
      find("live").textContent = `${label()}, ${plumbline.time(from)} to ${plumbline.time(to)} UTC; ${find("shown").textContent}`;
    });
  }

  // Events that were found where a panel's lines were measured, those of pairs and of the configuration, too.
  app.eventsOf = (some) => {
    const stations = some.flatMap((line) => line.station.split(" less "));
    const seen = [];
    for (const event of events) {
      const here = !event.station || stations.includes(event.station);
      if (here && !seen.some((one) => one.kind === event.kind && event.onset - one.onset < DAY_MS)) seen.push(event);
    }
    return seen;
  };

  app.levelsOf = (some) => levels.filter((level) => some.some((line) => line.name === level.line && line.quantity === level.quantity));

  app.toggle = (name, visible) => {
    if (visible) app.hidden.delete(name);
    else app.hidden.add(name);
    buildStrips();
    size();
  };

  // ---- controls
  for (const { key, label: words } of quantities) {
    const input = element("input", { type: "radio", name: "quantity", value: key, checked: key === app.quantity });
    input.addEventListener("change", () => app.use(key));
    find("quantities").append(element("label", {}, input, element("span", { textContent: words })));
  }
  app.use = (key) => {
    app.quantity = key;
    for (const input of document.querySelectorAll("#quantities input")) input.checked = input.value === key;
    build();
    announce();
  };
  for (const button of document.querySelectorAll("[data-preset]")) {
    button.disabled = button.dataset.preset === "eruption" && !lastEruption;
    button.addEventListener("click", () => app.usePreset(button.dataset.preset));
  }
  for (const button of document.querySelectorAll("[data-step]")) {
    button.addEventListener("click", () => {
      plumbline.steps[button.dataset.step](app);
      announce();
    });
  }
  for (const [place, event] of events.entries()) {
    const peak = event.peak ? `, peak ${event.peak}` : "";
    const words = `${event.kind} ${plumbline.time(event.onset, false)}${peak}${event.station ? ` (${event.station.slice(0, 8)})` : ""}`;
    find("events").append(element("option", { value: String(place), textContent: words }));
  }
  find("events").hidden = !events.length;
  find("events").addEventListener("change", () => {
    const event = events[Number(find("events").value)];
    if (find("events").value === "" || !event) return;
    const length = Math.max((event.end ?? event.onset) - event.onset, 12 * 3600000);
    app.show(event.onset - length / 2, event.onset + length * 1.5);
    announce();
    find("events").value = "";
  });
  for (const id of ["from", "to"]) {
    find(id).addEventListener("change", () => {
      const [from, to] = ["from", "to"].map((name) => plumbline.parse(find(name).value));
      const good = from < to;
      find(id).setAttribute("aria-invalid", String(!good));
      if (!good) return;
      for (const name of ["from", "to"]) find(name).setAttribute("aria-invalid", "false");
      app.show(from, to);
    });
  }
  find("csv").addEventListener("click", () => {
    const shown = app.panels.flatMap((panel) => panel.visible);
    const mark = shown.some((line) => line.synthetic) ? "_synthetic" : "";
    const { from, to } = app.view;
    plumbline.download(`${app.quantity}_${plumbline.stamp(from)}_${plumbline.stamp(to)}${mark}.csv`, plumbline.csv(app.panels, app.view));
  });
  document.addEventListener("keydown", (event) => {
    const inside = find("plots").contains(event.target) && event.target.type !== "checkbox";
    const step = plumbline.stepOf(event);
    if (!step || !(inside || event.target === document.body)) return;
    event.preventDefault();
    plumbline.steps[step](app);
    if (!step.startsWith("read")) announce();
  });
  let width = 0;
  new ResizeObserver(() => {
    if (plotWidth() === width) return;
    width = plotWidth();
    size();
  }).observe(find("plots"));

  // ---- what the data are
  const marks = new Map();
  for (const line of lines) if (line.synthetic) marks.set(line.synthetic, [...(marks.get(line.synthetic) ?? []), line.name]);
  const names = new Set(lines.map((line) => line.name));
  find("synthetic").hidden = !marks.size;
  find("synthetic").textContent = [...marks].map(([mark, marked]) => {
    const some = [...new Set(marked)];
    return some.length === names.size ? mark : `${mark} (${some.join(", ")})`;
  }).join("; ");

  const rows = lines.map((line) => element("tr", {}, ...[
    line.name, quantities.find((one) => one.key === line.quantity).label, line.station, line.stream,
    `${plumbline.day(line.begin)} to ${plumbline.day(line.end)}, down to ${plumbline.interval(line.levels[0].step)}`,
    [line.method, line.drift, line.synthetic].filter(Boolean).join("; "),
  ].map((textContent) => element("td", { textContent }))));
  const head = element("tr", {}, ...["Record", "Quantity", "Instrument", "Stream", "Window", "How it was made"].map((textContent) => element("th", { textContent })));
  const citations = [...new Set(lines.map((line) => line.citation))].map((textContent) => element("p", { textContent }));
  find("about").append(element("div", { className: "wide" }, element("table", {}, head, ...rows)), ...citations);

  // ---- as the address says, or everything
  const [, quantity, from, to] = /^#([^/]+)\/([^/]+)\/([^/]+)$/.exec(decodeURIComponent(location.hash)) ?? [];
  if (quantities.some((one) => one.key === quantity)) app.quantity = quantity;
  for (const input of document.querySelectorAll("#quantities input")) input.checked = input.value === app.quantity;
  build();
  if (plumbline.parse(from ?? "") < plumbline.parse(to ?? "")) app.show(plumbline.parse(from), plumbline.parse(to));
})();
