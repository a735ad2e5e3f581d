// Moving about: mouse, touch and keys become pans and zooms of the window of time.
(() => {
  const PAN = 0.1;
  const ZOOM = 1.6;

  // Returns a function that listens to a plot; `app` has view, show(from, to), and point(ms).
  plumbline.movement = (app) => {
    const fingers = new Map();
    let grip = null;

    const timeAt = (area, x) => {
      const box = area.getBoundingClientRect();
      return app.view.from + ((x - box.left) / box.width) * (app.view.to - app.view.from);
    };

    // What is held: one finger holds a time, two hold two.
    const take = (area) => {
      grip = { area, times: [...fingers.values()].map((x) => timeAt(area, x)) };
    };

    const follow = () => {
      const box = grip.area.getBoundingClientRect();
      const places = [...fingers.values()].map((x) => (x - box.left) / box.width);
      let span = app.view.to - app.view.from;
      if (places.length === 2 && Math.abs(places[1] - places[0]) > 0.02) {
        span = Math.abs((grip.times[1] - grip.times[0]) / (places[1] - places[0]));
      }
      const from = grip.times[0] - places[0] * span;
      app.show(from, from + span);
    };

    return (area) => {
      let mark = null;
      area.addEventListener("pointerdown", (event) => {
        if (event.button) return;
        area.setPointerCapture(event.pointerId);
        fingers.set(event.pointerId, event.clientX);
        if (event.shiftKey) mark = { from: timeAt(area, event.clientX), x: event.clientX };
        else if (fingers.size <= 2) take(area);
      });
      area.addEventListener("pointermove", (event) => {
        if (!fingers.has(event.pointerId)) return;
        fingers.set(event.pointerId, event.clientX);
        if (mark) {
          app.select(area, mark.x, event.clientX);
        } else if (grip) {
          area.classList.add("dragged");
          follow();
        }
      });
      const release = (event) => {
        if (!fingers.delete(event.pointerId)) return;
        area.classList.remove("dragged");
        if (mark) {
          app.select(area, 0, 0);
          const to = timeAt(area, event.clientX);
          if (Math.abs(event.clientX - mark.x) > 4) app.show(Math.min(mark.from, to), Math.max(mark.from, to));
          mark = null;
        }
        grip = null;
        if (fingers.size) take(area);
      };
      area.addEventListener("pointerup", release);
      area.addEventListener("pointercancel", release);
      area.addEventListener("dblclick", (event) => zoom(timeAt(area, event.clientX), 1 / 4));
      area.addEventListener(
        "wheel",
        (event) => {
          event.preventDefault();
          const unit = event.deltaMode === 1 ? 30 : 1;
          if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
            pan((event.deltaX * unit) / area.clientWidth);
          } else {
            zoom(timeAt(area, event.clientX), 1.0018 ** (event.deltaY * unit));
          }
        },
        { passive: false },
      );
    };

    function zoom(middle, factor) {
      const { from, to } = app.view;
      app.show(middle - (middle - from) * factor, middle + (to - middle) * factor);
    }

    function pan(share) {
      const { from, to } = app.view;
      app.show(from + (to - from) * share, to + (to - from) * share);
    }
  };

  const middle = (app) => app.reading ?? (app.view.from + app.view.to) / 2;

  const around = (app, factor) => {
    const span = (app.view.to - app.view.from) * factor;
    const share = (middle(app) - app.view.from) / (app.view.to - app.view.from);
    const from = middle(app) - span * share;
    app.show(from, from + span);
  };

  const along = (app, share) => {
    const { from, to } = app.view;
    app.show(from + (to - from) * share, to + (to - from) * share);
  };

  plumbline.steps = {
    back: (app) => along(app, -PAN),
    on: (app) => along(app, PAN),
    pageBack: (app) => along(app, -1),
    pageOn: (app) => along(app, 1),
    in: (app) => around(app, 1 / ZOOM),
    out: (app) => around(app, ZOOM),
    begin: (app) => app.show(app.whole.from, app.whole.from + app.view.to - app.view.from),
    end: (app) => app.show(app.whole.to - (app.view.to - app.view.from), app.whole.to),
    all: (app) => app.show(app.whole.from, app.whole.to),
    readBack: (app) => app.step(-1),
    readOn: (app) => app.step(1),
  };

  const KEYS = {
    ArrowLeft: "back", ArrowRight: "on", PageUp: "pageBack", PageDown: "pageOn",
    "+": "in", "=": "in", "-": "out", "−": "out", Home: "begin", End: "end", 0: "all",
  };

  // The step that a key asks for, if any.
  plumbline.stepOf = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return null;
    if (event.shiftKey && event.key === "ArrowLeft") return "readBack";
    if (event.shiftKey && event.key === "ArrowRight") return "readOn";
    return KEYS[event.key] ?? null;
  };
})();
