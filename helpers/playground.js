// Shows the frames that helpers/playground.py draws, confirms each, and reports mouse, keys and its own end.
const HANDLED_KEYS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", " "];

function render({ model, el }) {
  const status = document.createElement("p");
  status.setAttribute("role", "status"); // a screen reader reads it out whenever it changes
  status.style.cssText = "margin: 2px 4px; font-size: 15px; min-height: 1.4em";
  const figure = document.createElement("img");
  figure.tabIndex = 0;
  figure.style.cssText = "display: block; width: 1100px; max-width: 100%";
  figure.dataset.lmSuppressShortcuts = "true"; // JupyterLab would take the keys otherwise
  el.classList.add("playground");
  el.replaceChildren(status, figure);

  const tell = () => {
    status.textContent = model.get("status");
    figure.alt = model.get("description");
  };
  const show = (message, [picture]) => {
    URL.revokeObjectURL(figure.src);
    figure.src = URL.createObjectURL(new Blob([picture], { type: "image/png" }));
  };
  figure.onload = () => model.send({ kind: "shown" });
  figure.onpointerdown = (event) => {
    const x = event.offsetX / figure.clientWidth;
    const y = 1 - event.offsetY / figure.clientHeight;
    model.send({ kind: "click", x, y, shift: event.shiftKey });
  };
  figure.onkeydown = (event) => {
    if (!HANDLED_KEYS.includes(event.key)) return;
    event.preventDefault();
    model.send({ kind: "key", key: event.key, shift: event.shiftKey });
  };
  model.on("change:status change:description", tell);
  model.on("msg:custom", show);
  tell();
  model.send({ kind: "opened" });
  return () => {
    model.off("change:status change:description", tell);
    model.off("msg:custom", show);
    model.send({ kind: "closed" });
  };
}

export default { render };
