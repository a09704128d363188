"use strict";
// The charts of one run's page: its own line beside the benchmarks', on one axis of time.
orebody.embed((roots) => {
  const plots = Object.fromEntries(roots.map((root) => [root.tags[0], root]));
  const { y_range, x_range, left: [axis] } = plots.equity;
  const own = JSON.parse(document.getElementById("page").textContent);
  const { date } = plots.equity.renderers[0].data_source.data;
  const last = plots.equity.renderers.length - 1;
  for (const { renderers } of Object.values(plots)) {
    renderers[last].visible = own !== null;
    if (own) renderers[last].name = own.label;
    // on a phone a heavy benchmark would hide the run behind it
    if (matchMedia("(max-width: 36rem)").matches) renderers.forEach(({ glyph }) => { glyph.line_width = 1.3; });
  }
  if (own) {
    const [equity, drawdown] = [own.equity, own.drawdown].map(orebody.unpacked);
    plots.equity.renderers[last].data_source.data = { date, [`e${last}`]: equity, [`d${last}`]: drawdown };
  }
  const money = plots.equity.renderers.filter((line) => line.visible).map((line) => line.data_source.data[line.glyph.y.field]);
  const fit = () => { // Bokeh's own range does not look at the window on a logarithmic axis
    let [low, high] = [Infinity, -Infinity];
    for (const values of money) {
      for (let bar = 0; bar < date.length; bar += 1) {
        if (date[bar] < x_range.start || date[bar] > x_range.end || !(values[bar] > 0)) continue;
        low = Math.min(low, values[bar]);
        high = Math.max(high, values[bar]);
      }
    }
    if (low > high) return;
    const room = Math.max((high / low) ** 0.05, 1.01);
    y_range.setv({ start: low / room, end: high * room });
    axis.ticker = orebody.logTicks(y_range.start, y_range.end);
  };
  x_range.change.connect(fit);
  fit();
  orebody.follow(plots);
});
