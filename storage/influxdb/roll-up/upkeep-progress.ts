import { z } from 'zod'
import type { TelemetryStore } from '../../store.ts'

const collection = 'roll-up-progress'
/** ms after which it is read again by who only needs to know it roughly */
const keptMs = 60_000

const rolledSchema = z.object({
  /** the first hour that is rolled up, and the hour before which all are but the dirty; epoch ms. Absent: none yet */
  from: z.number().optional(),
  rolledTo: z.number().optional(),
  /** the zone whose days are rolled up, and from which time on (epoch ms) */
  days: z.object({ zone: z.string(), from: z.number() }).optional(),
})
type Rolled = z.infer<typeof rolledSchema>

const frozenSchema = z.object({ frozenTo: z.number() })

/** How far the roll-ups in an InfluxDB are. */
export interface Progress extends Rolled {
  /** hours before stay as they are; epoch ms */
  frozenTo: number
}

const none: Progress = { frozenTo: 0 }

/** Keeps how far roll-ups are: in one document what the upkeep writes, in another what trimming writes, so that neither undoes the other's. */
export class UpkeepProgress {
  readonly #store: Pick<TelemetryStore, 'readDocuments' | 'putDocument'>
  #known = none
  #knownAt = Number.NEGATIVE_INFINITY

  constructor(store: Pick<TelemetryStore, 'readDocuments' | 'putDocument'>) {
    this.#store = store
  }

  async read(): Promise<Progress> {
    const at = performance.now()
    const bodies = new Map((await this.#store.readDocuments(collection)).map(({ id, body }) => [id, body]))
    const rolled = rolledSchema.parse(bodies.get('rolled') ?? {})
    const frozen = frozenSchema.parse(bodies.get('frozen') ?? none)
    this.#known = { ...rolled, ...frozen }
    this.#knownAt = at
    return this.#known
  }

  /** As it was not more than a minute ago. */
  async readRoughly(): Promise<Progress> {
    return performance.now() - this.#knownAt < keptMs ? this.#known : this.read()
  }

  async writeRolled({ from, rolledTo, days }: { [Key in keyof Rolled]?: Rolled[Key] | undefined }): Promise<void> {
    await this.#store.putDocument(collection, { id: 'rolled', body: { from, rolledTo, days } })
    await this.read()
  }

  async writeFrozen(frozenTo: number): Promise<void> {
    await this.#store.putDocument(collection, { id: 'frozen', body: { frozenTo } })
    await this.read()
  }
}
