/** The sign-in page's address, with the page to come back to. */
export const signInPath = (from: string) => (from === '/' ? '/sign-in' : `/sign-in?to=${encodeURIComponent(from)}`);

/** Where to go after sign-in: only ever a page of this app. */
export const returnTo = (wanted: string | null) => (wanted !== null && /^\/(?![/\\])/.test(wanted) ? wanted : '/');
