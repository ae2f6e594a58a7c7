import type { HandOverSnapshot } from '#telemetry/hand-over.ts'
import { whyReadAgain } from '#telemetry/hand-over-changes.ts'
import type { Duty, HandOver, NewHandOver } from '#telemetry/shift-log.ts'
import type { OneTimeClaims } from '../people/one-time-claims.ts'
import { ApiProblem } from '../server/problems.ts'
import { newEntryId } from './entry-id.ts'
import type { ShiftLog } from './shift-log.ts'
import type { SnapshotSeal } from './snapshot-seal.ts'

interface SignParts {
  shiftLog: ShiftLog
  claims: OneTimeClaims
  seal: SnapshotSeal
  /** takes what a hand-over lists now */
  snapshotNow: () => Promise<HandOverSnapshot>
}

/**
 * Signs a hand-over: who takes over has read the snapshot, and is on duty from now on; those in `from` leave it. The entry holds
 * the snapshot as it was read. @throws ApiProblem when it is not as it was given, when something of first importance came since, or
 * when somebody in `from` is not on duty
 */
export async function signHandOver(
  { shiftLog, claims, seal, snapshotNow }: SignParts,
  by: string,
  { snapshot, seal: given, from, comment }: NewHandOver,
): Promise<HandOver> {
  if (!seal.isOf(snapshot, given)) throw new ApiProblem('INVALID_REQUEST', { code: 'NOT_AS_READ', params: {} })
  let withdrawClaim = async () => {}
  const signing = shiftLog.append(async (nextTime) => {
    const why = whyReadAgain(snapshot, await snapshotNow())
    if (why) throw new ApiProblem('CONFLICT', why)
    const leaving = [...new Set(from)].filter((person) => person !== by)
    const absent = leaving.find((person) => !shiftLog.isOnDuty(person))
    if (absent !== undefined) throw new ApiProblem('CONFLICT', { code: 'NOT_ON_DUTY', params: { name: absent } })
    const isGood = async () => {
      await shiftLog.refresh()
      return shiftLog.lastHandOver?.at === snapshot.since
    }
    // somebody may be signing the same at another process
    const claimed = await claims.claim({ hash: `after-${snapshot.since ?? 0}`, until: shiftLog.state.now }, isGood)
    if (!claimed) throw new ApiProblem('CONFLICT', { code: 'HANDED_OVER_MEANWHILE', params: {} })
    withdrawClaim = claimed
    const at = nextTime()
    const signed: HandOver = { type: 'hand-over', id: newEntryId(at), at, by, from: leaving, comment, snapshot }
    const step = (person: string, what: Duty['step']): Duty => ({
      ...{ type: 'duty', id: newEntryId(at), at, by, person, step: what, handOver: signed.id },
    })
    const begins = shiftLog.isOnDuty(by) ? [] : [step(by, 'begin')]
    return [signed, ...leaving.map((person) => step(person, 'end')), ...begins] as const
  })
  try {
    const [handOver] = await signing
    return handOver
  } catch (error) {
    // what was not recorded may be signed by anybody
    await withdrawClaim()
    throw error
  }
}
