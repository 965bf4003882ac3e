// What a screen reader needs and JupyterLab leaves out: alt text of figures, names of sliders.

function describeFigures(app) {
  for (const document of app.shell.widgets("main")) {
    for (const cell of document.content?.widgets ?? []) {
      cell.outputArea?.widgets.forEach((output, place) => {
        const image = output.node.querySelector(".jp-RenderedImage img");
        const alt = cell.outputArea.model.get(place)?.metadata["image/png"]?.alt;
        if (image && alt) image.alt = alt;
      });
    }
  }
}

function nameControls() {
  for (const slider of document.querySelectorAll(".widget-slider")) {
    const name = slider.querySelector(".widget-label")?.textContent;
    if (name) slider.querySelector(".noUi-handle")?.setAttribute("aria-label", name);
  }
  for (const image of document.querySelectorAll(".widget-vbox > img")) {
    image.alt = "The figure above, for the values of these sliders.";
  }
}

const plugin = {
  id: "activations-and-optimizers:accessible",
  autoStart: true,
  activate: (app) => {
    let planned = false;
    const plan = () => {
      if (planned) return;
      planned = true;
      setTimeout(() => {
        planned = false;
        describeFigures(app);
        nameControls();
      }, 100);
    };
    new MutationObserver(plan).observe(document.body, { childList: true, subtree: true });
  },
};

// What JupyterLab asks of an extension that comes ready to use.
window._JUPYTERLAB = window._JUPYTERLAB ?? {};
window._JUPYTERLAB["activations-and-optimizers"] = {
  init: () => {},
  get: async () => () => ({ __esModule: true, default: plugin }),
};
