// The inspection page: every change is kept on the phone first and sent when there is network; nothing is sent as done
// before the server has said so, and nothing is removed here before that.

(() => {
  const store = window.InspectionStore;
  const pictures = window.InspectionPictures;
  const root = document.body;
  const english = document.documentElement.lang === "en";
  const say = (text) => (english ? text.en : text.zh);
  const $ = (selector, within = document) => within.querySelector(selector);
  const id = Number(location.hash.slice(1)) || 0;
  const address = (part) => `${root.dataset.base}${id}/${part}`;

  let record = null;
  let waiting = [];
  let shots = [];
  let busy = null;
  let problem = "";

  async function load() {
    record = (await store.get("inspections", id)) || null;
    waiting = (await store.of("entries", id)).sort((a, b) => a.number - b.number);
    shots = (await store.of("pictures", id)).sort((a, b) => a.number - b.number);
  }

  // Words from records and people go in as text only.
  function fill(name) {
    return document.importNode($(`#${name}-form`).content, true).firstElementChild;
  }

  function draw() {
    $("#heading").hidden = $("#facts").hidden = $("#progress").hidden = !record;
    $("#signing").hidden = $("#ending").hidden = !record || !record.is_open;
    if (!record) return;
    document.title = `${record.title} · OpenBeian`;
    $("#heading").textContent = $("#phone-title").textContent = record.title;
    $("[data-fact=reference]").textContent = record.reference;
    $("[data-fact=number]").textContent = record.number;
    $("[data-fact=inspectors]").textContent = record.inspectors.join("、");
    $("#to-page").href = address("");
    const list = $("#items");
    if (!list.children.length) {
      for (const group of record.groups) {
        const section = fill("group");
        $("h2", section).textContent = say(group);
        for (const item of record.items.filter((one) => one.group === group.id)) section.append(drawItem(item));
        list.append(section);
      }
    }
    for (const item of record.items) showItem(item);
    for (const box of document.querySelectorAll(".sign")) showSigned(box);
    showProgress();
  }

  function drawItem(item) {
    const box = fill("item");
    box.id = `item-${item.id}`;
    $("legend", box).textContent = say(item.title);
    $("[data-how]", box).textContent = say(item.how);
    $("[data-ground]", box).textContent = say(item.ground);
    $("[data-photo-wanted]", box).hidden = !item.photo;
    for (const [key, label] of Object.entries(record.answers)) {
      const choice = fill("answer");
      const input = $("input", choice);
      input.name = `answer-${item.id}`;
      input.value = key;
      $("span", choice).textContent = say(label);
      input.addEventListener("change", () => change(item.id, key, $("[data-note]", box).value));
      $(".answers", box).append(choice);
    }
    $(".answers", box).setAttribute("aria-label", say(item.title));
    const note = $("[data-note]", box);
    note.id = `note-${item.id}`;
    $("[data-note-label]", box).htmlFor = note.id;
    note.addEventListener("change", () => {
      const chosen = $("input:checked", box);
      if (chosen) change(item.id, chosen.value, note.value);
    });
    $(".shoot input", box).addEventListener("change", (event) => shoot(item.id, event.target));
    return box;
  }

  function showItem(item) {
    const box = document.getElementById(`item-${item.id}`);
    const heads = store.findHeads(record.standing, waiting, item.id);
    const said = new Set(heads.map((h) => `${h.answer}\n${h.note}`));
    const conflict = $("[data-conflict]", box);
    conflict.hidden = said.size < 2;
    const choices = $("ul", conflict);
    choices.replaceChildren(...(said.size < 2 ? [] : heads.map((head) => {
      const line = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.className = "button is-small";
      button.textContent = [say(record.answers[head.answer]), head.note, head.by].filter(Boolean).join(" · ");
      button.addEventListener("click", () => change(item.id, head.answer, head.note));
      line.append(button);
      return line;
    })));
    const one = said.size === 1 ? heads[0] : null;
    for (const input of box.querySelectorAll(".answers input")) {
      input.checked = Boolean(one) && one.answer === input.value;
      input.disabled = !record.is_open;
    }
    const note = $("[data-note]", box);
    if (document.activeElement !== note && one) note.value = one.note;
    note.disabled = !record.is_open;
    $(".shoot input", box).disabled = !record.is_open;
    const faults = waiting.filter((e) => e.item === item.id && e.faults).flatMap((e) => e.faults);
    showFault(box.lastElementChild, faults);
    showShots(item, box);
  }

  function showFault(place, faults) {
    place.hidden = !faults || !faults.length;
    place.textContent = (faults || []).map((f) => `${say(f.message)} ${say(f.fix)}`).join(" ");
  }

  function showShots(item, box) {
    const mine = shots.filter((p) => p.kind === "photo" && p.item === item.id);
    const here = new Set(mine.map((p) => p.uuid));
    const elsewhere = record.photos.filter((p) => p.item === item.id && !here.has(p.uuid)).map((p) => ({ ...p, sent: true }));
    $(".shots", box).replaceChildren(...[...mine, ...elsewhere].map(drawShot));
  }

  function drawShot(shot) {
    const line = fill("shot");
    const picture = $("img", line);
    if (shot.thumbnail) picture.src = shot.thumbnail; else picture.remove();
    $("[data-when]", line).textContent = shot.shown || (shot.taken_at || "").replace("T", " ").slice(0, 16);
    const sent = $("[data-sent]", line);
    sent.textContent = shot.sent ? sent.dataset.sent : sent.dataset.waits;
    showFault($("[data-fault]", line), shot.faults);
    const wants = $("[data-time]", line);
    wants.hidden = shot.sent || Boolean(shot.shown && !shot.typed && !shot.faults);
    const input = $("input", wants);
    if (shot.typed) input.value = shot.typed;
    input.addEventListener("change", async () => {
      const moment = input.value ? new Date(input.value) : null;
      shot.typed = input.value;
      shot.told.taken_at = moment && !Number.isNaN(moment.getTime()) ? moment.toISOString() : "";
      shot.faults = null;
      await store.put("pictures", shot);
      await refresh();
    });
    return line;
  }

  function showSigned(box) {
    const role = box.dataset.role;
    const mine = shots.filter((p) => p.kind === "signature" && p.told.role === role).pop();
    const there = record.signatures[role];
    const signed = $("[data-signed]", box);
    signed.hidden = !mine && !there;
    $("span", signed).textContent = mine ? mine.told.signer : there ? there.signer : "";
    if (mine) showFault($("[data-fault]", box), mine.faults);
  }

  function showProgress() {
    const done = record.items.filter((item) => store.findHeads(record.standing, waiting, item.id).length === 1).length;
    const bar = $("#progress progress");
    bar.max = record.items.length;
    bar.value = done;
    const words = $("[data-progress]");
    words.textContent = words.dataset.progress.replace("{n}", done).replace("{of}", record.items.length);
  }

  function showState() {
    const state = $("#state");
    const words = state.dataset;
    const unsent = waiting.length + shots.filter((p) => !p.sent).length;
    const refused = waiting.filter((e) => e.faults).length + shots.filter((p) => !p.sent && p.faults).length;
    let tone = unsent ? "warn" : "good";
    let text = unsent ? words.waiting.replace("{n}", unsent) : words.saved;
    if (busy) text = words.busy;
    else if (problem) [text, tone] = [words[problem], "warn"];
    else if (refused) [text, tone] = [words.refused.replace("{n}", refused), "bad"];
    else if (!record) [text, tone] = [id ? words.absent : "", "calm"];
    else if (!record.is_open && !unsent) [text, tone] = [words.over, "good"];
    if (record) text = `${navigator.onLine ? words.online : words.offline} · ${text}`;
    state.textContent = text;
    state.dataset.tone = tone;
    state.dataset.unsent = unsent;
    const forget = $("#forget");
    forget.disabled = Boolean(unsent);
  }

  async function refresh() {
    await load();
    draw();
    showState();
  }

  async function change(item, answer, note) {
    const bases = store.findHeads(record.standing, waiting, item).map((h) => h.uuid);
    await store.put("entries", {
      uuid: store.makeId(), inspection: id, number: Date.now() + waiting.length / 1000, item, answer,
      note: note.trim().replace(/\s+/g, " "), bases, made_at: new Date().toISOString(), faults: null,
    });
    await refresh();
    sync();
  }

  async function shoot(item, input) {
    const file = input.files[0];
    if (!file) return;
    const buffer = await file.arrayBuffer();
    input.value = "";
    const uuid = store.makeId();
    const shown = pictures.readTakenAt(buffer);
    await store.put("pictures", {
      uuid, inspection: id, number: Date.now(), kind: "photo", item, buffer, type: file.type, sent: false, faults: null,
      shown, thumbnail: await pictures.makeThumbnail(buffer, file.type),
      told: { uuid, item, sha256: await pictures.hash(buffer), taken_at: "" },
    });
    await refresh();
    if (shown) sync();
  }

  async function keepSignature(box, pad) {
    const signer = $("input", box).value.trim();
    const fault = $("[data-fault]", box);
    if (!signer) {
      $("input", box).focus();
      return;
    }
    if (pad.isEmpty()) {
      $("canvas", box).focus();
      return;
    }
    fault.hidden = true;
    const buffer = await pad.read();
    const uuid = store.makeId();
    const heads = record.items.flatMap((item) => store.findHeads(record.standing, waiting, item.id).map((h) => h.uuid));
    await store.put("pictures", {
      uuid, inspection: id, number: Date.now(), kind: "signature", buffer, type: "image/png", sent: false, faults: null,
      told: { uuid, role: box.dataset.role, signer, signed_at: new Date().toISOString(), heads, sha256: await pictures.hash(buffer) },
    });
    pad.clear();
    await refresh();
    sync();
  }

  // An answer that is not JSON is the sign-in page.
  async function ask(part, options = {}) {
    const response = await fetch(address(part), { credentials: "same-origin", ...options });
    const type = response.headers.get("Content-Type") || "";
    if (response.redirected || !type.includes("json")) throw new Error("signedOut");
    return { ok: response.ok, told: await response.json() };
  }

  async function sync() {
    if (busy || !id) return busy;
    busy = send().catch((fault) => {
      problem = fault.message === "signedOut" ? "signedOut" : "";
    }).then(async () => { busy = null; await refresh(); });
    showState();
    return busy;
  }

  async function send() {
    problem = "";
    let { ok, told } = await ask("data/");
    if (!ok) return;
    const headers = { "X-CSRFToken": told.csrf };
    await load();
    const sent = waiting.filter((e) => !e.faults).slice(0, 200);
    if (sent.length) {
      const body = JSON.stringify({ entries: sent });
      const answer = await ask("sync/", { method: "POST", headers: { ...headers, "Content-Type": "application/json" }, body });
      if (!answer.ok) {
        for (const entry of sent) await store.put("entries", { ...entry, faults: [asFault(answer.told)] });
      } else {
        const { taken, known, refused } = answer.told;
        ({ ok, told } = await ask("data/"));
        if (!ok) return;
        await keepRecord(told);
        // Only now are they no longer ours alone.
        for (const uuid of [...taken, ...known]) await store.remove("entries", uuid);
        for (const entry of sent) if (refused[entry.uuid]) await store.put("entries", { ...entry, faults: refused[entry.uuid] });
      }
    } else await keepRecord(told);
    for (const shot of shots.filter((p) => !p.sent && !p.faults)) await sendPicture(shot, headers);
    ({ ok, told } = await ask("data/"));
    if (ok) await keepRecord(told);
    await load();
    // What was changed meanwhile goes with the next round.
    if (waiting.some((e) => !e.faults)) await send();
  }

  async function sendPicture(shot, headers) {
    if (shot.kind === "photo" && !shot.shown && !shot.told.taken_at) return;
    const body = new FormData();
    body.append("told", JSON.stringify(shot.told));
    body.append("file", new Blob([shot.buffer], { type: shot.type }), "picture");
    const answer = await ask(shot.kind === "photo" ? "photos/" : "signatures/", { method: "POST", headers, body });
    if (answer.ok) await store.put("pictures", { ...shot, buffer: null, sent: true, faults: null });
    else await store.put("pictures", { ...shot, faults: answer.told.faults && answer.told.faults.length ? answer.told.faults : [asFault(answer.told)] });
  }

  const asFault = (told) => ({ message: told.message, fix: { zh: "", en: "" } });

  async function keepRecord(told) {
    const { csrf, ...kept } = told;
    await store.put("inspections", kept);
  }

  async function listKept() {
    const kept = await store.all("inspections");
    $("#kept").hidden = false;
    $("#kept [data-none]").hidden = kept.length > 0;
    $("#kept ul").replaceChildren(...kept.map((one) => {
      const line = document.createElement("li");
      const link = document.createElement("a");
      link.href = `#${one.id}`;
      link.textContent = `${one.reference} ${one.title}`;
      line.append(link);
      return line;
    }));
  }

  async function begin() {
    if ("serviceWorker" in navigator) navigator.serviceWorker.register(root.dataset.worker).catch(() => {});
    if (navigator.storage && navigator.storage.persist) navigator.storage.persist().catch(() => false);
    $("#sync").addEventListener("click", async () => {
      // What was refused is tried again when the person asks for it.
      for (const e of waiting.filter((one) => one.faults)) await store.put("entries", { ...e, faults: null });
      for (const p of shots.filter((one) => !one.sent && one.faults)) await store.put("pictures", { ...p, faults: null });
      await refresh();
      sync();
    });
    $("#forget").addEventListener("click", async () => { await store.forget(id); location.assign(root.dataset.base); });
    for (const box of document.querySelectorAll(".sign")) {
      const pad = pictures.makePad($("canvas", box));
      $("[data-clear]", box).addEventListener("click", () => pad.clear());
      $("[data-keep]", box).addEventListener("click", () => keepSignature(box, pad));
    }
    window.addEventListener("online", () => { showState(); sync(); });
    window.addEventListener("offline", showState);
    window.addEventListener("hashchange", () => location.reload());
    await refresh();
    if (id) await sync();
    else await listKept();
  }

  begin();
})();
