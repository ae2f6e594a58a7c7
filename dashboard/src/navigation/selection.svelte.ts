import { createContext } from 'svelte'
import type { UrlState } from './url-state.svelte.ts'

/** The sensor whose panel is open. */
export class Selection {
  readonly #url: UrlState
  /** its id */
  readonly sensor = $derived.by(() => this.#url.place.sensor)
  /** the one that the page was opened with */
  readonly opened: string | undefined
  /** the one whose row in a list opened the panel: there the focus goes back to */
  fromRow: string | undefined

  constructor(url: UrlState) {
    this.#url = url
    this.opened = url.opened.sensor
  }

  select(id: string | undefined, { isFromRow = false } = {}): void {
    if (id !== undefined) this.fromRow = isFromRow ? id : undefined
    this.#url.change({ sensor: id })
  }
}

export const [getSelection, provideSelection] = createContext<Selection>()
