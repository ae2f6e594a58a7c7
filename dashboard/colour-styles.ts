import type { Plugin } from 'vite'
import { colours, type Theme } from './src/ui/colours.ts'

const address = 'virtual:colours.css'
const resolved = '/virtual-colours.css'

const propertyOf = (name: string) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`

function ruleOf(theme: Theme, selector: string): string {
  const properties = Object.entries(colours[theme]).map(([name, value]) => `${propertyOf(name)}:${value}`)
  return `${selector}{color-scheme:${theme};${properties.join(';')}}`
}

/** The import of `virtual:colours.css` is a style sheet that names each of the page's colours as a custom property, `--ink-soft` and the like. */
export function colourStyles(): Plugin {
  return {
    name: 'nhip-colour-styles',
    resolveId: (id) => (id === address ? resolved : null),
    load: (id) =>
      id === resolved ? `${ruleOf('light', ':root')}\n${ruleOf('dark', ':root[data-theme="dark"]')}` : null,
  }
}
