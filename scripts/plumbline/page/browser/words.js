// How times, lengths of time and values are written.
(() => {
  const pad = (number) => String(number).padStart(2, "0");

  // 2015-04-24 08:15:00, seconds only where there are any.
  plumbline.time = (ms, seconds) => {
    const text = new Date(ms).toISOString();
    const short = seconds ?? ms % 60000 !== 0;
    return `${text.slice(0, 10)} ${text.slice(11, short ? 19 : 16)}`;
  };

  plumbline.day = (ms) => new Date(ms).toISOString().slice(0, 10);

  // Milliseconds since 1970 of a time that somebody typed; NaN if it is none.
  plumbline.parse = (text) => {
    const found = /^\s*(\d{4}-\d{2}-\d{2})(?:[T ]+(\d{1,2}:\d{2}(?::\d{2})?))?\s*(?:Z|UTC)?\s*$/i.exec(text);
    if (!found) return NaN;
    const clock = (found[2] ?? "00:00").padStart(5, "0");
    return Date.parse(`${found[1]}T${clock.length < 6 ? `${clock}:00` : clock.padStart(8, "0")}Z`);
  };

  plumbline.interval = (ms) => {
    const units = [["day", 86400000], ["h", 3600000], ["min", 60000], ["s", 1000]];
    const [name, length] = units.find(([, size]) => ms >= size && ms % size === 0) ?? ["ms", 1];
    return `${ms / length} ${name}`;
  };

  plumbline.span = (ms) => {
    const days = ms / 86400000;
    if (days >= 730) return `${(days / 365.25).toFixed(1)} years`;
    if (days >= 2) return `${days < 10 ? days.toFixed(1) : Math.round(days)} days`;
    if (days >= 1 / 12) return `${(days * 24).toFixed(1)} hours`;
    return `${(days * 1440).toFixed(1)} minutes`;
  };

  plumbline.stamp = (ms) => {
    const date = new Date(ms);
    const day = `${date.getUTCFullYear()}${pad(date.getUTCMonth() + 1)}${pad(date.getUTCDate())}`;
    return `${day}T${pad(date.getUTCHours())}${pad(date.getUTCMinutes())}Z`;
  };

  // As many decimals as the page has: see `DECIMALS` in pieces.py.
  plumbline.value = (number, unit) => {
    if (!Number.isFinite(number)) return "";
    const text = unit === "psi" || unit === "m" ? number.toFixed(4) : String(Number(number.toPrecision(7)));
    return text.replace("-", "−");
  };

  // Units as they are read: udunits write degree_Celsius.
  plumbline.unit = (unit) => ({ degree_Celsius: "°C", "1": "", deg_C: "°C", degrees: "°" })[unit] ?? unit;
})();
