import { z } from 'zod'
import type { RollUpStorage } from '#storage/roll-ups.ts'
import type { TelemetryStore } from '#storage/store.ts'
import { sleep } from '#telemetry/retry/sleep.ts'
import type { UpkeepLease } from './upkeep-lease.ts'
import { UpkeepPace } from './upkeep-pace.ts'

/** id of the one document that says that a rebuild was begun */
const id = 'rebuild'
/** ms between two notes of how far it is */
const noteEveryMs = 5_000
/** ms between two looks while another process does the upkeep */
const lookMs = 1_000

/** What is kept of a rebuild until it is done: it goes on from there when it is begun again. */
const rebuildSchema = z.object({
  /** epoch ms */
  begunAt: z.number(),
  /** epoch ms: up to here roll-ups are made anew */
  until: z.number(),
  /** whether the old ones are forgotten */
  isReset: z.boolean(),
  /** readings rolled up so far, as of the last note */
  readings: z.number().default(0),
})
type Rebuild = z.infer<typeof rebuildSchema>

export interface RebuildProgress {
  /** readings there were when it began */
  total: number
  /** about as many of them are rolled up, before an interruption too */
  done: number
  /** rolled up by this process */
  hours: number
  readings: number
  /** whether another process does it, at its own pace */
  isElsewhere: boolean
}

export interface RebuildResult {
  outcome: 'done' | 'interrupted' | 'empty'
  /** epoch ms when a rebuild was begun that this one went on with */
  resumedFrom: number | undefined
  /** epoch ms: what is before stays as it was, for its readings are gone */
  frozenTo: number
  hours: number
  readings: number
}

export interface RebuildOptions {
  store: Pick<RollUpStorage, 'upkeep' | 'upkeepState' | 'resetRollUps'> &
    Pick<TelemetryStore, 'firstReadingAt' | 'count' | 'putDocument' | 'readDocuments' | 'removeDocument'>
  /** epoch ms: up to when hours are settled */
  until: number
  /** epoch ms */
  now: number
  /** aborted to end after the step under way */
  signal: AbortSignal
  lease?: Pick<UpkeepLease, 'acquire' | 'release'>
  onProgress?: (progress: RebuildProgress) => void
}

/**
 * Forgets all roll-ups whose readings are still there and makes them anew. May be ended at any moment, by the signal or for good: what is rolled
 * up stays, answers come from readings where it is not, and the next rebuild goes on (as does the upkeep of a platform that is started).
 */
export async function rebuildRollUps(options: RebuildOptions): Promise<RebuildResult> {
  const { store, now, until, signal, lease } = options
  const first = await store.firstReadingAt({ from: 0, to: until })
  const begun = await unfinished(store)
  const rebuild = begun ?? { begunAt: now, until, isReset: false, readings: 0 }
  const made = { hours: 0, readings: 0 }
  const result = async (outcome: RebuildResult['outcome']): Promise<RebuildResult> => {
    if (outcome !== 'interrupted') await store.removeDocument('roll-up-rebuild', id)
    return { outcome, resumedFrom: begun?.begunAt, frozenTo: (await store.upkeepState()).frozenTo, ...made }
  }
  if (first === undefined) return result('empty')
  if (!rebuild.isReset) {
    await note(store, rebuild)
    await store.resetRollUps()
    await note(store, { ...rebuild, isReset: true })
  }
  const total = await store.count()
  const pace = new UpkeepPace({ stepMs: 1_000, pausePerMs: 0 })
  let notedAt = performance.now()
  try {
    while (!signal.aborted) {
      const isElsewhere = lease !== undefined && !(await lease.acquire())
      if (isElsewhere) {
        const { rolledTo = first } = await store.upkeepState()
        const done = Math.floor(total * Math.min((rolledTo - first) / Math.max(rebuild.until - first, 1), 1))
        options.onProgress?.({ total, done, ...made, isElsewhere })
        if (rolledTo >= rebuild.until) return await result('done')
        await sleep(lookMs, signal)
        continue
      }
      const startedAt = performance.now()
      const { hours, readings, more } = await store.upkeep({ until: rebuild.until, maxReadings: pace.maxReadings })
      pace.record({ ms: performance.now() - startedAt, readings })
      made.hours += hours
      made.readings += readings
      const done = rebuild.readings + made.readings
      options.onProgress?.({ total, done: more ? Math.min(done, total) : total, ...made, isElsewhere })
      if (!more) return await result('done')
      if (performance.now() - notedAt < noteEveryMs) continue
      await note(store, { ...rebuild, isReset: true, readings: done })
      notedAt = performance.now()
    }
    await note(store, { ...rebuild, isReset: true, readings: rebuild.readings + made.readings })
    return await result('interrupted')
  } finally {
    await lease?.release()
  }
}

type Documents = Pick<TelemetryStore, 'putDocument' | 'readDocuments'>

async function note(store: Documents, body: Rebuild): Promise<void> {
  await store.putDocument('roll-up-rebuild', { id, body })
}

/** A rebuild that was begun and is not done: neither by itself nor by the upkeep since. */
async function unfinished(store: Documents & Pick<RollUpStorage, 'upkeepState'>): Promise<Rebuild | undefined> {
  const [found] = await store.readDocuments('roll-up-rebuild')
  const { data: rebuild } = rebuildSchema.safeParse(found?.body)
  if (!rebuild) return undefined
  const { rolledTo = 0 } = await store.upkeepState()
  return rebuild.isReset && rolledTo >= rebuild.until ? undefined : rebuild
}
