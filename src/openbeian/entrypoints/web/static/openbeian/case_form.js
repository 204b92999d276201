// The form of a case: nothing typed is lost while the server draws part of the page anew, while a save is on its
// way, or when the person leaves by a link. Without this file the buttons of the form do the same with more clicks.

const form = () => document.querySelector("[data-section-form]");
const entries = (element) => new Map([...new FormData(element)].filter(([, value]) => typeof value === "string")
  .reduce((all, [name, value]) => all.set(name, [...(all.get(name) ?? []), value]), new Map()));
// As long as the form's own trigger waits after the last key, in cases/form_fields.html.
const PAUSE_MS = 1500;
const OURS = new Set(["csrfmiddlewaretoken", "revision", "shape", "shown", "check"]);

let saving = 0;
let sent = null;
let typedMeanwhile = null;
let waiting = null;
let dirty = false;
// What the server has of the form on the page: as it drew it, or as it was last saved.
let drawn = form();
let known = drawn ? entries(drawn) : new Map();
let tryAgainAt = 0;
let typedAt = 0;

const differing = (from) => [...entries(form())].filter(([name, value]) =>
  !OURS.has(name) && String(value) !== String(from.get(name)));

document.addEventListener("input", (event) => {
  if (event.target.form !== form()) return;
  dirty = true;
  if (event.target.matches("input:not([type=checkbox], [type=radio]), textarea")) typedAt = Date.now();
});

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target !== form()) return;
  saving += 1;
  dirty = false;
  sent = entries(form());
});

document.addEventListener("htmx:beforeSwap", () => {
  if (form() && sent) typedMeanwhile = new Map(differing(sent));
});

const restore = () => {
  for (const [name, values] of typedMeanwhile ?? []) {
    for (const control of form()?.querySelectorAll(`[name="${CSS.escape(name)}"]`) ?? []) {
      if (control.type === "checkbox" || control.type === "radio") control.checked = values.includes(control.value);
      else control.value = values[0] ?? "";
    }
  }
};

// At once, before anybody can touch the new form and before a save that waited in the queue is sent.
const welcome = () => {
  if (!form()) return;
  if (form() !== drawn) {
    drawn = form();
    known = entries(drawn);
  }
  restore();
};
document.addEventListener("htmx:afterSwap", welcome);
document.addEventListener("htmx:oobAfterSwap", welcome);

document.addEventListener("htmx:afterSettle", () => {
  if (!form()) return;
  typedMeanwhile = null;
  for (const state of form().querySelectorAll("[data-state-of]")) {
    const control = document.getElementById(state.dataset.stateOf);
    if (control?.matches("input, select, textarea")) control.toggleAttribute("aria-invalid", state.hasAttribute("data-faulty"));
    if (control?.hasAttribute("aria-invalid")) control.setAttribute("aria-invalid", "true");
  }
  document.getElementById("conflict")?.focus();
});

document.addEventListener("htmx:afterRequest", (event) => {
  // The form that asked; the event itself is raised on what is left of the page around it.
  const asking = event.detail.requestConfig?.elt;
  if (!asking?.matches("[data-section-form]")) return;
  saving = Math.max(0, saving - 1);
  // A refusal or a lost connection has said so on the page; what stands in the form is tried again after a while.
  if (!event.detail.successful) tryAgainAt = Date.now() + 10_000;
  else if (asking === drawn) known = sent;
  if (saving === 0 && waiting) {
    const [target, button] = waiting;
    waiting = null;
    window.setTimeout(() => target.requestSubmit(button?.isConnected ? button : null), 0);
  }
});

// Whatever stands in the form and is not with the server is saved, whether or not anybody heard the event: a choice
// made in the instant in which the page is drawn anew raises one before the new form listens, and a save that waited
// in the queue of a form drawn anew is never sent.
window.setInterval(() => {
  const isTyping = Date.now() - typedAt < PAUSE_MS;
  if (!form()?.matches("[hx-post]") || saving > 0 || waiting || isTyping || Date.now() < tryAgainAt) return;
  if (differing(known).length > 0) form().dispatchEvent(new Event("change", { bubbles: true }));
}, 600);

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
