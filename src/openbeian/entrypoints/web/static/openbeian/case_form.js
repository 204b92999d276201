// The form of a case: nothing typed is lost while the server draws part of the page anew, while a save is on its
// way, or when the person leaves by a link. Without this file the buttons of the form do the same with more clicks.

const form = () => document.querySelector("[data-section-form]");
const entries = (element) => new Map([...new FormData(element)].filter(([, value]) => typeof value === "string")
  .reduce((all, [name, value]) => all.set(name, [...(all.get(name) ?? []), value]), new Map()));
const OURS = new Set(["csrfmiddlewaretoken", "revision", "shape", "shown", "check"]);

let saving = 0;
let sent = null;
let typedMeanwhile = null;
let waiting = null;
let dirty = false;

document.addEventListener("input", (event) => { if (event.target.form === form()) dirty = true; });

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target !== form()) return;
  saving += 1;
  dirty = false;
  sent = entries(form());
});

document.addEventListener("htmx:beforeSwap", () => {
  if (!form() || !sent) return;
  typedMeanwhile = new Map([...entries(form())].filter(([name, value]) =>
    !OURS.has(name) && String(value) !== String(sent.get(name))));
});

const restore = () => {
  for (const [name, values] of typedMeanwhile ?? []) {
    for (const control of form()?.querySelectorAll(`[name="${CSS.escape(name)}"]`) ?? []) {
      if (control.type === "checkbox" || control.type === "radio") control.checked = values.includes(control.value);
      else control.value = values[0] ?? "";
    }
  }
};

// At once, since a save that waited in the queue is sent before the page settles and must carry these values.
document.addEventListener("htmx:oobAfterSwap", restore);

document.addEventListener("htmx:afterSettle", () => {
  if (!form()) return;
  restore();
  // What was typed while a save was on its way is saved, too, even if nobody touches the form again.
  if (typedMeanwhile?.size) form().dispatchEvent(new Event("change", { bubbles: true }));
  typedMeanwhile = null;
  for (const state of form().querySelectorAll("[data-state-of]")) {
    const control = document.getElementById(state.dataset.stateOf);
    if (control?.matches("input, select, textarea")) control.toggleAttribute("aria-invalid", state.hasAttribute("data-faulty"));
    if (control?.hasAttribute("aria-invalid")) control.setAttribute("aria-invalid", "true");
  }
  document.getElementById("conflict")?.focus();
});

document.addEventListener("htmx:afterRequest", () => {
  saving = Math.max(0, saving - 1);
  if (saving === 0 && waiting) {
    const [target, button] = waiting;
    waiting = null;
    window.setTimeout(() => target.requestSubmit(button?.isConnected ? button : null), 0);
  }
});

// Whatever stands in the form and was not in the last save is saved, too: a choice made in the instant in which the
// page was drawn anew may have raised an event that nobody heard.
const unsaved = () => form() && sent && [...entries(form())].some(([name, value]) =>
  !OURS.has(name) && sent.has(name) && String(value) !== String(sent.get(name)));

window.setInterval(() => {
  if (saving === 0 && !waiting && sent && unsaved() && !form().contains(document.activeElement?.closest("input[type=text], textarea"))) {
    form().dispatchEvent(new Event("change", { bubbles: true }));
  }
}, 1200);

// A button pressed while a save is on its way waits for it, or the page would be stale to itself.
document.addEventListener("submit", (event) => {
  if (event.target !== form()) return;
  dirty = false;
  if (saving > 0) {
    event.preventDefault();
    waiting = [event.target, event.submitter];
  }
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-leave]");
  if (!link || !form() || (!dirty && saving === 0) || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const button = document.createElement("button");
  button.name = "go";
  button.value = link.dataset.leave;
  button.hidden = true;
  form().append(button);
  form().requestSubmit(button);
});
