import pLimit from 'p-limit'
import type { Logger } from 'pino'
import { CorrectionApplier } from '#history/corrections/apply-corrections.ts'
import type { FilePoint } from '#history/corrections/correction-file.ts'
import { eventsOf, readStoredOf } from '#history/corrections/correction-log.ts'
import { CorrectionReader } from '#history/corrections/correction-reader.ts'
import { isSamePerson, withStates } from '#history/corrections/entry-states.ts'
import type { TelemetryStore } from '#storage/store.ts'
import {
  type CorrectionEntry,
  type DataCorrection,
  maxCorrectionsOfSensor,
  type StoredCorrection,
  type Undoing,
  type Verdict,
} from '#telemetry/data-corrections.ts'
import { minuteMs } from '#telemetry/durations.ts'
import { sleep } from '#telemetry/retry/sleep.ts'
import type { ApiMetrics } from '../metrics.ts'
import { OneTimeClaims } from '../people/one-time-claims.ts'
import { ApiProblem } from '../server/problems.ts'
import { newEntryId } from '../shift-log/entry-id.ts'
import type { CheckedCorrection } from './check-correction.ts'
import { checkKept, checkRoom } from './check-limits.ts'
import { entryOf, overlaps, spanOfEntry } from './find-entries.ts'

/** ms for which nobody corrects after the same entry, where a process ended before its own was recorded */
const claimKeptMs = minuteMs
/** ms by which an entry may get a later time than the clock's, so that it stands behind the newest one of its sensor */
const maxAheadMs = minuteMs
/** tries to be the next one, where several correct a sensor at once, and ms between them: longer each time */
const [maxTries, pauseMs] = [8, 100]

interface CorrectionsParts {
  store: TelemetryStore
  metrics: ApiMetrics
  log: Logger
  /** epoch ms */
  clock: () => number
  /** whether a second person has to confirm what is entered from now on */
  needConfirmation: boolean
}

/** What to append, made of all that is known of the sensor: `entries` with what became of them. */
type Make<Entry extends StoredCorrection> = (
  entries: readonly CorrectionEntry[],
  recorded: Pick<StoredCorrection, 'id' | 'at'>,
) => Promise<{ entry: Entry; points?: readonly FilePoint[] | undefined }>

/**
 * What people decide about readings: entries of the event stream `correction`, to which is only appended. Of one sensor one entry
 * is appended after the other, in all processes of the api; then it is brought into the figures.
 */
export class Corrections {
  readonly #parts: CorrectionsParts
  readonly #applier: CorrectionApplier
  readonly #claims: OneTimeClaims
  readonly #appending = pLimit(1)
  /** what is decided about the values of sensors */
  readonly reader: CorrectionReader

  constructor(parts: CorrectionsParts) {
    const { store, log, clock } = parts
    this.#parts = parts
    this.reader = new CorrectionReader(store)
    this.#applier = new CorrectionApplier({ store, log, onDue: (sensors) => parts.metrics.correctionsDue.set(sensors) })
    this.#claims = new OneTimeClaims({ store, log, clock, collection: 'correction-claim', keptMs: claimKeptMs })
  }

  /** Calls back after each new entry, also of another process. */
  onChange(listener: () => void): void {
    this.#applier.onChange(listener)
  }

  get needConfirmation(): boolean {
    return this.#parts.needConfirmation
  }

  /** Begins to look for what another process did not bring to its end. */
  open(): void {
    this.#applier.open()
  }

  close(): Promise<void> {
    return this.#applier.close()
  }

  /**
   * Enters a correction. `seen`: the newest entry about the sensor that the caller knows of, empty for none. @throws ApiProblem
   * when somebody else corrected the same since, when the readings are no longer kept, or there are too many
   */
  correct(
    { points, ...checked }: CheckedCorrection,
    { by, reason, seen }: { by: string; reason: string; seen?: string | undefined },
  ): Promise<DataCorrection> {
    const { store, clock, needConfirmation } = this.#parts
    return this.#append(checked, async (entries, recorded) => {
      await checkKept(store, checked.from, clock())
      const since = seen === undefined ? undefined : entries.findIndex(({ id }) => id === seen) + 1
      const other =
        since === undefined ? undefined : entries.slice(since).find((entry) => overlaps(entry, checked, entries))
      if (other) throw new ApiProblem('CONFLICT', { code: 'CORRECTED_MEANWHILE', params: { by: other.by } })
      const entry: DataCorrection = {
        ...{ type: 'correction', ...recorded, by, ...checked, reason, needsConfirmation: needConfirmation },
      }
      await checkRoom(store, entries, { ...entry, ...(points && { points }) })
      return { entry, points }
    })
  }

  /** Undoes an entry that is in force, or withdraws one's own that waits. @throws ApiProblem */
  async undo(id: string, { by, reason }: { by: string; reason: string }): Promise<Undoing> {
    const { store, clock, needConfirmation } = this.#parts
    const { kind, sensor } = await entryOf(store, id)
    return this.#append({ kind, sensor }, async (entries, recorded) => {
      const found = entries.find((entry) => entry.id === id)
      const isWithdrawn = found?.state === 'waiting' && isSamePerson(found.by, by)
      if (!found || (found.state !== 'in-force' && !isWithdrawn))
        throw new ApiProblem('CONFLICT', { code: 'NOT_IN_FORCE', params: {} })
      if (!isWithdrawn) await checkKept(store, spanOfEntry(found, entries).from, clock())
      const needsConfirmation = needConfirmation && !isWithdrawn
      return {
        entry: { type: 'undoing', ...recorded, by, kind, sensor, undoes: id, reason, needsConfirmation },
      }
    })
  }

  /** Decides about an entry of somebody else that waits. @throws ApiProblem */
  async decide(
    id: string,
    { by, verdict, comment }: Pick<Verdict, 'by' | 'verdict' | 'comment'>,
  ): Promise<CorrectionEntry> {
    const { store, clock } = this.#parts
    const { kind, sensor } = await entryOf(store, id)
    await this.#append({ kind, sensor }, async (entries, recorded) => {
      const found = entries.find((entry) => entry.id === id)
      if (found?.state !== 'waiting') throw new ApiProblem('CONFLICT', { code: 'NOT_WAITING', params: {} })
      if (isSamePerson(found.by, by)) throw new ApiProblem('FORBIDDEN', { code: 'NOT_YOUR_OWN', params: {} })
      if (verdict === 'confirmed') await checkKept(store, spanOfEntry(found, entries).from, clock())
      return { entry: { type: 'verdict', ...recorded, by, kind, sensor, about: id, verdict, comment } }
    })
    return entryOf(store, id)
  }

  #append<Entry extends StoredCorrection>(
    of: Pick<StoredCorrection, 'kind' | 'sensor'>,
    make: Make<Entry>,
  ): Promise<Entry> {
    return this.#appending(() => this.#appendNext(of, make))
  }

  async #appendNext<Entry extends StoredCorrection>(
    { kind, sensor }: Pick<StoredCorrection, 'kind' | 'sensor'>,
    make: Make<Entry>,
  ): Promise<Entry> {
    const { store, metrics, clock } = this.#parts
    for (let tries = 0; tries < maxTries; tries++) {
      const stored = await readStoredOf(store, sensor)
      if (stored.length >= maxCorrectionsOfSensor)
        throw new ApiProblem('CONFLICT', {
          code: 'TOO_MANY_CORRECTIONS',
          params: { sensor, most: maxCorrectionsOfSensor },
        })
      const newest = stored.at(-1)
      const at = nextTime(clock(), newest?.at ?? 0)
      const { entry, points } = await make(withStates(stored), { id: newEntryId(at), at })
      const isNewest = async () => (await readStoredOf(store, sensor)).at(-1)?.id === newest?.id
      // another process may be appending the next one
      const withdraw = await this.#claims.claim({ hash: `${sensor}-${newest?.id ?? 'first'}`, until: at }, isNewest)
      if (!withdraw) {
        await sleep(pauseMs * (tries + Math.random()))
        continue
      }
      try {
        await this.#applier.applyAfter({ kind, sensor }, () => store.appendEvents(eventsOf(entry, points)))
      } catch (error) {
        await withdraw()
        throw error
      }
      metrics.corrections.inc({ type: entry.type })
      return entry
    }
    throw new ApiProblem('CONFLICT', { code: 'CORRECTING_NOW', params: {} })
  }
}

/** Now, or just behind the newest entry, though the clock of another process is a little ahead. */
function nextTime(now: number, newestAt: number): number {
  const behind = newestAt + 1
  return behind > now && behind - now <= maxAheadMs ? behind : now
}
