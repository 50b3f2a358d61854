// Runs before the first paint, so that a page never flashes in the wrong theme. src/lib/theme.ts takes over from here.
(function () {
  var choice = null;

  try {
    choice = localStorage.getItem('theme');
  } catch {
    // Storage may be forbidden; the system's choice is good enough then.
  }

  var dark = choice === 'dark' || (choice !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
})();
