import type { Feature, Point } from 'geojson'
import { collection } from './features.ts'
import type { SourceData } from './source-data.ts'

/** Points that come and go, few at a time, in a small source of their own, which is given anew when one has changed. */
export class Marks {
  readonly #sources: SourceData
  readonly #id: string
  readonly #marks = new Map<string, Feature<Point>>()
  readonly #again: () => void
  #changed = false
  #drawing = false

  /** `source` is the id of a source; `again` is called when {@link flush} has something left to do. */
  constructor(sources: SourceData, source: string, again: () => void) {
    this.#sources = sources
    this.#id = source
    this.#again = again
  }

  /** Shows, changes or takes away (undefined) the mark of a sensor. */
  set(id: string, next: Feature<Point> | undefined): void {
    if (isSame(this.#marks.get(id), next)) return
    if (next) this.#marks.set(id, next)
    else this.#marks.delete(id)
    this.#changed = true
  }

  /** Takes the marks away of sensors that are not there any more. */
  retain(isThere: (id: string) => boolean): void {
    for (const id of this.#marks.keys()) if (!isThere(id)) this.set(id, undefined)
  }

  /** Gives the map what has changed and answers true, unless it is still at the last ones: more would only queue up. */
  flush(): boolean {
    if (!this.#changed || this.#drawing) return false
    this.#changed = false
    this.#drawing = true
    const drawn = this.#sources.set(this.#id, collection([...this.#marks.values()]))
    void Promise.allSettled([drawn]).then(() => {
      this.#drawing = false
      if (this.#changed) this.#again()
    })
    return true
  }
}

function isSame(held: Feature<Point> | undefined, next: Feature<Point> | undefined): boolean {
  if (!held || !next) return held === next
  const [a, b] = [held.geometry.coordinates, next.geometry.coordinates]
  const properties: [Feature['properties'], Feature['properties']] = [held.properties, next.properties]
  const same = (name: string) => properties[0]?.[name] === properties[1]?.[name]
  return same('cause') && same('rank') && same('words') && same('commanded') && a[0] === b[0] && a[1] === b[1]
}
