// The plots: a panel for each station, or one for all where they are measured from the same level.
(() => {
  // Okabe and Ito's palette, as in the figures; its vermilion is for eruptions and for what is synthetic.
  const COLOURS = ["#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"];
  const EVENTS = { eruption: ["#D55E00", [8, 4]], tsunami: ["#8E4585", [2, 3]] };
  const LEVELS = ["#7a5200", "#444444"];
  const LEFT = 96;
  const RIGHT = 38;
  // Heights of the texts under the last panel, and of the ticks under others.
  const BENEATH = 44;
  const TITLE = 20;
  const TICKS = 8;
  plumbline.BENEATH = BENEATH + TITLE - TICKS;
  // Of a line, and of one that goes up and down so often that little white is left: a single pixel is drawn five times
  // as fast.
  const WIDTH = 1.5;
  const HAIR = 1;
  const DENSE = 40;
  const FONT = '13px system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", Arial, sans-serif';
  const SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR;
  const DATE = "\n{D} {MMM} {YYYY}";
  // [step, text, and what stands under it where the year, month, day ... changes]
  const TIMES = [
    [365 * DAY, "{YYYY}", null, null, null, null, null, null, 1],
    [28 * DAY, "{MMM}", "\n{YYYY}", null, null, null, null, null, 1],
    [DAY, "{D} {MMM}", "\n{YYYY}", null, null, null, null, null, 1],
    [MINUTE, "{HH}:{mm}", DATE, null, DATE, null, null, null, 1],
    [SECOND, "{HH}:{mm}:{ss}", DATE, null, DATE, null, null, null, 1],
  ];

  const element = (tag, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  };
  plumbline.element = element;
  plumbline.LEFT = LEFT;
  plumbline.RIGHT = RIGHT;

  // A colour for each record, the same in every quantity; those of long ones first, and pairs for themselves.
  plumbline.paint = (lines) => {
    const longest = [...lines].sort((a, b) => b.end - b.begin - (a.end - a.begin));
    for (const isPair of [false, true]) {
      const some = longest.filter((line) => (line.quantity === "differential") === isPair);
      const names = [...new Set(some.map((line) => line.name))];
      for (const line of some) line.colour = COLOURS[names.indexOf(line.name) % COLOURS.length];
    }
  };

  // Uplift has one zero for all; pressures of stations are tens of psi apart.
  plumbline.panelsOf = (lines, quantity) => {
    const panels = new Map();
    for (const line of lines.filter((one) => one.quantity === quantity)) {
      const together = quantity === "uplift" || quantity === "differential";
      const key = `${together ? "" : line.station} ${line.unit}`;
      if (!panels.has(key)) panels.set(key, []);
      panels.get(key).push(line);
    }
    return [...panels.values()].map((some) => some.sort((a, b) => b.end - b.begin - (a.end - a.begin)));
  };

  class Panel {
    constructor(lines, app, last) {
      this.lines = lines;
      this.app = app;
      this.last = last;
      this.views = new Map();
      this.outputs = new Map();
      this.root = element("section", { className: "panel" });
      this.root.append(this.heading(), this.list());
      this.place = element("div");
      this.root.append(this.place);
    }

    heading() {
      const stations = [...new Set(this.lines.map((line) => line.station))];
      const head = element("div", {}, element("h2", { textContent: stations.join(", ") }));
      const said = (kind, className) => {
        const texts = [...new Set(this.lines.map((line) => line[kind]).filter(Boolean))];
        if (texts.length) head.append("  ", element("span", { className, textContent: texts.join("; ") }));
      };
      if (this.lines.some((line) => line.synthetic)) {
        const words = [...new Set(this.lines.map((line) => line.synthetic.split(":")[0]).filter(Boolean))];
        head.append("  ", element("span", { className: "mark", textContent: words.join("; ") }));
      }
      said("drift", "drift");
      return head;
    }

    list() {
      const list = element("ul", { className: "lines" });
      for (const line of this.lines) {
        const box = element("input", { type: "checkbox", checked: !this.app.hidden.has(line.name) });
        box.addEventListener("change", () => this.app.toggle(line.name, box.checked));
        const swatch = element("span", { className: "swatch" });
        swatch.style.background = line.colour;
        const output = element("output");
        this.outputs.set(line, output);
        list.append(element("li", {}, element("label", {}, box, swatch, line.name), output));
      }
      return list;
    }

    get visible() {
      return this.lines.filter((line) => !this.app.hidden.has(line.name));
    }

    // Made anew when lines come or go, and when the window changes its size.
    build(width, plotHeight) {
      this.chart?.destroy();
      const height = plotHeight + (this.last ? plumbline.BENEATH : 0);
      const axis = { font: FONT, labelFont: FONT, stroke: "#333", grid: { stroke: "#e6e8eb", width: 1 }, ticks: { stroke: "#999", size: 5 } };
      const unit = plumbline.unit(this.lines[0].unit);
      const label = `${this.label(plotHeight)}${unit ? ` (${unit})` : ""}`;
      const series = [{}];
      const bands = [];
      for (const line of this.visible) {
        const at = series.length;
        series.push({ scale: "y", width: 0, points: { show: false } }, { scale: "y", width: 0, points: { show: false } });
        series.push({ scale: "y", stroke: line.colour, width: WIDTH, points: { size: 4, fill: line.colour } });
        bands.push({ series: [at + 1, at], fill: `${line.colour}55` });
      }
      this.chart = new uPlot(
        {
          width,
          height,
          ms: 1,
          padding: [this.app.eventsOf(this.lines).length ? 20 : 6, RIGHT, 0, 0],
          tzDate: (ms) => uPlot.tzDate(new Date(ms), "Etc/UTC"),
          legend: { show: false },
          cursor: { drag: { x: false, y: false }, points: { show: false }, y: false, sync: { key: "plumbline", setSeries: false } },
          scales: { x: { time: true, range: () => [this.app.view.from, this.app.view.to] }, y: { range: (_, low, high) => room(low, high) } },
          axes: [
            { ...axis, values: TIMES, space: 70, size: this.last ? BENEATH : TICKS, label: this.last ? "Time (UTC)" : undefined, labelSize: TITLE,
              ...(this.last ? {} : { values: (_, ticks) => ticks.map(() => "") }) },
            { ...axis, scale: "y", size: LEFT - 22, labelSize: 22, label, space: 34,
              values: (_, ticks) => written(ticks) },
          ],
          series,
          bands,
          hooks: { drawAxes: [(chart) => this.drawMarks(chart)], draw: [(chart) => this.drawWords(chart)], setCursor: [(chart) => this.app.moved(chart)] },
        },
        [[this.app.view.from, this.app.view.to], ...series.slice(1).map(() => [null, null])],
        this.place,
      );
      this.app.movement(this.chart.over);
    }

    label(height) {
      const words = this.lines[0].axis;
      // A low panel has no room for the second half of it.
      return height < 250 ? words.split(",")[0].replace(" at the seafloor", "") : words;
    }

    render() {
      const { from, to } = this.app.view;
      const pixels = Math.max(this.chart.over.clientWidth, 1);
      const tables = this.visible.map((line, place) => {
        const rows = plumbline.rows(line, from, to, (to - from) / pixels);
        this.views.set(line, rows);
        // The third of a line's series is its mean.
        this.chart.series[3 * place + 3].width = isDense(rows.mean) ? HAIR / uPlot.pxRatio : WIDTH;
        return table(rows);
      });
      const data = tables.length ? joined(tables) : [[from, to]];
      this.chart.batch(() => {
        this.chart.setData(data, false);
        this.chart.setScale("x", { min: from, max: to });
      });
    }

    // Events and levels that lie in the picture, with their places and colours.
    marks(chart) {
      const { left, top, width, height } = chart.bbox;
      const events = this.app.eventsOf(this.lines).map((event) => {
        const [colour, dashes] = EVENTS[event.kind] ?? ["#555", [4, 4]];
        return { event, colour, dashes, x: Math.round(chart.valToPos(event.onset, "x", true)) + 0.5 };
      });
      const levels = this.app.levelsOf(this.visible).map((level, place) => {
        const y = Math.round(chart.valToPos(level.m, "y", true)) + 0.5;
        return { level, y, colour: LEVELS[place % LEVELS.length] };
      });
      return {
        events: events.filter(({ x }) => x >= left && x <= left + width),
        levels: levels.filter(({ y }) => y >= top && y <= top + height),
      };
    }

    // Beneath the lines.
    drawMarks(chart) {
      const { left, top, width, height } = chart.bbox;
      const { events, levels } = this.marks(chart);
      chart.ctx.save();
      for (const { x, colour, dashes } of events) stroke(chart.ctx, colour, dashes, [x, top, x, top + height]);
      for (const { y, colour } of levels) stroke(chart.ctx, colour, [6, 3], [left, y, left + width, y]);
      chart.ctx.restore();
    }

    // Above them.
    drawWords(chart) {
      const context = chart.ctx;
      const { left, top, width, height } = chart.bbox;
      const ratio = uPlot.pxRatio;
      const { events, levels } = this.marks(chart);
      context.save();
      context.font = FONT.replace("13px", `${12 * ratio}px`);
      context.textAlign = "left";
      context.textBaseline = "alphabetic";
      let free = -Infinity;
      for (const { event, x, colour } of events) {
        const words = `${event.kind} ${plumbline.time(event.onset, false)}`;
        const size = context.measureText(words).width;
        const start = Math.max(Math.min(x - size / 2, left + width - size), left);
        if (start < free) continue;
        free = start + size + 8 * ratio;
        context.fillStyle = colour;
        context.fillText(words, start, top - 5 * ratio);
      }
      for (const { level, y, colour } of levels) {
        const words = `${level.name} (${level.m.toFixed(2)} m)`;
        this.words(context, words, left + width - context.measureText(words).width - 8 * ratio, y + 14 * ratio, colour);
      }
      if (!this.visible.some((line) => this.views.get(line)?.low.some(Number.isFinite))) {
        this.words(context, this.visible.length ? "no data in this window" : "no line chosen", left + width / 2 - 60 * ratio, top + height / 2, "#555");
      }
      context.restore();
    }

    words(context, text, x, y, colour) {
      context.fillStyle = "#ffffffd0";
      context.fillRect(x - 2, y - 12 * uPlot.pxRatio, context.measureText(text).width + 4, 15 * uPlot.pxRatio);
      context.fillStyle = colour;
      context.fillText(text, x, y);
    }

    // Values at a time, beside the names of the lines.
    read(ms) {
      for (const [line, output] of this.outputs) {
        const rows = this.views.get(line);
        const at = rows && !this.app.hidden.has(line.name) && ms !== null ? rowAt(rows, ms) : -1;
        output.textContent = "";
        if (at < 0) continue;
        const [mean, low, high] = ["mean", "low", "high"].map((name) => plumbline.value(rows[name][at], line.unit));
        const unit = plumbline.unit(line.unit);
        if (Number.isNaN(rows.low[at])) output.append("no data");
        else output.append(Number.isNaN(rows.mean[at]) ? "no mean: too little of it" : `${mean}${unit ? ` ${unit}` : ""}`);
        if (rows.extremes && !Number.isNaN(rows.low[at])) output.append(" ", element("small", { textContent: `${low} to ${high}` }));
      }
    }
  }
  plumbline.Panel = Panel;

  // Whether a line passes the height of its plot many times.
  function isDense(values) {
    let [way, low, high, last] = [0, Infinity, -Infinity, NaN];
    for (const value of values) {
      if (value < low) low = value;
      if (value > high) high = value;
      const step = Math.abs(value - last);
      if (step > 0) way += step;
      last = value;
    }
    return way > DENSE * (high - low);
  }

  // The row that a time lies in or nearest to; -1 outside of the record.
  function rowAt(rows, ms) {
    const at = Math.round((ms - rows.start - rows.middle) / rows.step);
    return at >= 0 && at < rows.count ? at : -1;
  }
  plumbline.rowAt = rowAt;

  function table(rows) {
    const made = [new Array(rows.count), new Array(rows.count), new Array(rows.count), new Array(rows.count)];
    const first = rows.start + rows.middle;
    for (let i = 0; i < rows.count; i++) {
      made[0][i] = first + i * rows.step;
      made[1][i] = Number.isNaN(rows.low[i]) ? null : rows.low[i];
      made[2][i] = Number.isNaN(rows.low[i]) ? null : rows.high[i];
      made[3][i] = Number.isNaN(rows.mean[i]) ? null : rows.mean[i];
    }
    return made;
  }

  // Tables of lines as one table of all their times: uPlot draws across what is undefined, and breaks at null. Its own
  // `join` sorts what is sorted, and takes longer than all the drawing.
  function joined(tables) {
    const used = tables.filter(([times]) => times.length);
    const alike = used.every(([times]) => times.length === used[0][0].length && times[0] === used[0][0][0] && times.at(-1) === used[0][0].at(-1));
    if (alike && used.length === tables.length) return [tables[0][0], ...tables.flatMap((one) => one.slice(1))];
    const sorted = new Float64Array(used.reduce((sum, [times]) => sum + times.length, 0));
    used.reduce((place, [times]) => (sorted.set(times, place), place + times.length), 0);
    sorted.sort();
    const all = Array.from(sorted.filter((time, i) => i === 0 || time !== sorted[i - 1]));
    const columns = tables.flatMap(([times, ...values]) => {
      const made = values.map(() => new Array(all.length).fill(undefined));
      let place = 0;
      for (let row = 0; row < times.length; row++, place++) {
        while (all[place] !== times[row]) place++;
        for (const [i, column] of made.entries()) column[place] = values[i][row];
      }
      return made;
    });
    return [all, ...columns];
  }

  function room(low, high) {
    if (low === null || high === null) return [0, 1];
    const beyond = Math.max((high - low) * 0.06, 1e-4 * Math.max(1, Math.abs(high) * 1e-3));
    return [low - beyond, high + beyond];
  }

  function written(ticks) {
    const step = ticks.length > 1 ? ticks[1] - ticks[0] : 1;
    let decimals = 0;
    while (decimals < 8 && Math.abs(step * 10 ** decimals - Math.round(step * 10 ** decimals)) > 1e-3 * step * 10 ** decimals) decimals++;
    return ticks.map((tick) => tick.toFixed(decimals).replace("-", "−"));
  }

  function stroke(context, colour, dashes, [x1, y1, x2, y2]) {
    context.strokeStyle = colour;
    context.lineWidth = 1.4 * uPlot.pxRatio;
    context.setLineDash(dashes.map((length) => length * uPlot.pxRatio));
    context.beginPath();
    context.moveTo(x1, y1);
    context.lineTo(x2, y2);
    context.stroke();
  }
})();
