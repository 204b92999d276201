// What the portal's pages do beyond links and forms. Everything hangs on data- attributes, listed in
// docs/guides/portal-components.md; without this file every page still works, with more clicks.

const one = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];

// --- Messages -------------------------------------------------------------------------------------------------

function showTemplate(id) {
  const region = one("#messages");
  const template = document.getElementById(id);
  if (!region || !template) return;
  region.replaceChildren(template.content.cloneNode(true));
  region.scrollIntoView({ block: "nearest" });
}

document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  if (xhr.responseURL && new URL(xhr.responseURL).pathname.startsWith("/accounts/login/")) {
    // The session ended: a sign-in page inside a fragment would only confuse.
    event.detail.shouldSwap = false;
    window.location.assign(`/accounts/login/?next=${encodeURIComponent(window.location.pathname + window.location.search)}`);
  } else if (xhr.status >= 400 && xhr.status < 500) {
    // Refusals carry a sentence for people; the server says where it goes.
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});

document.addEventListener("htmx:responseError", () => showTemplate("server-fault"));
document.addEventListener("htmx:sendError", () => showTemplate("network-fault"));
document.addEventListener("htmx:timeout", () => showTemplate("network-fault"));

// The server answers an autosave with `HX-Trigger: {"saved": {"at": "14:05"}}`.
document.addEventListener("saved", (event) => {
  for (const place of all("[data-saved-at]")) {
    place.textContent = (place.dataset.savedAt || "{at}").replace("{at}", event.detail.at);
  }
});

// --- Confirmation ---------------------------------------------------------------------------------------------

let whenConfirmed = null;

function askToConfirm(question, word, proceed) {
  const dialog = one("#confirm");
  if (!dialog) {
    proceed();
    return;
  }
  one("[data-question]", dialog).textContent = question;
  const yes = one("[value=yes]", dialog);
  yes.textContent = word || yes.dataset.word;
  whenConfirmed = proceed;
  dialog.returnValue = "";
  dialog.showModal();
}

one("#confirm")?.addEventListener("close", (event) => {
  const proceed = whenConfirmed;
  whenConfirmed = null;
  if (event.target.returnValue === "yes" && proceed) proceed();
});

document.addEventListener("htmx:confirm", (event) => {
  if (!event.detail.question) return;
  event.preventDefault();
  askToConfirm(event.detail.question, event.detail.elt.dataset.confirmWord, () => event.detail.issueRequest(true));
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  const asking = event.submitter?.dataset.confirm ? event.submitter : form;
  if (!asking.dataset.confirm || form.dataset.confirmed) {
    delete form.dataset.confirmed;
    return;
  }
  event.preventDefault();
  askToConfirm(asking.dataset.confirm, asking.dataset.confirmWord, () => {
    form.dataset.confirmed = "yes";
    form.requestSubmit(event.submitter);
  });
});

// --- Clicks ---------------------------------------------------------------------------------------------------

document.addEventListener("click", async (event) => {
  for (const menu of all("details.menu[open], .bottom details[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  const opener = event.target.closest("[data-open-dialog]");
  if (opener) document.getElementById(opener.dataset.openDialog)?.showModal();
  event.target.closest("[data-close-dialog]")?.closest("dialog")?.close();
  if (event.target.closest("[data-print]")) window.print();

  const copier = event.target.closest("[data-copy]");
  if (copier) {
    const source = one(copier.dataset.copy);
    await navigator.clipboard.writeText(source.value ?? source.textContent.trim());
    const label = one("[data-copy-label]", copier) || copier;
    const before = label.textContent;
    label.textContent = copier.dataset.copied;
    window.setTimeout(() => { label.textContent = before; }, 2000);
  }
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});

// --- Ticking rows ---------------------------------------------------------------------------------------------

let lastTicked = null;

const ticksOf = (list) => all("input[type=checkbox][data-tick]", list);

function countTicks(list) {
  const ticks = ticksOf(list);
  const count = ticks.filter((tick) => tick.checked).length;
  const whole = one("[data-tick-all]", list);
  if (whole) {
    whole.checked = count > 0 && count === ticks.length;
    whole.indeterminate = count > 0 && count < ticks.length;
  }
  const root = list.closest("form") || document;
  for (const bar of all("[data-bulk]", root)) bar.hidden = count === 0;
  for (const place of all("[data-tick-count]", root)) place.textContent = String(count);
}

document.addEventListener("click", (event) => {
  const tick = event.target.closest("input[type=checkbox]");
  const list = tick?.closest("[data-list]");
  if (!list) return;
  if (tick.matches("[data-tick-all]")) {
    for (const other of ticksOf(list)) other.checked = tick.checked;
  } else if (tick.matches("[data-tick]")) {
    const ticks = ticksOf(list);
    if (event.shiftKey && ticks.includes(lastTicked)) {
      const [from, to] = [ticks.indexOf(lastTicked), ticks.indexOf(tick)].sort((a, b) => a - b);
      for (const other of ticks.slice(from, to + 1)) other.checked = tick.checked;
    }
    lastTicked = tick;
  }
  countTicks(list);
});

// --- Keys -----------------------------------------------------------------------------------------------------

const SWITCH = "openbeian.shortcuts";
const shortcutsOn = () => window.localStorage.getItem(SWITCH) !== "off";

for (const box of all("[data-shortcuts-switch]")) {
  box.checked = shortcutsOn();
  box.addEventListener("change", () => window.localStorage.setItem(SWITCH, box.checked ? "on" : "off"));
}

function moveInList(step) {
  const rows = all("[data-list] [data-row]");
  if (!rows.length) return;
  const current = rows.findIndex((row) => row.classList.contains("is-current"));
  const next = rows[Math.min(Math.max(current + step, 0), rows.length - 1)];
  rows.forEach((row) => row.classList.toggle("is-current", row === next));
  (one("a[href]", next) || next).focus();
  next.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    for (const menu of all("details.menu[open], .bottom details[open]")) {
      menu.open = false;
      one("summary", menu).focus();
    }
    return;
  }
  const isTyping = event.target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (!shortcutsOn() || one("dialog[open]")) return;
  if (event.key === "/") {
    const search = one("main input[type=search]") || one("input[type=search]");
    if (!search) return;
    event.preventDefault();
    search.focus();
    search.select();
  } else if (event.key === "j" || event.key === "k") {
    moveInList(event.key === "j" ? 1 : -1);
  } else {
    const target = all("[data-key]").find((element) => element.dataset.key === event.key && !element.disabled);
    if (target) {
      event.preventDefault();
      target.click();
    }
  }
});

// --- Landing --------------------------------------------------------------------------------------------------

function settle(root) {
  for (const list of all("[data-list]", root)) countTicks(list);
}

document.addEventListener("htmx:load", (event) => settle(event.detail.elt));
settle(document);

// A list of faults links to fields; the first field at fault gets the cursor when the page comes back refused.
if (!window.location.hash) one("main [aria-invalid=true]")?.focus();
