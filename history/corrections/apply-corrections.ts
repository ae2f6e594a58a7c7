import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import { z } from 'zod'
import { boundsOf } from '#storage/roll-up/spans.ts'
import type { TelemetryStore } from '#storage/store.ts'
import type { CorrectionEntry } from '#telemetry/data-corrections.ts'
import { StoreUnavailableError } from '#telemetry/errors.ts'
import { type Kind, kindSchema } from '#telemetry/kinds.ts'
import { idSchema } from '#telemetry/reading-parts.ts'
import { RepeatedTask } from '#telemetry/retry/repeated-task.ts'
import { appliedOf, readStoredOf, spanOf } from './correction-log.ts'
import { withStates } from './entry-states.ts'
import { flattenCorrections } from './flatten-corrections.ts'

/** ms between two looks at what another process did not bring to its end */
const defaultRecoverEveryMs = 10_000
/** ms after which what is due and was not done is left over: its process has ended, or could not reach the store */
const defaultLeftOverMs = 25_000
const backoff = { firstMs: 1_000, longestMs: defaultRecoverEveryMs }

const dueSchema = z.object({ kind: kindSchema, sensor: idSchema })

/** Which sensor. */
export interface CorrectedSensor {
  kind: Kind
  sensor: string
}

interface ApplierParts {
  store: TelemetryStore
  log: Logger
  /** told of how many sensors' corrections are due and not in the figures yet, at each look */
  onDue?: (sensors: number) => void
  /** ms between two looks at what was left */
  recoverEveryMs?: number
  /** ms after which it is held for left */
  leftOverMs?: number
}

/**
 * Brings what people decided into the figures: derives the segments of a sensor from all entries about it, and gives them to the
 * store. A document says that this is due before an entry is appended, and is removed once it is done: what a process that was
 * killed has left is done by the next one that looks. Several processes may do it for one sensor at once: each looks again afterwards,
 * and begins anew when there is an entry that it did not know.
 */
export class CorrectionApplier {
  readonly #parts: ApplierParts
  readonly #recovering: RepeatedTask
  readonly #listeners: (() => void)[] = []
  /** the newest entry of all that is known here */
  #newest: string | undefined
  readonly #leftOverMs: number
  /** when what is due was first seen here, by its id: clocks of processes differ */
  readonly #seenAt = new Map<string, number>()

  constructor(parts: ApplierParts) {
    this.#parts = parts
    this.#leftOverMs = parts.leftOverMs ?? defaultLeftOverMs
    this.#recovering = new RepeatedTask({
      task: () => this.recover(),
      everyMs: parts.recoverEveryMs ?? defaultRecoverEveryMs,
      backoff,
      onFault: ({ error }) =>
        parts.log.warn({ err: error }, 'corrections cannot be brought into the figures now; trying again'),
    })
  }

  /** Calls back after each new entry; those of other processes are noticed within 10 s. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener)
  }

  /** Begins to look for what was left. */
  open(): void {
    void this.#recovering.run()
  }

  async close(): Promise<void> {
    await this.#recovering.close()
  }

  /**
   * Appends entries about a sensor by `append`, then applies them. Rejects with what `append` throws, or with StoreUnavailableError as
   * long as nothing is appended; what is appended is applied later when the store is away.
   */
  async applyAfter<Result>(of: CorrectedSensor, append: () => Promise<Result>): Promise<Result> {
    const { store, log } = this.#parts
    const due = `${of.kind}/${of.sensor}.${randomUUID()}`
    await store.putDocument('correction-due', { id: due, body: of })
    let known: ReadonlySet<string>
    let result: Result
    try {
      known = keysOf(await this.#read(of))
      result = await append()
    } catch (error) {
      // what was appended all the same is applied by the next look
      if (!(error instanceof StoreUnavailableError)) await store.removeDocument('correction-due', due).catch(() => {})
      throw error
    }
    try {
      await this.#apply(of, known)
      await store.removeDocument('correction-due', due)
    } catch (error) {
      log.warn({ err: error, ...of }, 'a correction is not in the figures yet: it is tried again')
    }
    this.#notify()
    return result
  }

  #notify(): void {
    for (const listener of this.#listeners) listener()
  }

  /** Applies what was left, and notices the entries of other processes. Rejects with StoreUnavailableError. */
  async recover(): Promise<void> {
    const { store, log } = this.#parts
    const [head] = await store.eventHeads({ stream: 'correction', limit: 1 })
    if (head?.id !== this.#newest) this.#notify()
    this.#newest = head?.id
    const due = await store.readDocuments('correction-due')
    this.#parts.onDue?.(due.length)
    const ids = new Set(due.map(({ id }) => id))
    for (const id of this.#seenAt.keys()) if (!ids.has(id)) this.#seenAt.delete(id)
    for (const { id, body } of due) {
      const seenAt = this.#seenAt.get(id) ?? performance.now()
      this.#seenAt.set(id, seenAt)
      if (performance.now() - seenAt < this.#leftOverMs) continue
      const { data } = dueSchema.safeParse(body)
      if (data) {
        log.info(data, 'corrections that were left are brought into the figures')
        await this.#apply(data, new Set())
      }
      await store.removeDocument('correction-due', id)
    }
  }

  async #read({ kind, sensor }: CorrectedSensor): Promise<CorrectionEntry[]> {
    const stored = await readStoredOf(this.#parts.store, sensor)
    return withStates(stored.filter((entry) => entry.kind === kind))
  }

  /** `known`: entries whose spans need not be computed anew. */
  async #apply({ kind, sensor }: CorrectedSensor, known: ReadonlySet<string>): Promise<void> {
    const { store } = this.#parts
    for (;;) {
      const entries = await this.#read({ kind, sensor })
      const changed = entries.filter((entry) => !known.has(keyOf(entry)))
      const spans = changed.flatMap((entry) => spanOf(entry, entries) ?? [])
      if (spans.length === 0) return
      const segments = flattenCorrections(await appliedOf(store, entries))
      await store.putCorrections({ kind, sensor, segments, ...boundsOf(spans) })
      // another process may have given it older ones meanwhile, and looks again as well
      const after = keysOf(await this.#read({ kind, sensor }))
      if (isSame(after, keysOf(entries))) return
    }
  }
}

/** An entry as it is known: one about which a second person has decided since is another one. */
const keyOf = ({ id, verdict }: CorrectionEntry) => (verdict ? `${id} ${verdict.at}` : id)

const keysOf = (entries: readonly CorrectionEntry[]) => new Set(entries.map(keyOf))

const isSame = (one: ReadonlySet<string>, other: ReadonlySet<string>) =>
  one.size === other.size && [...one].every((key) => other.has(key))
