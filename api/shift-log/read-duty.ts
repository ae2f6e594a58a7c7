import type { QueryContext, StoredEvent, TelemetryStore } from '#storage/store.ts'
import type { OnDuty } from '#telemetry/hand-over.ts'
import { type Duty, dutySchema, handOverSchema } from '#telemetry/shift-log.ts'

/** newest steps of duty that say who is on duty */
const maxDutySteps = 500

/** newest hand-overs whose notes the next one does not list again: two people may sign one after the other */
const recentHandOvers = 3

/** The last hand-over that was signed. */
export interface LastHandOver {
  /** when it was signed, epoch ms */
  at: number
  /** when what it lists was read, epoch ms */
  readAt: number
  /** ids of the notes and corrections that it lists, or one shortly before */
  notes: ReadonlySet<string>
}

/** Who is on duty, and by which hand-over. */
export interface DutyState {
  /** longest first */
  onDuty: readonly OnDuty[]
  /** absent when there was none */
  lastHandOver?: LastHandOver | undefined
}

/** What the newest entries of the shift log say of duty and hand-over. Rejects with StoreUnavailableError. */
export async function readDuty(store: TelemetryStore, context?: QueryContext): Promise<DutyState> {
  const [duty, handOvers] = await Promise.all([
    store.readEvents({ stream: 'shift', subject: 'duty', limit: maxDutySteps }, context),
    store.readEvents({ stream: 'shift', subject: 'hand-over', limit: recentHandOvers }, context),
  ])
  const steps = duty.flatMap(({ body }) => dutySchema.safeParse(body).data ?? [])
  return { onDuty: onDutyAfter(steps), lastHandOver: lastHandOverOf(handOvers) }
}

/** Who is on duty after these steps, longest first. */
function onDutyAfter(steps: readonly Duty[]): OnDuty[] {
  const since = new Map<string, number>()
  for (const { person, step, at } of steps.toSorted((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1)))
    if (step === 'end') since.delete(person)
    else if (!since.has(person)) since.set(person, at)
  return [...since].map(([person, from]) => ({ person, since: from }))
}

/** The last of the hand-overs, newest first. Of one that only another release can read, that it was signed is known. */
function lastHandOverOf(handOvers: readonly StoredEvent[]): LastHandOver | undefined {
  const [last] = handOvers
  if (!last) return undefined
  const snapshots = handOvers.map(({ body }) => handOverSchema.safeParse(body).data?.snapshot)
  const notes = new Set(snapshots.flatMap((snapshot) => snapshot?.notes.items ?? []))
  return { at: last.ts, readAt: snapshots[0]?.at ?? last.ts, notes }
}
