import { valueStatesSchema } from '#telemetry/device-state.ts'
import { type Kind, kindModules } from '#telemetry/kinds.ts'
import type { Reading } from '#telemetry/reading.ts'
import { earliestTime, idPattern, latestTime } from '#telemetry/reading-parts.ts'

const parts = new Set(['kind', 'district', 'sensor', 'ts', 'seq', 'aheadMs', 'states', 'values'])

/**
 * Whether something passes `unitedReadingSchema` as it is. It takes a quarter of the time of that, which tells besides what is
 * wrong. What this does not know, such as a part of a reading that came later, is left to the schema.
 */
export function isUnitedReading(row: Readonly<Record<string, unknown>>): row is Reading {
  const { kind, district, sensor, ts, seq, aheadMs, states, values } = row
  for (const name in row) if (!parts.has(name)) return false
  if (!isId(district) || !isId(sensor) || !isWhole(ts, earliestTime, latestTime)) return false
  if (seq !== undefined && !isWhole(seq, 0, Number.MAX_SAFE_INTEGER)) return false
  if (aheadMs !== undefined && !isWhole(aheadMs, 1, Number.MAX_SAFE_INTEGER)) return false
  if (states !== undefined && !valueStatesSchema.safeParse(states).success) return false
  const { success, data } = kindModules[kind as Kind]?.unitedSchema.safeParse(values) ?? { success: false }
  // what the schema does not know it leaves out
  return success && typeof values === 'object' && sizeOf(data) === sizeOf(values)
}

const isId = (text: unknown) => typeof text === 'string' && idPattern.test(text)

const isWhole = (value: unknown, least: number, most: number) =>
  Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most

const sizeOf = (values: object | null | undefined) => Object.keys(values ?? {}).length
