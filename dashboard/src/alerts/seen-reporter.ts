/** ms that a row is in view before its alert counts as seen: what is scrolled past is not */
export const seenAfterMs = 1_000
/** ms after which an alert is reported again that nobody is known to have seen: the report may have been lost */
const againAfterMs = 30_000
/** alerts in one report; the server takes no more */
const maxIds = 200
/** alerts whose report is remembered; the oldest is forgotten */
const maxReported = 2_000

interface ReporterParts {
  /** whether nobody is known to have seen this alert */
  isUnseen: (id: string) => boolean
  /** tells the server which alerts were on this screen */
  report: (ids: string[]) => void
}

/**
 * Reports which alerts were on this person's screen: at least half of a row, in a tab that is in front, for a second. What is out of
 * the list's view, in a tab behind, or on a wall display is not. A flood costs one report a second at most, and a screen whose
 * alerts are all seen costs nothing.
 */
export class SeenReporter {
  readonly #parts: ReporterParts
  /** row → its alert, and since when it is in view (ms of the page's clock) */
  readonly #rows = new Map<Element, { id: string; since: number | undefined }>()
  /** alert → when it was reported */
  readonly #reported = new Map<string, number>()
  #observer: IntersectionObserver | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #isWall = false

  constructor(parts: ReporterParts) {
    this.#parts = parts
  }

  /** Watches until the returned function is called. */
  start(): () => void {
    const restart = () => this.#restart()
    document.addEventListener('visibilitychange', restart)
    return () => {
      document.removeEventListener('visibilitychange', restart)
      clearTimeout(this.#timer)
      this.#observer?.disconnect()
    }
  }

  /** A wall display hangs there whether somebody looks at it or not: it reports nothing. */
  setWall(isWall: boolean): void {
    this.#isWall = isWall
    this.#restart()
  }

  /** For `{@attach}`: this element is the row of an alert. */
  row = (id: string) => (element: Element) => {
    this.#observer ??= new IntersectionObserver((entries) => this.#observe(entries), { threshold: 0.5 })
    this.#rows.set(element, { id, since: undefined })
    this.#observer.observe(element)
    return () => {
      this.#rows.delete(element)
      this.#observer?.unobserve(element)
    }
  }

  #observe(entries: readonly IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting } of entries) {
      const row = this.#rows.get(target)
      if (row) row.since = isIntersecting ? performance.now() : undefined
    }
    this.#wait()
  }

  /** What is in view counts from now on. */
  #restart(): void {
    for (const row of this.#rows.values()) if (row.since !== undefined) row.since = performance.now()
    this.#wait()
  }

  #wait(): void {
    if (this.#timer !== undefined || this.#isWall || document.visibilityState !== 'visible') return
    if ([...this.#rows.values()].some((row) => row.since !== undefined && this.#parts.isUnseen(row.id)))
      this.#timer = setTimeout(() => this.#report(), seenAfterMs)
  }

  #report(): void {
    this.#timer = undefined
    if (this.#isWall || document.visibilityState !== 'visible') return
    const now = performance.now()
    const ids = new Set<string>()
    for (const { id, since } of this.#rows.values()) {
      if (since === undefined || now - since < seenAfterMs || !this.#parts.isUnseen(id)) continue
      if (now - (this.#reported.get(id) ?? Number.NEGATIVE_INFINITY) >= againAfterMs) ids.add(id)
      if (ids.size >= maxIds) break
    }
    if (ids.size > 0) this.#parts.report([...ids])
    for (const id of ids) this.#reported.set(id, now)
    for (const oldest of this.#reported.keys()) {
      if (this.#reported.size <= maxReported) break
      this.#reported.delete(oldest)
    }
    this.#wait()
  }
}
