// Lets the browser install the page. Service workers need https or this machine; elsewhere the page works without.

export const registerWorker = () => navigator.serviceWorker?.register("service-worker.js").catch(() => {});
