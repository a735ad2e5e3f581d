"use strict";
// Packed numbers become columns again; what is packed, and why so, stands in packing.py.
const plumbline = {};

(() => {
  const BLOCK = 128;

  // Whole numbers below 2^32, of base64: widths of all blocks, then their bits, the lowest of each number first.
  function unpack(text, count) {
    const bytes = atob(text);
    const blocks = Math.ceil(count / BLOCK);
    const numbers = new Uint32Array(blocks * BLOCK);
    let place = blocks;
    let next = 0;
    for (let block = 0; block < blocks; block++) {
      const size = 2 ** bytes.charCodeAt(block);
      // Sums of bytes instead of shifts, which would end at 32 bits.
      let held = 0;
      let scale = 1;
      for (let i = 0; i < BLOCK; i++) {
        while (scale < size) {
          held += bytes.charCodeAt(place++) * scale;
          scale *= 256;
        }
        const rest = Math.floor(held / size);
        numbers[next++] = held - rest * size;
        held = rest;
        scale /= size;
      }
    }
    return numbers;
  }

  // Mean, least and greatest value of every row, NaN where there is none; low and high are mean where they are not kept.
  plumbline.columns = (packed, rows) => {
    const present = packed.runs.reduce((sum, length, i) => sum + (i % 2 ? length : 0), 0);
    const steps = unpack(packed.mean, Math.max(present - 1, 0));
    const below = packed.low === undefined ? null : unpack(packed.low, present);
    const above = packed.high === undefined ? null : unpack(packed.high, present);
    const scale = 10 ** Math.abs(packed.decimals);
    const value = packed.decimals >= 0 ? (whole) => whole / scale : (whole) => whole * scale;
    const mean = new Float64Array(rows).fill(NaN);
    const low = below ? mean.slice() : mean;
    const high = above ? mean.slice() : mean;
    let row = 0;
    let kept = 0;
    let whole = packed.first;
    packed.runs.forEach((length, i) => {
      if (i % 2 === 0) {
        row += length;
        return;
      }
      for (const end = row + length; row < end; row++, kept++) {
        if (kept) {
          const step = steps[kept - 1];
          whole += step % 2 ? -(step + 1) / 2 : step / 2;
        }
        mean[row] = value(whole);
        if (below) low[row] = value(whole - below[kept]);
        if (above) high[row] = value(whole + above[kept]);
      }
    });
    // Of too little of their time: the mean of half a tide is none.
    row = 0;
    (packed.thin ?? []).forEach((length, i) => {
      if (i % 2) mean.fill(NaN, row, row + length);
      row += length;
    });
    return { mean, low, high };
  };
})();
