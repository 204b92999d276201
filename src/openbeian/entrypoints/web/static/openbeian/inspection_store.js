// What the phone keeps of inspections: records as they came, entries and pictures as they were made.
// Everything has an identifier made here, so that sending it twice changes nothing.

window.InspectionStore = (() => {
  const NAME = "openbeian-inspections";
  let opened = null;

  function open() {
    opened ??= new Promise((resolve, reject) => {
      const request = indexedDB.open(NAME, 1);
      request.onupgradeneeded = () => {
        const base = request.result;
        base.createObjectStore("inspections", { keyPath: "id" });
        base.createObjectStore("entries", { keyPath: "uuid" }).createIndex("inspection", "inspection");
        base.createObjectStore("pictures", { keyPath: "uuid" }).createIndex("inspection", "inspection");
      };
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    return opened;
  }

  async function run(store, mode, ask) {
    const base = await open();
    return new Promise((resolve, reject) => {
      const transaction = base.transaction(store, mode);
      const request = ask(transaction.objectStore(store));
      // Only a finished transaction is on the disk.
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = () => reject(transaction.error);
      transaction.onabort = () => reject(transaction.error);
    });
  }

  const put = (store, value) => run(store, "readwrite", (s) => s.put(value));
  const get = (store, key) => run(store, "readonly", (s) => s.get(key));
  const remove = (store, key) => run(store, "readwrite", (s) => s.delete(key));
  const all = (store) => run(store, "readonly", (s) => s.getAll());
  const of = (store, id) => run(store, "readonly", (s) => s.index("inspection").getAll(id));

  async function forget(id) {
    for (const store of ["entries", "pictures"]) {
      for (const one of await of(store, id)) await remove(store, one.uuid);
    }
    await remove("inspections", id);
  }

  function makeId() {
    if (crypto.randomUUID) return crypto.randomUUID();
    const b = crypto.getRandomValues(new Uint8Array(16));
    b[6] = (b[6] & 0x0f) | 0x40;
    b[8] = (b[8] & 0x3f) | 0x80;
    const hex = [...b].map((n) => n.toString(16).padStart(2, "0")).join("");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  }

  // What nobody has replaced, as supervision/inspections/decisions.py tells it: the server's word, and on top of it
  // the entries that have not arrived there yet.
  function findHeads(standing, waiting, item) {
    const mine = waiting.filter((e) => e.item === item);
    const replaced = new Set(mine.flatMap((e) => e.bases));
    const known = new Map([...(standing[item] || []), ...mine].map((head) => [head.uuid, head]));
    return [...known.values()].filter((head) => !replaced.has(head.uuid));
  }

  return { put, get, remove, all, of, forget, makeId, findHeads };
})();
