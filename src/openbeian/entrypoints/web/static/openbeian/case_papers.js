// Handing in papers: a dropped file is sent at once, and phones offer their camera.

if (window.matchMedia("(pointer: coarse)").matches) {
  for (const camera of document.querySelectorAll("[data-camera]")) {
    camera.hidden = false;
    camera.querySelector("input").disabled = false;
  }
}

// Of the two inputs only the one that was used is sent.
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-upload] input[type=file]")) return;
  for (const other of event.target.form.querySelectorAll("input[type=file]")) {
    if (other !== event.target) other.disabled = true;
  }
}, { capture: true });

for (const zone of document.querySelectorAll("[data-drop]")) {
  zone.addEventListener("dragover", (event) => { event.preventDefault(); zone.classList.add("is-over"); });
  zone.addEventListener("dragleave", () => zone.classList.remove("is-over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("is-over");
    if (!event.dataTransfer.files.length) return;
    const input = zone.querySelector("input[type=file]");
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}
