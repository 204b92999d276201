// Keeps the inspection page and its files on the phone. Records are never kept here: the page keeps its own.
const CACHE = "{{ cache|escapejs }}";
const PAGE = "{% url 'inspection_phone' %}";
const FILES = [{% for file in files %}"{{ file|escapejs }}"{% if not forloop.last %}, {% endif %}{% endfor %}];

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(CACHE);
    await cache.addAll(FILES);
    const page = await fetch(PAGE, { credentials: "same-origin" });
    // A page that led to the sign-in is not the page.
    if (!page.ok || page.redirected) throw new Error("not signed in");
    await cache.put(PAGE, page);
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith("inspection-") && name !== CACHE) await caches.delete(name);
    }
    await self.clients.claim();
  })());
});

async function openPage(request) {
  const cache = await caches.open(CACHE);
  try {
    const fresh = await fetch(request);
    if (fresh.ok && !fresh.redirected) await cache.put(PAGE, fresh.clone());
    return fresh;
  } catch (fault) {
    return (await cache.match(PAGE)) || Response.error();
  }
}

async function openFile(request) {
  const kept = await (await caches.open(CACHE)).match(request);
  return kept || fetch(request);
}

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (url.pathname === PAGE) event.respondWith(openPage(event.request));
  else if (FILES.includes(url.pathname)) event.respondWith(openFile(event.request));
});
