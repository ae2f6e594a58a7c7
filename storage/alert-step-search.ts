import {
  type AlertSearch,
  byTimeRaised,
  fitsFilter,
  fitsHandlers,
  maxHandlers,
  type StepFacts,
} from './alert-search.ts'

/** Where a step of an alert lies in the store; absent for one that only the caller knows. */
export interface StepLocation {
  id: string
  /** epoch ms */
  ts: number
}

/** The newest step of an alert, as far as it is needed once its facts were compared. */
interface Newest {
  id: string
  revision: number
  raisedAt: number
  wasOpen: boolean
  fits: boolean
  location: StepLocation | undefined
  /** who is named by the alert itself */
  named: string[]
}

/** One alert of a page. */
export interface FoundAlert {
  id: string
  location: StepLocation | undefined
  handlers: string[]
}

/** Searches alerts in steps that come one by one, in any order, where the store cannot. Of each alert it holds a few words. */
export class AlertStepSearch {
  readonly #search: AlertSearch
  readonly #newest = new Map<string, Newest>()
  /** who took a step of each alert, by its id */
  readonly #handlersOfSteps = new Map<string, Set<string>>()

  constructor(search: AlertSearch) {
    this.#search = search
    for (const alert of search.open) this.add({ alert })
  }

  add({ alert, by }: StepFacts, location?: StepLocation): void {
    const { id, revision, raisedAt, acknowledged, assigned, shelved } = alert
    if (by !== undefined) this.#handlersOfSteps.set(id, (this.#handlersOfSteps.get(id) ?? new Set()).add(by))
    if ((this.#newest.get(id)?.revision ?? 0) >= revision) return
    const { from, to, now } = this.#search
    this.#newest.set(id, {
      ...{ id, revision, raisedAt, location },
      wasOpen: raisedAt < to && (alert.clearedAt ?? now) >= from,
      fits: fitsFilter(alert, this.#search),
      named: [acknowledged?.by, assigned?.by, shelved?.by].filter((name) => name !== undefined),
    })
  }

  /** What was found: how many fit, one page of them, and who handled any alert of the span, the first {@link maxHandlers} by name. */
  result(): { total: number; page: FoundAlert[]; handlers: string[] } {
    const { limit, offset } = this.#search
    const handlers = new Set<string>()
    const fitting: Newest[] = []
    for (const newest of this.#newest.values()) {
      if (!newest.wasOpen) continue
      const names = this.#handlersOf(newest)
      for (const name of names) handlers.add(name)
      if (newest.fits && fitsHandlers(names, this.#search)) fitting.push(newest)
    }
    const page = fitting.sort(byTimeRaised).slice(offset, offset + limit)
    return {
      total: fitting.length,
      page: page.map((newest) => ({
        id: newest.id,
        location: newest.location,
        handlers: [...this.#handlersOf(newest)],
      })),
      handlers: [...handlers].sort().slice(0, maxHandlers),
    }
  }

  #handlersOf({ id, named }: Newest): Set<string> {
    return new Set([...named, ...(this.#handlersOfSteps.get(id) ?? [])])
  }
}
