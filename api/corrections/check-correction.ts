import { type FilePoint, parseCorrectionFile } from '#history/corrections/correction-file.ts'
import {
  type DataCorrection,
  maxCorrectionAheadMs,
  maxCorrectionMs,
  type NewCorrection,
} from '#telemetry/data-corrections.ts'
import { dayMs } from '#telemetry/durations.ts'
import type { Kind } from '#telemetry/kinds.ts'
import { valueInfo, valuesOfKind } from '#telemetry/values.ts'
import { ApiProblem } from '../server/problems.ts'

/** What of a new correction does not depend on who enters it, and when. */
export interface CheckedCorrection
  extends Pick<DataCorrection, 'kind' | 'sensor' | 'value' | 'from' | 'to' | 'change'> {
  points?: FilePoint[]
}

type Given = Omit<NewCorrection, 'reason' | 'seen'>

/** Checks a new correction by itself; `now` is epoch ms. @throws ApiProblem */
export function checkCorrection(given: Given, kind: Kind, now: number): CheckedCorrection {
  const { sensor, value, change } = given
  checkValue(kind, given)
  if (change.type === 'file') {
    const file = parseCorrectionFile(change.text)
    if (!file.ok) throw new ApiProblem('INVALID_REQUEST', file.fault)
    const { points } = file
    const span = { from: points[0]?.[0] ?? now, to: (points.at(-1)?.[0] ?? now) + 1 }
    checkSpan(span, now)
    const { name } = change
    return {
      ...{ kind, sensor, ...(value !== undefined && { value }), ...span, points },
      change: { type: 'file', points: points.length, ...(name !== undefined && { name }) },
    }
  }
  const { from, to } = given
  if (from === undefined) throw new ApiProblem('INVALID_REQUEST', { path: 'body.from', code: 'MISSING', params: {} })
  if (to === undefined) throw new ApiProblem('INVALID_REQUEST', { path: 'body.to', code: 'MISSING', params: {} })
  checkSpan({ from, to }, now)
  return { kind, sensor, ...(value !== undefined && { value }), from, to, change }
}

function checkValue(kind: Kind, { value, change }: Given): void {
  if (value === undefined) {
    if (change.type === 'exclude') return
    throw new ApiProblem('INVALID_REQUEST', { path: 'body.value', code: 'CORRECTION_NEEDS_VALUE', params: {} })
  }
  const info = valueInfo(kind, value)
  if (!info) {
    const values = valuesOfKind[kind].map(({ name }) => name)
    throw new ApiProblem('UNKNOWN_VALUE', { code: 'NO_SUCH_VALUE', params: { kind, name: value, values } })
  }
  if (info.type !== 'number' && change.type !== 'exclude')
    throw new ApiProblem('NOT_NUMERIC', { path: 'body.value', code: 'WORD_NOT_SCALED', params: { name: value } })
}

function checkSpan({ from, to }: { from: number; to: number }, now: number): void {
  if (from >= to) throw new ApiProblem('EMPTY_SPAN', { code: 'FROM_NOT_BEFORE_TO', params: {} })
  if (to - from > maxCorrectionMs)
    throw new ApiProblem('SPAN_TOO_LONG', { code: 'CORRECTION_TOO_LONG', params: { days: maxCorrectionMs / dayMs } })
  if (to > now + maxCorrectionAheadMs) {
    const params = { days: maxCorrectionAheadMs / dayMs }
    throw new ApiProblem('INVALID_REQUEST', { path: 'body.to', code: 'CORRECTION_TOO_FAR_AHEAD', params })
  }
}
