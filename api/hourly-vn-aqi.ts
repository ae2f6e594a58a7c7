import type { SensorMeans, TelemetryStore } from '#storage/store.ts'
import type { Backfill } from '#telemetry/replay.ts'
import { defaultPeriod } from '#telemetry/sensor.ts'
import { type Pollutant, pollutants } from '#telemetry/vn-aqi.ts'
import { hourlyVnAqi, isHourComplete, nowcastHours } from '#telemetry/vn-aqi-periods.ts'
import type { VnAqiResponse } from '#telemetry/vn-aqi-rest.ts'
import { backfillsIn } from './backfills.ts'
import { questionLimits } from './questions.ts'
import type { SensorRegistry } from './sensors.ts'

const hourMs = 3_600_000

/** ms for which an answer is given again: gateways that were offline deliver late */
const freshMs = 300_000
/** hours of which answers are held */
const maxAnswers = 48

interface Parts {
  store: TelemetryStore
  sensors: SensorRegistry
  clock: () => number
}

/** Readings that a sensor should have sent in an hour: by its period, or in a backfill by its step. */
function expectedIn(from: number, periodMs: number, backfills: readonly Backfill[]): number {
  let expected = 0
  let restMs = hourMs
  for (const backfill of backfills) {
    const overlap = Math.min(from + hourMs, backfill.to) - Math.max(from, backfill.from)
    if (overlap <= 0) continue
    expected += overlap / backfill.step
    restMs -= overlap
  }
  return expected + Math.max(0, restMs) / periodMs
}

/** The means of one parameter, newest hour first; undefined where an hour has too few readings. */
function hoursOf(pollutant: Pollutant, rows: readonly SensorMeans[], expected: readonly number[], asOf: number) {
  const hours = new Map(rows.map((row) => [row.ts, row.values[pollutant]]))
  return Array.from({ length: nowcastHours }, (_, age) => {
    const mean = hours.get(asOf - (age + 1) * hourMs)
    return mean && isHourComplete(mean.count, 3_600 / (expected[age] ?? 0)) ? mean.mean : undefined
  })
}

/** Hourly VN_AQI of all stations, made once and given again for some minutes. */
export class HourlyVnAqi {
  readonly #parts: Parts
  readonly #answers = new Map<number, { madeAt: number; answer: Promise<VnAqiResponse> }>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** As of the last full hour at or before a time (epoch ms). Rejects as the store does. */
  at(ts: number): Promise<VnAqiResponse> {
    const asOf = ts - (ts % hourMs)
    const now = this.#parts.clock()
    const held = this.#answers.get(asOf)
    if (held && now - held.madeAt < freshMs) return held.answer
    const answer = this.#make(asOf)
    this.#answers.delete(asOf)
    this.#answers.set(asOf, { madeAt: now, answer })
    for (const oldest of this.#answers.keys()) {
      if (this.#answers.size <= maxAnswers) break
      this.#answers.delete(oldest)
    }
    // told to who asked, and tried again by who asks next
    answer.catch(() => this.#answers.delete(asOf))
    return answer
  }

  async #make(asOf: number): Promise<VnAqiResponse> {
    const { store, sensors } = this.#parts
    const span = { from: asOf - nowcastHours * hourMs, to: asOf, window: hourMs }
    // several may wait for this answer: it does not end with one of them
    const asking = { signal: AbortSignal.timeout(questionLimits.longestMs) }
    const [means, backfills] = await Promise.all([
      store.means({ kind: 'air-quality', values: pollutants, ...span }, asking),
      backfillsIn(store, asking),
    ])
    const bySensor = new Map<string, SensorMeans[]>()
    for (const row of means) {
      const rows = bySensor.get(row.sensor)
      if (rows) rows.push(row)
      else bySensor.set(row.sensor, [row])
    }
    const stations = [...bySensor].flatMap(([sensor, rows]) => {
      const periodMs = 1_000 * (sensors.get(sensor)?.meta?.period ?? defaultPeriod)
      const expected = Array.from({ length: nowcastHours }, (_, age) =>
        expectedIn(asOf - (age + 1) * hourMs, periodMs, backfills),
      )
      const hours = Object.fromEntries(
        pollutants.map((pollutant) => [pollutant, hoursOf(pollutant, rows, expected, asOf)]),
      )
      const found = hourlyVnAqi(hours)
      return found ? [{ sensor, ...found }] : []
    })
    return { asOf, stations }
  }
}
