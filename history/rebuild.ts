import { z } from 'zod'
import type { RollUpStorage } from '#storage/roll-ups.ts'
import type { TelemetryStore } from '#storage/store.ts'
import { sleep } from '#telemetry/retry/sleep.ts'
import type { UpkeepLease } from './upkeep-lease.ts'
import { UpkeepPace } from './upkeep-pace.ts'

/** id of the one document that says that a rebuild was begun */
const id = 'rebuild'
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
})
type Rebuild = z.infer<typeof rebuildSchema>

export interface RebuildProgress {
  /** epoch ms: the first reading, how far it is, and how far it goes */
  from: number
  rolledTo: number
  until: number
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
    Pick<TelemetryStore, 'firstReadingAt' | 'putDocument' | 'readDocuments' | 'removeDocument'>
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
  const { store, now, signal, lease } = options
  const first = await store.firstReadingAt({ from: 0, to: options.until })
  const begun = await unfinished(store)
  const { rebuild, resumedFrom } = begun ?? {
    rebuild: { begunAt: now, until: options.until, isReset: false },
    resumedFrom: undefined,
  }
  const total = { hours: 0, readings: 0 }
  const result = async (outcome: RebuildResult['outcome']): Promise<RebuildResult> => {
    if (outcome !== 'interrupted') await store.removeDocument('roll-up-rebuild', id)
    return { outcome, resumedFrom, frozenTo: (await store.upkeepState()).frozenTo, ...total }
  }
  if (first === undefined) return result('empty')
  if (!rebuild.isReset) {
    await note(store, rebuild)
    await store.resetRollUps()
    await note(store, { ...rebuild, isReset: true })
  }
  const pace = new UpkeepPace({ stepMs: 1_000, pausePerMs: 0 })
  try {
    while (!signal.aborted) {
      const isOurs = !lease || (await lease.acquire())
      const startedAt = performance.now()
      const step = isOurs && (await store.upkeep({ until: rebuild.until, maxReadings: pace.maxReadings }))
      if (step) {
        pace.record({ ms: performance.now() - startedAt, readings: step.readings })
        total.hours += step.hours
        total.readings += step.readings
      }
      const { rolledTo = first } = await store.upkeepState()
      options.onProgress?.({ from: first, rolledTo, until: rebuild.until, ...total, isElsewhere: !isOurs })
      if (step ? !step.more : rolledTo >= rebuild.until) return await result('done')
      if (!isOurs) await sleep(lookMs, signal)
    }
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
async function unfinished(
  store: Documents & Pick<RollUpStorage, 'upkeepState'>,
): Promise<{ rebuild: Rebuild; resumedFrom: number } | undefined> {
  const [found] = await store.readDocuments('roll-up-rebuild')
  const { data: rebuild } = rebuildSchema.safeParse(found?.body)
  if (!rebuild) return undefined
  const { rolledTo = 0 } = await store.upkeepState()
  if (rebuild.isReset && rolledTo >= rebuild.until) return undefined
  return { rebuild, resumedFrom: rebuild.begunAt }
}
