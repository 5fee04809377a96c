// Keeps the files of the page, so that it can be installed and opens while the server is away. The server puts `self.SHELL` in front:
// {version, files}. Answers of the REST interface and songs are never kept: requests for them do not pass through here.

const { version, files } = self.SHELL;
const NAME = `lyricsrec-${version}`;
const addresses = new Set(files.map((file) => new URL(file, self.registration.scope).href));

self.addEventListener("install", (event) => {
  const fresh = [...addresses].map((address) => new Request(address, { cache: "no-cache" }));
  event.waitUntil(
    caches
      .open(NAME)
      .then((cache) => cache.addAll(fresh))
      .then(() => self.skipWaiting()),
  );
});

self.addEventListener("activate", (event) => {
  const isOld = (name) => name.startsWith("lyricsrec-") && name !== NAME;
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter(isOld).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

// The server's files come first, so that an update is there at once.
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const [address] = request.url.split("#");
  if (request.method !== "GET" || !addresses.has(address)) return;
  event.respondWith(
    fetch(request).catch(async (error) => {
      const kept = await caches.match(address, { cacheName: NAME });
      if (kept) return kept;
      throw error;
    }),
  );
});
