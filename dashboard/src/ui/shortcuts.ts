import { createContext } from 'svelte'
import type { Words } from '#telemetry/language.ts'

/** A key of the keyboard and what it does. Each part of the page registers its own; the help reads them all. */
export interface Shortcut {
  /** `KeyboardEvent.key`, such as `j` or `ArrowDown`; letters in lower case, with `Shift+` before them when it is held */
  keys: readonly string[]
  what: Words
  /** whether it does anything now; always when absent */
  when?: (event: KeyboardEvent) => boolean
  run: (event: KeyboardEvent) => void
}

function nameOf(event: KeyboardEvent): string {
  const letter = event.key.length === 1 && event.key.toLowerCase() !== event.key.toUpperCase()
  if (!letter) return event.key
  return event.shiftKey ? `Shift+${event.key.toLowerCase()}` : event.key.toLowerCase()
}

/** Whether keys typed there are text, or choose something. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement)
    return true
  return target instanceof HTMLInputElement && !['checkbox', 'radio', 'range'].includes(target.type)
}

/** The one registry of shortcuts. */
export class Shortcuts {
  readonly #parts = new Set<{ title: Words; shortcuts: readonly Shortcut[] }>()

  /** Adds a part's shortcuts until the returned function is called. */
  register(title: Words, shortcuts: readonly Shortcut[]): () => void {
    const part = { title, shortcuts }
    this.#parts.add(part)
    return () => {
      this.#parts.delete(part)
    }
  }

  /** All there are now, by part. */
  all() {
    return [...this.#parts]
  }

  /** Does what a key pressed anywhere on the page stands for; true when it stood for something. */
  handle(event: KeyboardEvent): boolean {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return false
    if (isTyping(event.target) && event.key !== 'Escape') return false
    const name = nameOf(event)
    for (const { shortcuts } of this.#parts) {
      const found = shortcuts.find(({ keys, when }) => keys.includes(name) && (when?.(event) ?? true))
      if (!found) continue
      event.preventDefault()
      found.run(event)
      return true
    }
    return false
  }
}

export const [getShortcuts, provideShortcuts] = createContext<Shortcuts>()
