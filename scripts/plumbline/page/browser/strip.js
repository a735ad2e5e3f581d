// The strip under the lines: how much of each day is there, and where the gaps are.
(() => {
  const DAY_MS = 86400000;
  plumbline.COVERAGE = [
    ["99 % or more", "#0072B2"],
    ["50 to 99 %", "#56B4E9"],
    ["less", "#E69F00"],
    ["gap", "#D55E00"],
  ];
  const UNKNOWN = "#bbbbbb";
  const HEIGHT = 12;
  // Up to so much in a pixel, gaps that are shorter are drawn, too.
  const NEAR_MS = 1800000;

  function colour(thousandths) {
    if (thousandths === null) return UNKNOWN;
    const place = thousandths >= 990 ? 0 : thousandths >= 500 ? 1 : thousandths > 0 ? 2 : 3;
    return plumbline.COVERAGE[place][1];
  }

  // The least coverage of the days that a stretch touches; undefined outside of the record.
  function least(strip, from, to) {
    let found;
    for (let day = Math.floor(from / DAY_MS); day <= Math.floor(to / DAY_MS); day++) {
      const used = strip.used[day - strip.first];
      if (used !== undefined && (found === undefined || used === null || used < found)) found = used;
    }
    return found;
  }

  plumbline.STRIP_HEIGHT = HEIGHT;

  plumbline.drawStrip = (canvas, strip, view, left, width) => {
    const ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(HEIGHT * ratio);
    Object.assign(canvas.style, { width: `${width}px`, height: `${HEIGHT}px`, marginLeft: `${left}px` });
    const context = canvas.getContext("2d");
    const msPerPixel = (view.to - view.from) / canvas.width;
    // Near, each gap is drawn where it is, and its day does not show it once more.
    const near = msPerPixel <= NEAR_MS && strip.gaps.length === strip.gaps_in_all;
    for (let x = 0; x < canvas.width; x++) {
      const from = view.from + x * msPerPixel;
      const used = least(strip, from, from + msPerPixel - 1);
      if (used === undefined) continue;
      context.fillStyle = colour(near && used !== null ? 1000 : used);
      context.fillRect(x, 0, 1, canvas.height);
    }
    // One by one where there is room; from afar, short ones would look like days.
    context.fillStyle = plumbline.COVERAGE[3][1];
    for (const [begin, end] of strip.gaps) {
      if (end < view.from || begin > view.to || (!near && end - begin < msPerPixel)) continue;
      const x = (begin - view.from) / msPerPixel;
      context.fillRect(x, 0, Math.max((end - begin) / msPerPixel, ratio), canvas.height);
    }
  };

  plumbline.coverageAt = (strip, ms) => {
    const used = strip.used[Math.floor(ms / DAY_MS) - strip.first];
    if (used === undefined) return "outside of the record";
    const day = used === null ? "coverage not known" : `${(used / 10).toFixed(1)} % of the day`;
    const gap = strip.gaps.find(([begin, end]) => begin <= ms && ms < end);
    if (!gap) return day;
    const reason = strip.reasons[gap[2]];
    return `${day}; gap ${plumbline.time(gap[0])} to ${plumbline.time(gap[1])}${reason ? `: ${reason}` : ""}`;
  };
})();
