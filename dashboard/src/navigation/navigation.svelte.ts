import { createContext } from 'svelte'
import type { Section } from './sections.ts'
import type { UrlState } from './url-state.svelte.ts'

const nothing: Readonly<Record<string, string>> = {}

/** Which part of the page is shown, and what a wide page keeps in the address. */
export class Navigation {
  readonly #url: UrlState
  readonly section = $derived.by<Section>(() => this.#url.place.section ?? 'map')
  /** what the wide page that is shown keeps in the address */
  readonly own = $derived.by(() => this.#url.place.own ?? nothing)
  /** shown on a wall: larger, without what asks for a hand */
  readonly kiosk = $derived.by(() => this.#url.place.kiosk ?? false)

  constructor(url: UrlState) {
    this.#url = url
  }

  /** Shows a section; the browser's Back returns to the one before. */
  show(section: Section): void {
    if (section !== this.section) this.#url.change({ section, own: nothing }, 'push')
  }

  /** Changes some of what the wide page keeps in the address. */
  changeOwn(changed: Readonly<Record<string, string>>): void {
    this.#url.change({ own: { ...this.own, ...changed } })
  }

  /** Begins or ends the look for a wall display. */
  setKiosk(kiosk: boolean): void {
    this.#url.change({ kiosk: kiosk || undefined })
  }
}

export const [getNavigation, provideNavigation] = createContext<Navigation>()
