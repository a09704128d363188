"use strict";
// What every page with Bokeh's charts does: embed them, and follow the page's width and its light, dark and paper.
const orebody = (() => {
  const ready = () => {
    performance.mark("ready");
    document.documentElement.dataset.ready = "yes";
  };
  const unpacked = ({ kind, bytes }) => {
    const raw = Uint8Array.from(atob(bytes), (one) => one.charCodeAt(0));
    return new { int32: Int32Array, uint16: Uint16Array, float32: Float32Array, float64: Float64Array }[kind](raw.buffer);
  };
  const put = (model, settings) => model.setv(Object.fromEntries(Object.entries(settings).filter(([name]) => name in model.properties)));
  const make = (name, settings = {}) => new (Bokeh.Models.get(name))(settings);

  // a logarithmic axis gets few ticks over many decades, more over few, and even ones where it is nearly linear
  const logTicks = (low, high) => {
    const decades = Math.log10(high / low);
    const steps = decades > 3.2 ? [1] : decades > 1.7 ? [1, 2, 5] : decades > 0.5 ? [1, 1.5, 2, 3, 5, 7] : null;
    if (!steps || !(low > 0)) return make("BasicTicker");
    const ticks = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power += 1) ticks.push(...steps.map((step) => step * 10 ** power));
    return make("FixedTicker", { ticks });
  };

  const follow = (plots) => {
    // as many dates on the axis as have room for their names
    const tickBy = () => {
      for (const plot of Object.values(plots)) {
        put(plot.below[0].ticker, { desired_num_ticks: Math.min(12, Math.max(3, Math.round(plot.inner_width / 80))) });
      }
    };
    addEventListener("resize", tickBy);
    let paper = false;
    const paint = () => {
      const style = getComputedStyle(document.documentElement);
      const light = { ink: "#000000", soft: "#444444", line: "#999999" };
      const color = paper ? light : Object.fromEntries(["ink", "soft", "line"].map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
      for (const plot of Object.values(plots)) {
        const words = { major_label_text_color: color.soft, axis_label_text_color: color.soft, title_text_color: color.soft };
        for (const axis of [...plot.left, ...plot.below]) put(axis, { ...words, axis_line_color: color.line, major_tick_line_color: color.line });
        for (const one of plot.center) {
          put(one, { grid_line_color: color.line, grid_line_alpha: 0.5 });
          const own = one.tags.find((tag) => tag in color);
          if (own) put(one, { line_color: color[own], text_color: color[own] });
        }
        for (const { tags, glyph } of plot.renderers) {
          const own = (tags ?? []).find((tag) => tag in color);
          if (!own) continue;
          if (tags.includes("fill")) glyph.fill_color = color[own];
          if (!tags.includes("fill") || tags.includes("stroke")) glyph.line_color = color[own];
        }
      }
    };
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
    for (const [event, printing] of [["beforeprint", true], ["afterprint", false]]) {
      addEventListener(event, () => {
        paper = printing;
        paint();
      });
    }
    if (matchMedia("(pointer: coarse)").matches) { // a finger that drags wants to scroll the page
      for (const plot of Object.values(plots)) plot.toolbar.active_drag = null;
    }
    paint();
    tickBy();
  };

  // the charts that a page's own script wires, and the pictures of research, which need no more than to follow the page
  const embed = async (wire) => {
    const charts = { document: wire, pictures: (roots) => follow(roots) };
    try {
      for (const [id, done] of Object.entries(charts)) {
        const data = document.getElementById(id);
        if (!data) continue;
        if (typeof Bokeh === "undefined") throw new Error("bokeh.min.js is not beside this page, where its report's folder has it");
        const { docs, items } = JSON.parse(data.textContent);
        await Bokeh.embed.embed_items(docs, items);
        done(Bokeh.documents.at(-1).roots());
      }
    } catch (error) {
      document.getElementById("failed").textContent = `The charts could not be drawn: ${error.message}. The tables are whole.`;
    }
    ready();
  };
  return { embed, follow, logTicks, make, ready, unpacked };
})();
