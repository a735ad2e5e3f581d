// Where numbers come from: the overview in the page, and pieces beside it, which are loaded when they are looked at.
(() => {
  const DAY_MS = 86400000;
  const NAMES = { 15000: "15s", 240000: "4min", 3600000: "1h", 86400000: "1D" };
  // Unpacked pieces that are kept, a megabyte each; as many at least as lines are shown of, and what is beside that.
  plumbline.mostPieces = 60;

  const loaded = new Map();
  const asked = new Set();
  const lost = new Set();
  plumbline.onLoad = () => {};
  plumbline.isLoading = () => asked.size > 0;
  plumbline.lost = lost;

  // Each piece calls this.
  plumbline.take = (name, packed) => {
    loaded.set(name, { start: packed.start, rows: packed.rows, ...plumbline.columns(packed, packed.rows) });
    for (const oldest of loaded.keys()) {
      if (loaded.size <= plumbline.mostPieces) break;
      loaded.delete(oldest);
    }
  };

  // Pages of a disk may not fetch, but they may run a script.
  function ask(name) {
    if (asked.has(name) || lost.has(name) || loaded.has(name)) return;
    asked.add(name);
    const script = document.createElement("script");
    const end = (found) => {
      asked.delete(name);
      if (!found) lost.add(name);
      script.remove();
      plumbline.onLoad();
    };
    script.onload = () => end(loaded.has(name));
    script.onerror = () => end(false);
    script.src = `page/${name}.js`;
    document.head.append(script);
  }

  function nameOf(line, level, number) {
    const day = new Date(number * level.days * DAY_MS).toISOString().slice(0, 10);
    return `${line.name}/${line.quantity}/${NAMES[level.step] ?? `${level.step}ms`}/${day}`;
  }

  function piece(name, wanted) {
    const found = loaded.get(name);
    if (found) {
      // The one used last goes last.
      loaded.delete(name);
      loaded.set(name, found);
    } else if (wanted) {
      ask(name);
    }
    return found;
  }

  // Parts of a level that [from, to] touches; `complete` tells whether all of them are here. If they are wanted, what
  // is not here is asked for.
  function parts(line, level, from, to, wanted) {
    if (level.whole !== undefined) {
      if (level.whole && !level.unpacked) {
        level.unpacked = { start: level.whole.start, rows: level.whole.rows, ...plumbline.columns(level.whole, level.whole.rows) };
      }
      return { complete: true, found: level.unpacked ? [level.unpacked] : [] };
    }
    if (level.beside) {
      const one = piece(level.beside, wanted);
      return { complete: Boolean(one), found: one ? [one] : [] };
    }
    level.there ??= new Set(level.pieces);
    const length = level.days * DAY_MS;
    const found = [];
    let complete = true;
    for (let number = Math.floor(from / length); number <= Math.floor(to / length); number++) {
      if (!level.there.has(number)) continue;
      const one = piece(nameOf(line, level, number), wanted);
      if (one) found.push(one);
      else complete = false;
    }
    return { complete, found };
  }

  // The coarsest level that has two rows for every three pixels: with the least and the greatest value of each, more
  // would look the same.
  function placeOf(levels, msPerPixel) {
    let place = 0;
    while (place + 1 < levels.length && levels[place + 1].step <= 1.5 * msPerPixel) place++;
    return place;
  }

  // A line's rows in [from, to], as fine as can be seen; coarser while finer ones are on their way.
  plumbline.rows = (line, from, to, msPerPixel) => {
    const levels = line.levels;
    let place = placeOf(levels, msPerPixel);
    let got = parts(line, levels[place], from, to, true);
    while (!got.complete && place + 1 < levels.length) got = parts(line, levels[++place], from, to, false);
    return filled(line, levels[place].step, got.found, from, to);
  };

  function filled(line, step, found, from, to) {
    // One row beyond either end, so that lines run out of the picture; none outside of the record.
    const first = Math.max(Math.floor(from / step) - 1, Math.floor(line.begin / step));
    const last = Math.min(Math.ceil(to / step) + 1, Math.ceil(line.end / step) - 1);
    const count = Math.max(last - first + 1, 0);
    const columns = { mean: new Float64Array(count).fill(NaN), low: null, high: null };
    columns.low = columns.mean.slice();
    columns.high = columns.mean.slice();
    for (const part of found) {
      const offset = Math.round(part.start / step) - first;
      const begin = Math.max(0, -offset);
      const end = Math.min(part.rows, count - offset);
      if (begin >= end) continue;
      for (const name of ["mean", "low", "high"]) columns[name].set(part[name].subarray(begin, end), offset + begin);
    }
    // A row's time is where it begins, or the middle of the first of its 15 s; it is drawn in the middle of it all.
    const middle = line.centred ? (step - line.base) / 2 : step / 2;
    return { step, start: first * step, count, middle, extremes: step > line.base || line.extremes, ...columns };
  }

  // Pieces beside those that are shown, so that panning finds them.
  plumbline.prefetch = (line, from, to, msPerPixel) => {
    const level = line.levels[placeOf(line.levels, msPerPixel)];
    const span = to - from;
    if (level.pieces) parts(line, level, from - span, to + span, true);
  };
})();
