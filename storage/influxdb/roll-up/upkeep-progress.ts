import { randomUUID } from 'node:crypto'
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
  /** which reset it follows, none when absent: what a step writes that began before a reset does not count */
  generation: z.string().optional(),
})
type Rolled = z.infer<typeof rolledSchema>

const frozenSchema = z.object({ frozenTo: z.number() })

/** How far the roll-ups in an InfluxDB are. */
export interface Progress extends Rolled {
  /** hours before stay as they are; epoch ms */
  frozenTo: number
}

const none: Progress = { frozenTo: 0 }

/**
 * Keeps how far roll-ups are: in one document what the upkeep writes, in another what trimming writes, in a third what a reset writes, so
 * that none undoes another's, whichever process writes last.
 */
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
    const reset = rolledSchema.parse(bodies.get('reset') ?? {})
    const written = rolledSchema.parse(bodies.get('rolled') ?? {})
    const rolled = written.generation === reset.generation ? written : reset
    const frozen = frozenSchema.parse(bodies.get('frozen') ?? none)
    this.#known = { ...rolled, ...frozen }
    this.#knownAt = at
    return this.#known
  }

  /** As it was not more than a minute ago. */
  async readRoughly(): Promise<Progress> {
    return performance.now() - this.#knownAt < keptMs ? this.#known : this.read()
  }

  /** What follows a progress that was read: does not count if there was a reset meanwhile. */
  async writeRolled({ from, rolledTo, days, generation }: Rolled): Promise<void> {
    await this.#store.putDocument(collection, { id: 'rolled', body: { from, rolledTo, days, generation } })
    await this.read()
  }

  /** Nothing is rolled up any more but what is frozen. */
  async reset(): Promise<void> {
    const { from, frozenTo } = await this.read()
    const rest = frozenTo === 0 ? {} : { from, rolledTo: frozenTo }
    await this.#store.putDocument(collection, { id: 'reset', body: { ...rest, generation: randomUUID() } })
    await this.read()
  }

  async writeFrozen(frozenTo: number): Promise<void> {
    await this.#store.putDocument(collection, { id: 'frozen', body: { frozenTo } })
    await this.read()
  }
}
