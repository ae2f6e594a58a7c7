import type { Condition } from '#telemetry/alert-condition.ts'
import type { ClockHour } from '#telemetry/clock-hours.ts'
import { hourMs } from '#telemetry/durations.ts'
import { defaultPeriod } from '#telemetry/period.ts'
import type { Reading } from '#telemetry/reading.ts'
import { aqiBands, type Pollutant, pollutants } from '#telemetry/vn-aqi.ts'
import { type HoursOfStation, hourlyVnAqi, isHourComplete, nowcastHours } from '#telemetry/vn-aqi-periods.ts'
import { type ConditionCheck, normal, readValue, withinDeadband } from '../conditions/condition-check.ts'
import type { CheckContext } from '../conditions/evaluated-condition.ts'
import type { EvaluatedKind } from './evaluated-kind.ts'

/** s: readings that come more often count once in each of these parts of an hour, so that thinned-out history counts as well */
const partS = 300

/** Sums of one hour, of each pollutant. `from`: its beginning, epoch ms. */
interface Hour {
  from: number
  sums: Map<Pollutant, { sum: number; readings: number; parts: Set<number> }>
}

/** Smallest VN_AQI of a band. */
export function bandStart(band: Extract<Condition, { type: 'vn-aqi' }>['band']): number {
  const at = aqiBands.findIndex(({ id }) => id === band)
  return (aqiBands[at - 1]?.upTo ?? 0) + 1
}

/** Checks the hourly VN_AQI (Decision 1459/QĐ-TCMT, Nowcast) of the last full hour of the clock, with the first reading of the next one. `hysteresis` is the deadband. */
export function createVnAqiCheck(
  { band, hysteresis }: Extract<Condition, { type: 'vn-aqi' }>,
  { hours: clockHours }: CheckContext,
): ConditionCheck {
  const limit = bandStart(band)
  let hours: Hour[] = [] // newest first
  return (reading, meta) => {
    const { from } = clockHours.of(reading.ts)
    const isNew = hours[0] !== undefined && hours[0].from < from
    let value: number | undefined
    if (isNew) {
      const before = clockHours.before(from, nowcastHours)
      value = indexAfter(hours, before, meta?.period ?? defaultPeriod)
      hours = hours.filter((hour) => hour.from >= (before.at(-1)?.from ?? from))
    }
    if (hours[0]?.from !== from) hours.unshift({ from, sums: new Map() })
    add(hours[0], reading)
    if (value === undefined) return undefined
    if (value >= limit) return { is: 'abnormal', finding: { value, limit, unit: '' } }
    return value > limit - 1 - hysteresis ? withinDeadband : normal
  }
}

function add(hour: Hour | undefined, reading: Reading): void {
  for (const pollutant of pollutants) {
    const value = readValue(reading, pollutant)
    if (typeof value !== 'number' || !hour) continue
    const held = hour.sums.get(pollutant) ?? { sum: 0, readings: 0, parts: new Set() }
    held.sum += value
    held.readings += 1
    held.parts.add(Math.floor((reading.ts - hour.from) / (partS * 1_000)))
    hour.sums.set(pollutant, held)
  }
}

function indexAfter(hours: readonly Hour[], before: readonly ClockHour[], periodS: number): number | undefined {
  const means: HoursOfStation = {}
  for (const pollutant of pollutants)
    means[pollutant] = before.map(({ from, to }) => {
      const held = hours.find((hour) => hour.from === from)?.sums.get(pollutant)
      // an hour in which the clocks change may be shorter
      if (!held || !isHourComplete(held.parts.size, (Math.max(periodS, partS) * hourMs) / (to - from))) return undefined
      return held.sum / held.readings
    })
  return hourlyVnAqi(means)?.index
}

export const evaluatedAirQuality: EvaluatedKind<'air-quality'> = {
  'vn-aqi': { createCheck: createVnAqiCheck, memoryMs: () => (nowcastHours + 1) * hourMs },
}
