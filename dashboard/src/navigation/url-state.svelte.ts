import { untrack } from 'svelte'
import { formatPlace, type Place, parsePlace } from './address.ts'

/** What of the place changes; `undefined` takes it out of the address. */
type Changes = { [Name in keyof Place]?: Place[Name] | undefined }

/** What the browser's address keeps of the page: read when it is opened, and written at every change. */
export class UrlState {
  /** the place the page was opened at */
  readonly opened: Place
  /** the place that is shown; replaced, never changed */
  place: Place = $state.raw() as Place // given by the constructor
  readonly #followers = new Set<(place: Place) => void>()

  constructor() {
    this.opened = parsePlace(location.hash)
    this.place = this.opened
  }

  /** Changes some of the place; after a `push` the browser's Back returns to the one before. */
  change(changes: Changes, how: 'replace' | 'push' = 'replace'): void {
    const place: Changes = { ...untrack(() => this.place), ...changes }
    for (const name of Object.keys(changes) as (keyof Place)[]) if (place[name] === undefined) delete place[name]
    this.place = place as Place // without what is undefined
    this.#write(new URL(location.href), how)
  }

  /** Names the language of the page, so that a link opens in it. */
  setLanguage(language: string): void {
    const url = new URL(location.href)
    url.searchParams.set('lang', language)
    this.#write(url, 'replace')
  }

  /** Goes where an address's fragment says, when the user has changed it by hand or by a link. */
  goTo(hash: string): void {
    const place = parsePlace(hash)
    const { view } = this.place
    // what the address does not say of the map leaves it where it is
    this.place = { ...(view && { view }), ...place }
    for (const follow of this.#followers) follow(place)
  }

  /** Calls `follow` with the place whenever the user goes somewhere by the address. */
  onGoTo(follow: (place: Place) => void): void {
    this.#followers.add(follow)
  }

  #write(url: URL, how: 'replace' | 'push'): void {
    url.hash = formatPlace(untrack(() => this.place))
    if (how === 'push') history.pushState(null, '', url)
    else history.replaceState(null, '', url)
  }
}
