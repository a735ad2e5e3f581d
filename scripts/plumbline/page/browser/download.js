// What is shown, as CSV: a row for each value of each line in the window.
(() => {
  const iso = (ms) => {
    const text = new Date(ms).toISOString();
    return ms % 1000 ? text : `${text.slice(0, 19)}Z`;
  };
  const number = (value) => (Number.isFinite(value) ? String(Number(value.toPrecision(12))) : "");
  const quoted = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

  plumbline.csv = (panels, view) => {
    const rows = ["time,stream,instrument,quantity,unit,interval_s,mean,min,max,origin,drift"];
    for (const panel of panels) {
      for (const line of panel.visible) {
        const shown = panel.views.get(line);
        // Times are those of the tables: the beginning of an interval, the middle of OOI's 15 s.
        const about = [line.name, line.station, line.quantity, line.unit, shown.step / 1000].map((one) => quoted(String(one))).join(",");
        const origin = quoted(`${line.synthetic ? line.synthetic : "OOI"}`);
        const drift = quoted(line.drift);
        for (let i = 0; i < shown.count; i++) {
          const middle = shown.start + i * shown.step + shown.middle;
          if (middle < view.from || middle > view.to) continue;
          const values = [shown.mean[i], shown.low[i], shown.high[i]].map(number).join(",");
          rows.push(`${iso(shown.start + i * shown.step)},${about},${values},${origin},${drift}`);
        }
      }
    }
    return `${rows.join("\n")}\n`;
  };

  plumbline.download = (name, text) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
})();
