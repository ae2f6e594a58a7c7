import type { TelemetryStore } from '#storage/store.ts'
import { type Placement, placementEventSchema, placementOf } from '#telemetry/placement.ts'
import type { SensorState } from '#telemetry/sensor.ts'

/** newest notes that are read; of a sensor that has none among them what is known now is taken for all of the past */
const maxNotes = 100_000
/** ms for which what was read is good */
const freshMs = 10_000

/** Where a sensor belonged from when on (epoch ms) until the next: the first one begins long ago. */
export interface PlacedFrom extends Placement {
  from: number
}

/** Of every sensor where it belonged when, in order of time; at least one each. */
export type Placements = ReadonlyMap<string, readonly PlacedFrom[]>

interface PlacementReaderOptions {
  store: Pick<TelemetryStore, 'readEvents'>
  /** the sensors known now: those of whom nothing was ever noted belong where they are */
  sensors: () => Iterable<Pick<SensorState, 'id' | 'kind' | 'district' | 'meta'>>
  /** epoch ms */
  clock: () => number
}

/** Reads where sensors belonged over time; several who ask at once share one look into the store. */
export class PlacementReader {
  readonly #options: PlacementReaderOptions
  #held: { at: number; notes: Promise<ReadonlyMap<string, readonly PlacedFrom[]>> } | undefined

  constructor(options: PlacementReaderOptions) {
    this.#options = options
  }

  /** @throws StoreUnavailableError */
  async read(): Promise<Placements> {
    const notes = await this.#notes()
    const placements = new Map(notes)
    for (const { id, kind, district, meta } of this.#options.sensors())
      if (!placements.has(id))
        placements.set(id, [{ from: Number.NEGATIVE_INFINITY, ...placementOf({ kind, district }, meta) }])
    return placements
  }

  #notes() {
    const at = this.#options.clock()
    if (!this.#held || Math.abs(at - this.#held.at) > freshMs) {
      const held = { at, notes: readNotes(this.#options.store) }
      this.#held = held
      held.notes.catch(() => {
        if (this.#held === held) this.#held = undefined
      })
    }
    return this.#held.notes
  }
}

/** What was noted of each sensor, the earliest first; before the first note it belonged where the first one says. */
async function readNotes(store: Pick<TelemetryStore, 'readEvents'>) {
  const notes = new Map<string, PlacedFrom[]>()
  for (const { ts, body } of (await store.readEvents({ stream: 'placement', limit: maxNotes })).reverse()) {
    const { data } = placementEventSchema.safeParse(body)
    if (!data) continue
    const { sensor, ...placement } = data
    const earlier = notes.get(sensor)
    if (earlier) earlier.push({ from: ts, ...placement })
    else notes.set(sensor, [{ from: Number.NEGATIVE_INFINITY, ...placement }])
  }
  return notes
}
