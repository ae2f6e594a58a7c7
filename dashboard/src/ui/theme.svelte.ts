import { createContext } from 'svelte'
import type { Theme } from './colours.ts'
import { readPreference, savePreference } from './preferences.ts'

/** The theme of the page, light or dark mode: the one chosen before on this browser, or else the one of the system. */
export class ThemeChoice {
  current = $state<Theme>(initialTheme())

  choose(theme: Theme): void {
    this.current = theme
    savePreference('theme', theme)
  }
}

function initialTheme(): Theme {
  const chosen = readPreference('theme')
  if (chosen === 'light' || chosen === 'dark') return chosen
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
}

export const [getTheme, provideTheme] = createContext<ThemeChoice>()
