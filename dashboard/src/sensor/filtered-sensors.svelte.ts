import { createContext } from 'svelte'
import type { SensorState } from '#telemetry/sensor.ts'
import type { Locale } from '../i18n/locale.svelte.ts'
import type { UrlState } from '../navigation/url-state.svelte.ts'
import type { Timeline } from '../replay/timeline.svelte.ts'
import { type Filters, noFilters, passesPlace, passesState } from './filters.ts'
import { foldedWords, matches } from './search.ts'

/** The filters and the search, and which sensors pass them. */
export class FilteredSensors {
  readonly #url: UrlState
  readonly #timeline: Timeline
  readonly #locale: Locale
  readonly filters = $derived.by(() => this.#url.place.filters)
  /** ids in order of name: comparing names is slow, so it is done only when one has changed */
  readonly #byName = $derived.by(() => {
    const { scene } = this.#timeline
    void scene.places
    const { compare } = new Intl.Collator(this.#locale.language, { numeric: true })
    const named = [...scene.registry.all()].map((sensor) => ({ id: sensor.id, name: this.#locale.nameOf(sensor) }))
    return named.sort((a, b) => compare(a.name, b.name) || compare(a.id, b.id)).map(({ id }) => id)
  })
  /** those of them whose place passes the filters, and whose words the search */
  readonly #passing = $derived.by(() => {
    const query = this.filters.query.trim()
    return this.#byName.filter((id) => {
      const sensor = this.#timeline.scene.registry.get(id)
      if (!sensor || !passesPlace(sensor, this.filters)) return false
      return query === '' || matches(this.#foldedOf(sensor), query)
    })
  })
  readonly #folded = new Map<string, { of: SensorState['meta']; text: string }>()

  constructor({ url, timeline, locale }: { url: UrlState; timeline: Timeline; locale: Locale }) {
    this.#url = url
    this.#timeline = timeline
    this.#locale = locale
  }

  /** Changes some of the filters. */
  filter(changed: Partial<Filters>): void {
    this.#url.change({ filters: { ...this.filters, ...changed } })
  }

  /** Shows everything again. */
  resetFilters(): void {
    this.filter({ ward: undefined, state: undefined, ...noFilters })
  }

  isShown(sensor: SensorState): boolean {
    const { registry } = this.#timeline.scene
    return passesPlace(sensor, this.filters) && passesState(registry.standing(sensor.id), this.filters)
  }

  /** Sensors that pass the filters and the search, as they are now, in order of name. */
  found(): SensorState[] {
    const { now, registry } = this.#timeline.scene
    void now
    const found: SensorState[] = []
    for (const id of this.#passing) {
      const sensor = registry.get(id)
      if (sensor && passesState(registry.standing(id), this.filters)) found.push(sensor)
    }
    return found
  }

  #foldedOf(sensor: SensorState): string {
    const held = this.#folded.get(sensor.id)
    if (held && held.of === sensor.meta) return held.text
    const text = foldedWords(sensor)
    this.#folded.set(sensor.id, { of: sensor.meta, text })
    return text
  }
}

export const [getFilteredSensors, provideFilteredSensors] = createContext<FilteredSensors>()
