import { useSyncExternalStore } from 'react';

export type ThemeChoice = 'system' | 'light' | 'dark';
export type Theme = 'light' | 'dark';

const key = 'theme';
const system = window.matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();

function choice(): ThemeChoice {
  try {
    const stored = localStorage.getItem(key);
    return stored === 'light' || stored === 'dark' ? stored : 'system';
  } catch {
    return 'system';
  }
}

const shown = (): Theme => (document.documentElement.dataset.theme === 'dark' ? 'dark' : 'light');

function apply() {
  const wanted = choice();
  const theme = wanted === 'system' ? (system.matches ? 'dark' : 'light') : wanted;

  document.documentElement.dataset.theme = theme;
  document
    .querySelector('meta[name="theme-color"]')
    ?.setAttribute('content', getComputedStyle(document.documentElement).getPropertyValue('--canvas').trim());
  listeners.forEach((listener) => listener());
}

export function chooseTheme(wanted: ThemeChoice) {
  try {
    if (wanted === 'system') localStorage.removeItem(key);
    else localStorage.setItem(key, wanted);
  } catch {
    // Without storage the choice can't outlive the page; the system's theme stays.
  }
  apply();
}

/** Follows the system and other tabs from now on. public/theme.js has set the first theme before the first paint. */
export function watchTheme() {
  system.addEventListener('change', apply);
  window.addEventListener('storage', apply);
  apply();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const useThemeChoice = () => useSyncExternalStore(subscribe, choice);
export const useTheme = () => useSyncExternalStore(subscribe, shown);
