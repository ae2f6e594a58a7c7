import { StoreRejectedError, StoreUnavailableError } from '#telemetry/errors.ts'
import type { MessageFault } from '#telemetry/faults/message-faults.ts'
import { reasonOf } from '#telemetry/faults/message-reasons.ts'
import { timesOnly } from '#telemetry/measured-times.ts'
import type { Quarantined } from '#telemetry/quarantine-rest.ts'
import type { RunningStoreParts } from '../ingest-store.ts'
import type { Quarantine } from './quarantine.ts'

/** Keeps entries of the quarantine; a store that rejects them is one that takes nothing now. */
function appendOrFail(entries: readonly Quarantined[], quarantine: Quarantine): Promise<void> {
  return quarantine.append(entries, quarantine.clock.now()).catch((error: unknown) => {
    if (!(error instanceof StoreRejectedError)) throw error
    const words = `the store refuses what should go to quarantine: ${error.message}`
    throw new StoreUnavailableError(words, { cause: error })
  })
}

/**
 * Tries until the store has all of these entries: what is in none of the two places would be lost when the journal goes on. What
 * it rejects for its age is kept with the time of now, for anything else with the times of its readings alone; when it rejects that
 * too, it is asked again until somebody has mended it.
 */
export async function appendEntries(
  entries: readonly Quarantined[],
  quarantine: Quarantine,
  options: RunningStoreParts,
): Promise<void> {
  try {
    await options.store.retry(() => quarantine.append(entries, quarantine.clock.now()))
  } catch (error) {
    if (!(error instanceof StoreRejectedError)) throw error
    options.log.error({ err: error, entries: entries.length }, 'the store refuses what should go to quarantine')
    await appendEach(entries, quarantine, options)
  }
}

async function appendEach(
  entries: readonly Quarantined[],
  quarantine: Quarantine,
  options: RunningStoreParts,
): Promise<void> {
  for (const entry of entries) await options.store.retry(() => appendOne(entry, quarantine))
}

async function appendOne(entry: Quarantined, quarantine: Quarantine): Promise<void> {
  const rejection = await rejectionOf(entry, quarantine)
  if (!rejection) return
  // a message that waited in the journal for longer than the store keeps anything is kept from now on
  const renewed = rejection.past ? fromNow(entry, quarantine.clock.now()) : entry
  if (rejection.past && !(await rejectionOf(renewed, quarantine))) return
  await appendOrFail([{ ...renewed, payload: timesOnly(entry.payload) }], quarantine)
}

async function rejectionOf(entry: Quarantined, quarantine: Quarantine): Promise<StoreRejectedError | undefined> {
  try {
    await quarantine.append([entry], quarantine.clock.now())
    return undefined
  } catch (error) {
    if (error instanceof StoreRejectedError) return error
    throw error
  }
}

function fromNow(entry: Quarantined, now: number): Quarantined {
  return { ...withFault(entry, { code: 'WAITED_TOO_LONG', params: { arrivedAt: entry.ts } }), ts: now }
}

/** An entry with one more fault, and its sentence. */
function withFault(entry: Quarantined, fault: MessageFault): Quarantined {
  const { more = [], faults } = entry
  return { ...entry, more: [...more, reasonOf(fault)], ...(faults && { faults: [...faults, fault] }) }
}
