/* Draws every [data-chart] from the JSON beside it, in the page's tokens; redraws when the theme or the width changes. */

const LOCALE = document.documentElement.lang || "en";
const compact = new Intl.NumberFormat(LOCALE, { notation: "compact", maximumFractionDigits: 1 });
const whole = new Intl.NumberFormat(LOCALE);
/* Korean counts in 만 and 억, never in 천. */
const short = { format: (value) => (LOCALE.startsWith("ko") && Math.abs(value) < 10_000 ? whole : compact).format(value) };

/* Days come as 2026-09-06 and are written as the reader's language does: short on the axis, whole on pointing. */
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const shortDay = new Intl.DateTimeFormat(LOCALE, { month: "short", day: "numeric", timeZone: "UTC" });
const wholeDay = new Intl.DateTimeFormat(LOCALE, { year: "numeric", month: "short", day: "numeric", weekday: "short", timeZone: "UTC" });
const spoken = (label, format) => (DAY.test(label) ? format.format(new Date(label)) : label);

/* Resolves a token to a plain colour: the library cannot read light-dark(). */
function colour(token) {
  const probe = document.createElement("span");
  probe.hidden = true;
  probe.style.color = `var(${token})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

function palette() {
  return {
    series: [1, 2, 3, 4, 5, 6].map((number) => colour(`--wf-series-${number}`)),
    ink: colour("--wf-ink"),
    soft: colour("--wf-ink-3"),
    line: colour("--wf-line"),
    surface: colour("--wf-raised"),
    low: colour("--wf-sunken"),
  };
}

function frame(paint) {
  return {
    color: paint.series,
    animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    animationDuration: 300,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: paint.soft },
    tooltip: {
      trigger: "item", backgroundColor: paint.surface, borderColor: paint.line, textStyle: { color: paint.ink, fontSize: 13 },
      valueFormatter: (value) => whole.format(value), confine: true,
      renderMode: "richText", // drawn on the canvas: HTML would need style attributes, which the policy forbids
    },
    aria: { enabled: true, decal: { show: false } },
  };
}

function axes({ kind, columns, rows }, paint) {
  const label = { color: paint.soft, hideOverlap: true };
  const days = { ...label, formatter: (value) => spoken(value, shortDay) };
  const stack = kind === "stacked" ? "all" : undefined;
  const type = kind === "bar" || kind === "stacked" ? "bar" : "line";
  return {
    tooltip: { trigger: "axis" },
    legend: columns.length > 2 ? { top: 0, left: 0, icon: "roundRect", itemWidth: 10, itemHeight: 10, textStyle: { color: paint.soft } } : undefined,
    grid: { left: 4, right: type === "line" ? 36 : 12, top: columns.length > 2 ? 36 : 12, bottom: 4, containLabel: true },
    xAxis: { type: "category", data: rows.map((row) => row[0]), boundaryGap: type === "bar", axisLabel: type === "line" ? { ...days, alignMinLabel: "left" } : days, axisPointer: { label: { formatter: ({ value }) => spoken(value, wholeDay) } }, axisTick: { show: false }, axisLine: { lineStyle: { color: paint.line } } },
    yAxis: { type: "value", axisLabel: { ...label, formatter: (value) => short.format(value) }, splitLine: { lineStyle: { color: paint.line } } },
    series: columns.slice(1).map((name, index) => ({
      name, type, stack, data: rows.map((row) => row[index + 1]), showSymbol: rows.length < 3, symbolSize: 6, lineStyle: { width: 2 },
      areaStyle: kind === "area" ? { opacity: 0.14 } : undefined, barMaxWidth: 28, itemStyle: type === "bar" ? { borderRadius: stack ? 0 : [3, 3, 0, 0] } : undefined,
    })),
  };
}

/* Its narrowest piece is wide enough for its words, on a phone too. */
function funnel({ rows }, paint, width) {
  return {
    series: [{
      type: "funnel", left: 0, right: 0, top: 4, bottom: 4, gap: 2, sort: "none", minSize: `${Math.max(12, Math.round(9000 / width))}%`,
      label: { position: "inside", formatter: ({ name, value }) => `${name}  ${whole.format(value)}`, color: paint.surface, textBorderWidth: 0 },
      itemStyle: { borderColor: paint.surface, borderWidth: 1 },
      data: rows.map(([name, value]) => ({ name, value })),
    }],
  };
}

/* Names stand to the right of their bars, those of the last bars too: there is room for them, and longer ones break. */
function sankey({ rows }, paint, width) {
  const room = width < 600 ? 96 : 168;
  const names = [...new Set(rows.flatMap(([from, to]) => [from, to]))];
  const gap = (width - room) / Math.max(1, deep(rows, names));
  return {
    series: [{
      type: "sankey", animationDuration: 300, left: 0, right: room, top: 8, bottom: 8, nodeGap: 14, nodeWidth: 10, draggable: false, data: names.map((name, index) => ({ name, itemStyle: { color: paint.series[index % 6] } })),
      links: rows.map(([source, target, value]) => ({ source, target, value })),
      lineStyle: { color: "gradient", opacity: 0.35 }, label: { color: paint.ink, width: Math.max(28, Math.min(room - 12, gap - 20)), overflow: "break" }, emphasis: { focus: "adjacency" },
    }],
  };
}

/* How wide a flow must be: a column of long names is not squeezed to single letters; a phone scrolls it sideways. */
function least({ kind, rows }) {
  if (kind !== "sankey") return 0;
  const names = [...new Set(rows.flatMap(([from, to]) => [from, to]))];
  return names.some((name) => name.length > 10) ? deep(rows, names) * 88 + 96 : 0;
}

/* How many columns a flow has: the most steps from its start. The rows lead nowhere back. */
function deep(rows, names) {
  const far = new Map(names.map((name) => [name, 0]));
  for (let round = 0; round < names.length; round += 1) {
    const before = [...far.values()].join();
    for (const [from, to] of rows) far.set(to, Math.max(far.get(to), far.get(from) + 1));
    if ([...far.values()].join() === before) break;
  }
  return Math.max(0, ...far.values());
}

function heat({ rows }, paint) {
  const across = [...new Set(rows.map((row) => row[1]))];
  const down = [...new Set(rows.map((row) => row[0]))].reverse();
  return {
    grid: { left: 4, right: 4, top: 4, bottom: 4, containLabel: true },
    xAxis: { type: "category", data: across, axisLabel: { color: paint.soft }, axisTick: { show: false }, axisLine: { show: false } },
    yAxis: { type: "category", data: down, axisLabel: { color: paint.soft }, axisTick: { show: false }, axisLine: { show: false } },
    visualMap: { show: false, min: 0, max: Math.max(1, ...rows.map((row) => row[2])), inRange: { color: [paint.low, paint.series[0]] } },
    series: [{ type: "heatmap", data: rows.map(([row, column, value]) => [column, row, value]), itemStyle: { borderColor: paint.surface, borderWidth: 2, borderRadius: 3 } }],
  };
}

const KINDS = { line: axes, area: axes, bar: axes, stacked: axes, funnel, sankey, heat };

/* A box that is folded away has no size: it is drawn when it is opened. */
function draw(box) {
  if (!box.clientWidth) return;
  const data = JSON.parse(document.getElementById(box.dataset.chart).textContent);
  box.style.minWidth = `${least(data)}px`;
  const paint = palette();
  const general = frame(paint);
  const special = KINDS[data.kind](data, paint, box.clientWidth);
  const chart = window.echarts.getInstanceByDom(box) ?? window.echarts.init(box, null, { renderer: "canvas" });
  chart.setOption({ ...general, ...special, tooltip: { ...general.tooltip, ...special.tooltip } }, true);
}

function drawAll(root = document) {
  root.querySelectorAll("[data-chart]").forEach((box) => {
    draw(box);
    if (box.dataset.watched) return;
    box.dataset.watched = "yes";
    new ResizeObserver(() => {
      const chart = window.echarts.getInstanceByDom(box);
      if (chart) chart.resize();
      else draw(box);
    }).observe(box);
  });
}

drawAll();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawAll());
document.addEventListener("htmx:load", (event) => drawAll(event.target));
