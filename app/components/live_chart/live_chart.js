// A Plotly figure that is updated in place: the node stays, and with it zoom, legend choices and hover.

const charts = new WeakMap();

// Made once a chart: Plotly.react compares configurations, functions by identity, and makes a chart whose
// configuration is another one anew, without its zoom.
const configuration = (Plotly, name) => ({
  responsive: false,
  displaylogo: false,
  toImageButtonOptions: { format: "png", filename: name, scale: 3 },
  modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"],
  modeBarButtonsToAdd: [
    {
      name: "Download as SVG",
      icon: Plotly.Icons.disk,
      click: (node) => Plotly.downloadImage(node, { format: "svg", filename: name, width: 1000, height: 600 }),
    },
  ],
});

export default function ({ data, parentElement, setTriggerValue }) {
  let chart = charts.get(parentElement);
  if (!chart) {
    const node = document.createElement("div");
    node.className = "live-chart";
    parentElement.appendChild(node);
    chart = { node, queue: Promise.resolve(), drawn: false };
    const visible = () => chart.drawn && node.isConnected && node.offsetParent !== null;
    new ResizeObserver(() => visible() && window.Plotly.Plots.resize(node).catch(() => {})).observe(node);
    // Plotly.react under a pressed pointer would break off what the hand is drawing: new data waits until it is let go.
    node.addEventListener("pointerdown", () => (chart.held = true));
    const letGo = () => {
      if (!chart.held) return;
      chart.held = false;
      setTimeout(() => chart.waiting?.());
    };
    for (const end of ["pointerup", "pointercancel"]) window.addEventListener(end, letGo);
    // A finger scrolls the page: plotly.js would keep it, and draw a rectangle.
    node.addEventListener("touchstart", (event) => event.stopPropagation(), { capture: true, passive: true });
    charts.set(parentElement, chart);
  }
  const { node } = chart;
  node.style.height = `${data.height}px`;
  node.setAttribute("role", "img");
  node.setAttribute("aria-label", data.description);
  chart.waiting = () => {
    chart.waiting = null;
    chart.queue = chart.queue.then(() => draw(chart, data, setTriggerValue)).catch((error) => {
      node.className = "live-chart-failed";
      node.textContent = `The chart could not be drawn: ${error.message}`;
    });
  };
  if (!chart.held) chart.waiting();
}

async function draw(chart, data, setTriggerValue) {
  const Plotly = await loadPlotly(data.plotly);
  const { node } = chart;
  const figure = JSON.parse(data.figure);
  const style = getComputedStyle(node);
  const colour = style.getPropertyValue("--st-text-color").trim();
  const ground = style.getPropertyValue("--st-background-color").trim();
  const layout = {
    ...figure.layout,
    autosize: true,
    height: data.height,
    uirevision: data.revision,
    font: { ...figure.layout.font, family: style.getPropertyValue("--st-font").trim(), color: colour },
    hoverlabel: { bgcolor: ground, bordercolor: "rgba(128,128,128,0.4)", font: { color: colour } },
    modebar: { bgcolor: "rgba(0,0,0,0)", color: "rgba(128,128,128,0.6)", activecolor: colour },
  };
  chart.configuration ??= configuration(Plotly, data.name);
  await Plotly.react(node, figure.data, layout, chart.configuration);
  if (!chart.drawn) {
    node.on("plotly_click", ({ points: [{ x, y }] }) => setTriggerValue("clicked", { x: String(x), y: String(y) }));
    chart.drawn = true;
  }
}
