/** How browsers and Vite say that code or its styles did not come: the connection is down, or an update has replaced them. */
const failures = /dynamically imported module|importing a module script failed|unable to preload css/i;

export const isLoadFailure = (error: unknown) => error instanceof Error && failures.test(error.message);

/** Whether the server answers: a page that is loaded anew without it is the browser's own, which doesn't heal. */
export async function isServerThere() {
  try {
    return (await fetch('/', { cache: 'no-store' })).ok;
  } catch {
    return false;
  }
}

const key = 'energyaspire.reloaded';

/** Code that is still missing after a new load would have the page loaded again and again. */
const notAgainFor = 60_000;

export const mayReloadByItself = (now = Date.now()) => !(now - Number(sessionStorage.getItem(key) ?? 0) < notAgainFor);

/** Loads the page anew, with the code that is there now. A module that failed once is not asked for again in any other way. */
export function reloadPage() {
  sessionStorage.setItem(key, String(Date.now()));
  window.location.reload();
}
