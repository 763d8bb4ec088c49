/** Calls, tokens and cost over time, drawn by uPlot; each chart can be read as a table, too. */

import { get } from "./connection.js";
import { button, element } from "./elements.js";
import { bucket, mark, money, short, whole } from "./words.js";

const SPANS = { "1h": "Hour", "24h": "Day", "7d": "Week", "30d": "30 days", all: "All" };
const HEIGHT = 160;
const PATIENCE = 5000; // milliseconds between two looks at the same span

/** Between two marks of an axis: whole numbers alone. */
const STEPS = Array.from({ length: 15 }, (_, power) => [1, 2, 5].map((step) => step * 10 ** power)).flat();

// [the server's name, what it is called, the variable of its colour]; stacked in this order
const CHARTS = [
  {
    title: "Calls",
    stacked: true,
    say: whole,
    axis: short,
    least: 4,
    steps: STEPS,
    series: [
      ["passed", "passed", "--pass"],
      ["local", "run here", "--local"],
      ["transformed", "transformed", "--transform"],
      ["blocked", "blocked", "--block"],
    ],
  },
  {
    title: "Tokens",
    say: whole,
    axis: short,
    least: 4,
    steps: STEPS,
    series: [
      ["tokens_in", "to the model", "--local"],
      ["output_tokens", "from the model", "--transform"],
    ],
  },
  {
    title: "Cost",
    stacked: true,
    say: money,
    axis: money,
    least: 20_000,
    steps: STEPS.filter((step) => step >= 5000),
    series: [["cost_micro_usd", "priced requests", "--pass"]],
  },
];

export class Charts {
  constructor() {
    this.span = "24h";
    this.data = null;
    this.last = 0;
    this.timer = null;
    this.spans = Object.entries(SPANS).map(([span, name]) => button(name, () => this.choose(span), { "aria-pressed": String(span === this.span), "data-span": span }));
    this.charts = CHARTS.map((chart) => new Chart(chart));
    this.node = element(
      "section.card",
      { "aria-labelledby": "over-time" },
      element("h2", { id: "over-time" }, "Over time"),
      element("div.bar", { role: "group", "aria-label": "Span of time" }, ...this.spans),
      element("div.charts", {}, ...this.charts.map((chart) => chart.node)),
    );
    this.dark = matchMedia("(prefers-color-scheme: dark)");
    this.dark.addEventListener("change", () => this.draw());
    this.sizes = new ResizeObserver(() => this.charts.forEach((chart) => chart.resize()));
    this.charts.forEach((chart) => this.sizes.observe(chart.place));
  }

  choose(span) {
    this.span = span;
    for (const one of this.spans) one.setAttribute("aria-pressed", String(one.dataset.span === span));
    return this.load();
  }

  /** Something has changed: look again, though not often. */
  stir() {
    this.timer ??= setTimeout(() => this.load(), Math.max(0, this.last + PATIENCE - Date.now()));
  }

  async load() {
    clearTimeout(this.timer);
    const span = this.span;
    this.last = Date.now();
    try {
      const data = filled(await get("series", { span }));
      if (span === this.span) this.data = data;
    } catch {
      // the state of the connection is told elsewhere, and the next change looks again
    }
    this.timer = null;
    this.draw();
  }

  draw() {
    if (this.data && this.node.isConnected) this.charts.forEach((chart) => chart.draw(this.data));
  }

  close() {
    clearTimeout(this.timer);
    this.sizes.disconnect();
    this.charts.forEach((chart) => chart.plot?.destroy());
  }
}

/** The answer with a place for every span of time, those in which nothing happened too. */
export function filled({ since, until, width, at, ...columns }) {
  const length = Math.max(1, Math.floor((until - since) / width) + 1);
  const places = at.map((time) => Math.round((time - since) / width));
  const times = Array.from({ length }, (_, i) => (since + i * width) / 1000);
  const whole = Object.entries(columns).map(([name, values]) => {
    const column = new Array(length).fill(0);
    values.forEach((value, i) => (column[places[i]] = value));
    return [name, column.slice(0, length)];
  });
  return { times, width, ...Object.fromEntries(whole) };
}

class Chart {
  constructor(kind) {
    this.kind = kind;
    this.plot = null;
    this.place = element("div.plot", { role: "img", "aria-label": `${kind.title} over time` });
    this.said = element("p.quiet.said");
    this.legend = element("ul.legend");
    this.table = element("details", {}, element("summary", {}, `${kind.title} as a table`));
    this.table.addEventListener("toggle", () => this.fill());
    this.node = element("div.chart", {}, element("h3", {}, kind.title), this.legend, this.place, this.said, this.table);
  }

  draw(data) {
    this.data = data;
    const columns = this.kind.series.map(([name]) => data[name]);
    const totals = columns.map((column) => column.reduce((sum, value) => sum + value, 0));
    const told = this.kind.series.map(([, name], i) => `${this.kind.say(totals[i])} ${name}`);
    this.place.setAttribute("aria-label", `${this.kind.title} over time: ${told.join(", ")}`);
    this.legend.replaceChildren(
      ...this.kind.series.map(([, name, colour], i) => element("li", {}, element(`span.swatch.${colour.slice(2)}`), `${name} `, element("strong", {}, this.kind.say(totals[i])))),
    );
    this.fill();
    const drawn = this.kind.stacked ? stacked(columns) : columns;
    const look = getComputedStyle(document.documentElement);
    const colours = ["--ink", "--line", ...this.kind.series.map(([, , colour]) => colour)].map((name) => look.getPropertyValue(name));
    const key = `${colours.join()} ${data.width}`;
    if (this.plot && this.key === key) {
      this.plot.setData([data.times, ...drawn]);
      return;
    }
    this.key = key;
    this.plot?.destroy();
    this.plot = new uPlot(this.options(look), [data.times, ...drawn], this.place);
  }

  resize() {
    const width = this.place.clientWidth;
    if (this.plot && width > 0 && width !== this.plot.width) this.plot.setSize({ width, height: HEIGHT });
  }

  options(look) {
    const of = (name) => resolved(look.getPropertyValue(name));
    const axis = { stroke: of("--quiet"), grid: { stroke: of("--line"), width: 1 }, ticks: { show: false }, font: "12px system-ui, sans-serif" };
    const bars = uPlot.paths.bars({ size: [0.85, 40], align: 1 });
    const series = this.kind.series.map(([, label, name]) =>
      this.kind.stacked ? { label, fill: of(name), width: 0, paths: bars, points: { show: false } } : { label, stroke: of(name), width: 2, points: { show: false } },
    );
    return {
      width: Math.max(this.place.clientWidth, 50),
      height: HEIGHT,
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false } },
      scales: {
        x: { range: (_, first, last) => [first, last + this.data.width / 1000] }, // the last bar has its width, too
        y: { range: (_, __, most) => [0, Math.max(most * 1.05, this.kind.least)] },
      },
      axes: [
        { ...axis, space: 60, size: 30, values: (plot, times) => times.map((time) => mark(time * 1000, plot.scales.x.max - plot.scales.x.min)) },
        { ...axis, size: 58, incrs: this.kind.steps, values: (_, values) => values.map((value) => this.kind.axis(value)) },
      ],
      series: [{}, ...series],
      hooks: { setCursor: [(plot) => this.say(plot.cursor.idx)] },
    };
  }

  say(at) {
    this.said.textContent = at == null || this.data.times[at] === undefined ? "" : `${bucket(this.data.times[at] * 1000, this.data.width)}: ${this.told(at)}`;
  }

  told(at) {
    return this.kind.series.map(([name, label]) => `${this.kind.say(this.data[name][at])} ${label}`).join(", ");
  }

  /** The table, while it is open: only spans in which there was something. */
  fill() {
    if (!this.table.open || !this.data) return;
    const { times, width } = this.data;
    const rows = times.flatMap((time, i) =>
      this.kind.series.some(([name]) => this.data[name][i] !== 0)
        ? [element("tr", {}, element("th", { scope: "row" }, bucket(time * 1000, width)), ...this.kind.series.map(([name]) => element("td", {}, this.kind.say(this.data[name][i]))))]
        : [],
    );
    const head = element("tr", {}, element("th", { scope: "col" }, "from"), ...this.kind.series.map(([, name]) => element("th", { scope: "col" }, name)));
    const table = element("table", {}, element("thead", {}, head), element("tbody", {}, ...rows));
    this.table.replaceChildren(this.table.firstElementChild, element("div.wide", { tabindex: "0", role: "region", "aria-label": `${this.kind.title} as a table` }, table));
  }
}

/** Each column on top of those behind it: the first is drawn last, so all can be seen. */
function stacked(columns) {
  return columns.map((column, i) => column.map((_, at) => columns.slice(i).reduce((sum, other) => sum + other[at], 0)));
}

/** A colour that a canvas takes: light-dark() is of style sheets alone. */
function resolved(value) {
  const probe = element("span");
  probe.style.color = value;
  document.body.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}
