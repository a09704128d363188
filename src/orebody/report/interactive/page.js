"use strict";
// The page's own script: sorts the ranking, and picks runs, measures, windows and colours in charts that Bokeh draws.
(() => {
  const byId = (id) => document.getElementById(id);
  const all = (what) => [...document.querySelectorAll(what)];
  const MISSING = "–";

  // ---- the ranking sorts by any column; what does not exist comes last either way ----
  const ranking = byId("ranking");
  const body = ranking.tBodies[0];
  const heads = [...ranking.tHead.rows[0].cells];

  const sortBy = (column, descending) => {
    const text = heads[column].querySelector("button").dataset.kind === "text";
    const key = (row) => (text ? row.cells[column].textContent.trim() : row.cells[column].dataset.number);
    const compare = (one, two) => {
      const [a, b] = [key(one), key(two)];
      if (a === undefined || b === undefined) return (a === undefined) - (b === undefined);
      const order = text ? a.localeCompare(b) : Number(a) - Number(b);
      return descending ? -order : order;
    };
    body.append(...[...body.rows].sort(compare));
    heads.forEach((head, at) => {
      if (at === column) head.setAttribute("aria-sort", descending ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    });
  };
  heads.forEach((head, at) => {
    const button = head.querySelector("button");
    button.addEventListener("click", () => {
      const sorted = head.getAttribute("aria-sort");
      sortBy(at, sorted ? sorted === "ascending" : button.dataset.kind !== "text");
    });
  });

  if (!byId("page")) return orebody.embed();

  // ---- figures as people read them ----
  const fixed = (digits) => new Intl.NumberFormat("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const [two, four, most] = [fixed(2), fixed(4), new Intl.NumberFormat("en-US", { maximumSignificantDigits: 7 })];
  const whole = fixed(0);
  const money = (value) => (Math.abs(value) >= 100_000 ? whole : two).format(value); // cents of a million are noise
  const share = (value) => `${two.format(100 * value)} %`;
  const day = (time) => new Date(time).toISOString().slice(0, 10);

  const page = JSON.parse(byId("page").textContent);
  const fills = Object.fromEntries(Object.entries(page.fills).map(([name, packed]) => [name, orebody.unpacked(packed)]));

  const MEASURES = {
    money: { column: "e", title: "Equity in money", axis: "Equity", ticks: "0,0.[00]a", exact: "0,0.00", show: money,
      note: "Contributions included: what lies in the account at each close." },
    growth: { column: "g", title: "Growth of 1, time-weighted", axis: "Growth of 1", ticks: "0,0.[00]", exact: "0.0000", show: (value) => four.format(value),
      note: "What 1 became since the first day, whenever money was put in; a shorter window still shows it since then, not from 1 on." },
  };
  const SHOWN = { // what the key says for the chart under the pointer
    equity: () => ({ ...MEASURES[measure], name: MEASURES[measure].axis }),
    drawdown: () => ({ column: "d", show: share, name: "Drawdown" }),
    beta: () => ({ column: "b", show: two.format, name: "Beta" }),
  };
  let measure = "money";

  const { follow, logTicks, make } = orebody;

  const wire = (roots) => {
    const plots = Object.fromEntries(roots.map((root) => [root.tags[0], root]));
    const together = Object.keys(SHOWN).filter((name) => name in plots).map((name) => plots[name]);
    const source = plots.equity.renderers[0].data_source;
    const { date } = source.data;
    const { x_range } = plots.equity;
    const whole = [x_range.start, x_range.end];
    const last = date.length - 1;
    const lines = (run) => together.map((plot) => plot.renderers[run]);
    const hover = (plot) => plot.toolbar.tools.find((tool) => tool.type === "HoverTool");

    // ---- runs: in full, faint, or hidden ----
    const state = page.runs.map((run) => run.state);
    const buttons = page.runs.map((run, at) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "run";
      if (run.benchmark) button.dataset.benchmark = "";
      button.innerHTML = '<svg width="26" height="10" aria-hidden="true"><line x1="1" y1="5" x2="25" y2="5"/></svg>';
      const line = button.querySelector("line");
      const color = { ink: "var(--ink)", soft: "var(--soft)" }[run.color] ?? run.color;
      line.style.cssText = `stroke:${color};stroke-width:${run.width};stroke-dasharray:${run.dash.join(",") || "none"}`;
      for (const [name, text] of [["name", run.label], ["now", ""]]) {
        const span = document.createElement("span");
        span.className = name;
        span.textContent = text;
        button.append(span);
      }
      button.title = run.label;
      button.addEventListener("click", () => {
        state[at] = state[at] === "full" ? "hidden" : "full";
        all('input[name="draw"]').forEach((input) => { input.checked = false; });
        draw(at);
        fit();
      });
      return button;
    });
    // the benchmarks first: of many runs the key has only the top in view
    for (const benchmark of [true, false]) {
      buttons.filter((_, at) => page.runs[at].benchmark === benchmark).forEach((button) => {
        const item = document.createElement("li");
        item.append(button);
        byId("key").append(item);
      });
    }

    const press = (at) => buttons[at].setAttribute("aria-pressed", { full: "true", faint: "mixed", hidden: "false" }[state[at]]);
    const draw = (at) => {
      press(at);
      // Bokeh warns of a range that nothing visible is in: with all runs hidden it spans the hidden ones
      const some = state.some((one) => one !== "hidden");
      for (const { y_range } of together) if ("only_visible" in y_range) y_range.only_visible = some;
      for (const line of lines(at)) {
        line.glyph.line_alpha = state[at] === "faint" ? 0.3 : 1;
        line.glyph.line_width = state[at] === "faint" ? 1 : widthOf(page.runs[at]);
        line.level = state[at] === "faint" ? "underlay" : "glyph";
        line.visible = state[at] !== "hidden";
      }
    };
    // on a phone a heavy benchmark would hide the runs behind it
    const narrow = matchMedia("(max-width: 36rem)");
    const widthOf = (run) => (narrow.matches ? Math.min(run.width, 1.3) : run.width);
    narrow.addEventListener("change", () => page.runs.forEach((_, at) => draw(at)));
    const drawSome = (which) => {
      page.runs.forEach((run, at) => {
        const chosen = run.benchmark || which === "all" || (which === "best" && run.state === "full");
        state[at] = chosen ? "full" : which === "best" ? "faint" : "hidden";
        draw(at);
      });
      fit();
    };

    // ---- the key says each run's value where the pointer is, and at the end otherwise ----
    const say = (name, bar) => {
      const { column, show, name: title } = SHOWN[name]();
      byId("key-title").textContent = bar === last ? `${title} at the end, ${day(date[last])}` : `${title} on ${day(date[bar])}`;
      buttons.forEach((button, at) => {
        const value = source.data[`${column}${at}`][bar];
        button.querySelector(".now").textContent = Number.isNaN(value) ? MISSING : show(value);
      });
    };
    const nearest = (time) => {
      let [low, high] = [0, last];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (date[middle] < time) low = middle + 1;
        else high = middle;
      }
      return low > 0 && time - date[low - 1] < date[low] - time ? low - 1 : low;
    };
    for (const name of Object.keys(SHOWN).filter((one) => one in plots)) {
      plots[name].on_event("mousemove", (event) => say(name, nearest(event.x)));
      plots[name].on_event("tap", (event) => say(name, nearest(event.x)));
      plots[name].on_event("mouseleave", () => say("equity", last));
    }

    // ---- money or time-weighted, linear or logarithmic ----
    const measureBy = (name) => {
      measure = name;
      const { column, title, axis, ticks, exact, note } = MEASURES[name];
      plots.equity.renderers.forEach((renderer, at) => { renderer.glyph.y = { field: `${column}${at}` }; });
      plots.equity.left[0].formatter = make("NumeralTickFormatter", { format: ticks });
      hover(plots.equity).tooltips = [["", "$name"], ["on", "$snap_x{%F}"], [axis, `$snap_y{${exact}}`]];
      byId("equity-title").textContent = title;
      byId("equity-note").textContent = note;
      say("equity", last);
      fit();
    };
    let scale = "log";
    // the range of what is drawn in the window: Bokeh's own does not look at the window on a logarithmic axis
    const fit = () => {
      const { column } = MEASURES[measure];
      const [from, to] = [nearest(x_range.start), nearest(x_range.end)];
      let [low, high] = [Infinity, -Infinity];
      page.runs.forEach((_, at) => {
        if (state[at] === "hidden") return;
        const values = source.data[`${column}${at}`]; // not by subarray, which Bokeh's arrays give whole
        for (let bar = from; bar <= to; bar += 1) {
          const value = values[bar];
          if (scale === "log" && !(value > 0)) continue;
          if (value < low) low = value;
          if (value > high) high = value;
        }
      });
      if (low > high) return;
      const { y_range, left: [axis] } = plots.equity;
      if (scale === "log") {
        const room = Math.max((high / low) ** 0.05, 1.01);
        y_range.setv({ start: low / room, end: high * room });
      } else {
        const room = 0.05 * (high - low || Math.abs(high) || 1);
        y_range.setv({ start: low - room, end: high + room });
      }
      axis.ticker = scale === "log" ? logTicks(y_range.start, y_range.end) : make("BasicTicker");
    };
    const scaleBy = (name) => {
      scale = name;
      plots.equity.y_scale = make(scale === "log" ? "LogScale" : "LinearScale");
      fit();
    };
    // the last so many years, or all there is where that is less; a hundredth of the window is left free at the end
    const windowOf = (years) => {
      const since = new Date(date[last]);
      since.setUTCFullYear(since.getUTCFullYear() - years);
      const start = since.getTime();
      return years && start > date[0] ? [start, Math.min(whole[1], date[last] + 0.01 * (date[last] - start))] : whole;
    };
    // a period stays pressed only while its window is what is seen, so that after a zoom each of them can be pressed again
    const pressPeriod = () => {
      const inputs = all('input[name="period"]');
      const seen = inputs.find((input) => windowOf(Number(input.value)).every((end, at) => end === [x_range.start, x_range.end][at]));
      inputs.forEach((input) => { input.checked = input === seen; });
    };
    x_range.change.connect(() => {
      fit();
      pressPeriod();
    });

    // ---- one strategy in detail ----
    const stacked = (at) => {
      const [metal, miners] = [source.data[`m${at}`], source.data[`n${at}`]];
      const parts = { metal, miners, cash: Float64Array.from(metal, (one, bar) => 1 - one - miners[bar]) };
      const [up, down] = [new Float64Array(date.length), new Float64Array(date.length)];
      const data = { date };
      for (const [name, values] of Object.entries(parts)) {
        const [from, to] = [new Float64Array(date.length), new Float64Array(date.length)];
        values.forEach((value, bar) => {
          const side = value >= 0 ? up : down;
          from[bar] = side[bar];
          to[bar] = side[bar] += value;
        });
        data[`${name}0`] = from;
        data[`${name}1`] = to;
      }
      return data;
    };
    const marked = (at) => {
      const data = { date: [], ratio: [], marker: [], color: [], size: [], what: [], why: [] };
      const bars = new Map(); // a bar's fills share one mark
      fills.run.forEach((run, fill) => {
        if (run !== at) return;
        const bar = fills.bar[fill];
        bars.set(bar, [...(bars.get(bar) ?? []), fill]);
      });
      for (const [bar, some] of bars) {
        const miners = some.filter((fill) => fills.ticker[fill] > 0).reduce((sum, fill) => sum + fills.units[fill] * fills.price[fill], 0);
        const told = some.map((fill) => `${fills.units[fill] > 0 ? "bought" : "sold"} ${most.format(Math.abs(fills.units[fill]))} ${page.tickers[fills.ticker[fill]]} at ${most.format(fills.price[fill])}`);
        data.date.push(date[bar]);
        data.ratio.push(source.data.ratio[bar]);
        data.marker.push(miners > 0 ? "triangle" : miners < 0 ? "inverted_triangle" : "circle");
        data.color.push(miners > 0 ? "#009E73" : miners < 0 ? "#D55E00" : "#E69F00");
        const decided = some.some((fill) => page.reasons[fills.reason[fill]] !== "invest");
        data.size.push(decided ? (miners ? 10 : 7) : 4);
        data.what.push(`${day(date[bar])}: ${told.join(", ")}`);
        data.why.push([...new Set(some.map((fill) => page.reasons[fills.reason[fill]]))].join(", "));
      }
      return data;
    };
    const shaded = (at) => {
      const [equity, put_in] = [source.data[`e${at}`], source.data[`p${at}`]];
      const [above, below] = [Math.max, Math.min].map((which) => Float64Array.from(equity, (value, bar) => which(value, put_in[bar])));
      return { date, put_in, above, below };
    };
    const detail = (at) => {
      const [profit, , value, putIn] = plots.value.renderers;
      profit.data_source.data = shaded(at);
      value.glyph.y = { field: `e${at}` };
      putIn.glyph.y = { field: `p${at}` };
      plots.allocation.renderers[0].data_source.data = stacked(at);
      const marks = marked(at);
      plots.ratio.renderers[1].data_source.data = marks;
      const [worth, paid] = [source.data[`e${at}`][last], source.data[`p${at}`][last]];
      const count = marks.date.length;
      byId("detail-words").textContent = `${page.runs[at].label}: ${money(paid)} put in became ${money(worth)}; ` +
        (count ? `it traded on ${count.toLocaleString("en-US")} ${count === 1 ? "bar" : "bars"}.` : "it never traded.");
      const own = byId("own-page");
      own.hidden = !page.runs[at].page;
      if (page.runs[at].page) own.href = page.runs[at].page;
      all(".of-run").forEach((one) => { one.hidden = one.dataset.run !== String(at); });
    };

    const onPick = (name, does) => all(`input[name="${name}"]`).forEach((input) => input.addEventListener("change", () => does(input.value)));
    onPick("measure", measureBy);
    onPick("scale", scaleBy);
    onPick("period", (years) => {
      const [start, end] = windowOf(Number(years));
      x_range.setv({ start, end });
    });
    onPick("draw", drawSome);
    byId("which").addEventListener("change", (event) => detail(Number(event.target.value)));
    page.runs.forEach((_, at) => draw(at));
    say("equity", last);
    fit();
    follow(plots);
    detail(page.picked);
  };

  orebody.embed(wire);
})();
