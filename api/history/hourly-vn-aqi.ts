import { correctedMeans } from '#history/corrections/corrected-means.ts'
import type { SensorMeans, TelemetryStore } from '#storage/store.ts'
import { type ClockHour, ClockHours } from '#telemetry/clock-hours.ts'
import { hourMs } from '#telemetry/durations.ts'
import { airQuality } from '#telemetry/kinds/air-quality/kind.ts'
import { defaultPeriod } from '#telemetry/period.ts'
import type { Backfill } from '#telemetry/replay.ts'
import { type Pollutant, pollutants } from '#telemetry/vn-aqi.ts'
import {
  type HoursOfStation,
  hourlyVnAqi,
  isHourComplete,
  newestComplete,
  nowcastHours,
  nowcastNeeds,
} from '#telemetry/vn-aqi-periods.ts'
import type { NoVnAqi, VnAqiResponse } from '#telemetry/vn-aqi-rest.ts'
import type { Corrections } from '../corrections/corrections.ts'
import { defaultQueryLimits } from '../limits/query-scheduler.ts'
import { readBackfills } from '../replay/backfills.ts'
import type { SensorRegistry } from '../sensors/sensor-registry.ts'
import type { WebOptions } from '../web-options.ts'

/** ms of the means that make up an hour which does not begin with one of UTC */
const partMs = hourMs / 4

/** ms for which an answer is given again: gateways that were offline deliver late */
const freshMs = 300_000
/** hours of which answers are held */
const maxAnswers = 48

interface Parts {
  store: TelemetryStore
  sensors: SensorRegistry
  corrections: Pick<Corrections, 'reader' | 'onChange'>
  clock: () => number
  web: Pick<WebOptions, 'timeZone'>
}

/** Readings that a sensor should have sent in an hour: by its period, or in a backfill by its step. */
function expectedIn({ from, to }: ClockHour, periodMs: number, backfills: readonly Backfill[]): number {
  let expected = 0
  let restMs = to - from
  for (const backfill of backfills) {
    const overlap = Math.min(to, backfill.to) - Math.max(from, backfill.from)
    if (overlap <= 0) continue
    expected += overlap / backfill.step
    restMs -= overlap
  }
  return expected + Math.max(0, restMs) / periodMs
}

/** The mean of one parameter over an hour, from means of parts of it; undefined when it has too few readings. */
function meanIn({ from, to }: ClockHour, pollutant: Pollutant, rows: readonly SensorMeans[], expected: number) {
  let count = 0
  let sum = 0
  for (const { ts, values } of rows) {
    const part = ts >= from && ts < to ? values[pollutant] : undefined
    if (!part) continue
    count += part.count
    sum += part.mean * part.count
  }
  return count > 0 && isHourComplete(count, 3_600 / expected) ? sum / count : undefined
}

/** Why there is no index: what the decision asks for and the station has not sent. */
function reasonOf(rows: readonly SensorMeans[], { pm25 = [], pm10 = [] }: HoursOfStation): NoVnAqi {
  if (rows.length === 0) return { code: 'NO_READINGS', params: { hours: nowcastHours } }
  if (!rows.some(({ values }) => values.pm25 || values.pm10)) return { code: 'NO_PARTICULATES', params: {} }
  const complete = Math.max(newestComplete(pm25), newestComplete(pm10))
  return { code: 'TOO_FEW_HOURS', params: { complete, needed: nowcastNeeds.hours, of: nowcastNeeds.of } }
}

/** Hourly VN_AQI of all stations, made once and given again for some minutes. */
export class HourlyVnAqi {
  readonly #parts: Parts
  readonly #hours: ClockHours
  readonly #answers = new Map<number, { madeAt: number; answer: Promise<VnAqiResponse> }>()

  constructor(parts: Parts) {
    this.#parts = parts
    this.#hours = new ClockHours(parts.web.timeZone)
    parts.corrections.onChange(() => this.#answers.clear())
  }

  /** As of the end of the last full hour of the city's clock at or before a time (epoch ms). Rejects as the store does. */
  at(ts: number): Promise<VnAqiResponse> {
    const asOf = this.#hours.of(ts).from
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
    // the caller gets the error; the next one tries again
    answer.catch(() => this.#answers.delete(asOf))
    return answer
  }

  async #make(asOf: number): Promise<VnAqiResponse> {
    const { store, sensors, corrections } = this.#parts
    const hours = this.#hours.before(asOf, nowcastHours)
    const isPlain = hours.every(({ from, to }) => from % hourMs === 0 && to - from === hourMs)
    const span = { from: hours.at(-1)?.from ?? asOf, to: asOf, window: isPlain ? hourMs : partMs }
    // several may wait for this answer: it does not end with one of them
    const queryContext = { signal: AbortSignal.timeout(defaultQueryLimits.longestMs) }
    const [found, backfills] = await Promise.all([
      correctedMeans(store, { kind: airQuality.id, values: pollutants, ...span }, corrections.reader, queryContext),
      readBackfills(store, queryContext),
    ])
    const bySensor = new Map<string, SensorMeans[]>()
    for (const row of found) {
      const rows = bySensor.get(row.sensor)
      if (rows) rows.push(row)
      else bySensor.set(row.sensor, [row])
    }
    const answer: VnAqiResponse = { asOf, stations: [], without: [] }
    // those that sent nothing for hours too
    const known = sensors.list({ kinds: [airQuality.id] }).map(({ id }) => id)
    for (const sensor of new Set([...bySensor.keys(), ...known])) {
      const rows = bySensor.get(sensor) ?? []
      const periodMs = 1_000 * (sensors.get(sensor)?.meta?.period ?? defaultPeriod)
      const expected = hours.map((hour) => expectedIn(hour, periodMs, backfills))
      const means: HoursOfStation = Object.fromEntries(
        pollutants.map((pollutant) => [
          pollutant,
          hours.map((hour, age) => meanIn(hour, pollutant, rows, expected[age] ?? 0)),
        ]),
      )
      const index = hourlyVnAqi(means)
      if (index) answer.stations.push({ sensor, ...index })
      else answer.without.push({ sensor, reason: reasonOf(rows, means) })
    }
    return answer
  }
}
