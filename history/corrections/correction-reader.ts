import type { QueryContext, TelemetryStore } from '#storage/store.ts'
import type { Kind } from '#telemetry/kinds.ts'
import { appliedOf, readStoredOf } from './correction-log.ts'
import { withStates } from './entry-states.ts'
import { flattenCorrections } from './flatten-corrections.ts'
import { ValueCorrections } from './value-corrections.ts'

/** sensors whose corrections are held */
const maxHeld = 1_000
/** newest entries among which sensors with corrections are looked for */
const maxEntries = 50_000

interface Held {
  /** the newest entry about the sensor */
  newest: string
  corrections: ValueCorrections
}

/** Reads what is decided about the values of sensors, from the entries themselves: anew only where there is a new one. */
export class CorrectionReader {
  readonly #store: Pick<TelemetryStore, 'readEvents' | 'eventHeads'>
  readonly #held = new Map<string, Held>()

  constructor(store: Pick<TelemetryStore, 'readEvents' | 'eventHeads'>) {
    this.#store = store
  }

  /** What is decided about a sensor's values; undefined when nobody ever decided anything. */
  async of(kind: Kind, sensor: string, context?: QueryContext): Promise<ValueCorrections | undefined> {
    const [head] = await this.#store.eventHeads({ stream: 'correction', subject: sensor, limit: 1 }, context)
    if (!head) return undefined
    const held = this.#held.get(`${kind}/${sensor}`)
    if (held?.newest === head.id) return held.corrections
    const stored = (await readStoredOf(this.#store, sensor, context)).filter((entry) => entry.kind === kind)
    const corrections = new ValueCorrections(
      flattenCorrections(await appliedOf(this.#store, withStates(stored), context)),
    )
    if (this.#held.size >= maxHeld) this.#held.clear()
    this.#held.set(`${kind}/${sensor}`, { newest: head.id, corrections })
    return corrections
  }

  /** The same of all sensors, or of one, about which anything is decided within a span (epoch ms). */
  async within(
    kind: Kind,
    { sensor: one, ...span }: { sensor?: string; from: number; to: number },
    context?: QueryContext,
  ): Promise<Map<string, ValueCorrections>> {
    const found = new Map<string, ValueCorrections>()
    for (const sensor of one === undefined ? await this.#sensors(context) : [one]) {
      const corrections = await this.of(kind, sensor, context)
      if (corrections?.overlaps(span)) found.set(sensor, corrections)
    }
    return found
  }

  /** Sensors about which anybody ever decided anything. */
  async #sensors(context: QueryContext | undefined): Promise<ReadonlySet<string>> {
    const heads = await this.#store.eventHeads({ stream: 'correction', limit: maxEntries }, context)
    return new Set(heads.map(({ subject }) => subject))
  }
}
