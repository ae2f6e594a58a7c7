import { minuteMs } from '#telemetry/durations.ts'
import type { HandOverSnapshot } from '#telemetry/hand-over.ts'
import { changesSince, mustReadAgain } from '#telemetry/hand-over-changes.ts'
import type { Duty, HandOver, NewHandOver } from '#telemetry/shift-log.ts'
import { ApiProblem } from '../server/problems.ts'
import { newEntryId } from './entry-id.ts'
import type { ShiftLog } from './shift-log.ts'
import type { SnapshotSeal } from './snapshot-seal.ts'

/** minutes between reading a hand-over and signing it */
export const maxReadingMinutes = 60

interface SignParts {
  shiftLog: ShiftLog
  seal: SnapshotSeal
  /** takes what a hand-over lists now */
  snapshotNow: () => Promise<HandOverSnapshot>
}

/** @throws ApiProblem when what was read is not what a hand-over would list now, in what is of first importance */
function checkRead(read: HandOverSnapshot, now: HandOverSnapshot): void {
  if (read.since !== now.since) throw new ApiProblem('CONFLICT', { code: 'HANDED_OVER_MEANWHILE', params: {} })
  if (now.at - read.at > maxReadingMinutes * minuteMs)
    throw new ApiProblem('CONFLICT', { code: 'READ_TOO_LONG_AGO', params: { minutes: maxReadingMinutes } })
  const changes = changesSince(read, now)
  if (mustReadAgain(changes)) throw new ApiProblem('CONFLICT', { code: 'HAND_OVER_CHANGED', params: { ...changes } })
}

/**
 * Signs a hand-over: who takes over has read the snapshot, and is on duty from now on; those in `from` leave it. The entry holds
 * the snapshot as it was read. @throws ApiProblem when it is not as it was given, when something of first importance came since, or
 * when somebody in `from` is not on duty
 */
export async function signHandOver(
  { shiftLog, seal, snapshotNow }: SignParts,
  by: string,
  { snapshot, seal: given, from, comment }: NewHandOver,
): Promise<HandOver> {
  if (!seal.isOf(snapshot, given)) throw new ApiProblem('INVALID_REQUEST', { code: 'NOT_AS_READ', params: {} })
  const [handOver] = await shiftLog.append(async (nextTime) => {
    checkRead(snapshot, await snapshotNow())
    const leaving = [...new Set(from)].filter((person) => person !== by)
    const absent = leaving.find((person) => !shiftLog.isOnDuty(person))
    if (absent !== undefined) throw new ApiProblem('CONFLICT', { code: 'NOT_ON_DUTY', params: { name: absent } })
    const at = nextTime()
    const signed: HandOver = { type: 'hand-over', id: newEntryId(at), at, by, from: leaving, comment, snapshot }
    const step = (person: string, what: Duty['step']): Duty => ({
      ...{ type: 'duty', id: newEntryId(at), at, by, person, step: what, handOver: signed.id },
    })
    const begins = shiftLog.isOnDuty(by) ? [] : [step(by, 'begin')]
    return [signed, ...leaving.map((person) => step(person, 'end')), ...begins] as const
  })
  return handOver
}
