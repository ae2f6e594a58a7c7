import type { TelemetryStore } from '#storage/store.ts'
import type { Reading } from '#telemetry/reading.ts'

export const hourMs = 3_600_000
export const dayMs = 24 * hourMs
/** 0:00 of a day of the districts, UTC+7 */
const midnight = (year: number, month: number, day: number) => Date.UTC(year, month - 1, day) - 7 * hourMs
/** 16 December 2025 up to, not including, 16 January 2026: 31 days, with a limit that changes among them */
export const month = { from: midnight(2025, 12, 16), to: midnight(2026, 1, 16) }
/** ms between two readings */
const stepMs = 900_000

export const december = (day: number) => midnight(2025, 12, day)
export const january = (day: number) => midnight(2026, 1, day)

/** PM2.5 of station aq-1 by the beginning of the day, where it is not 20 µg/m³. */
const pm25On = new Map([
  [december(20), 48],
  [december(21), 52],
  [december(22), 70],
  [january(5), 48],
  [january(8), 400], // left out by a correction
  [january(9), 100], // halved by a correction
])
/** hours of 6 January that have readings: 75 % of 24 would be 18 */
const hoursOfShortDay = 17

function valuesOf(ts: number) {
  const day = month.from + Math.floor((ts - month.from) / dayMs) * dayMs
  const hour = Math.floor((ts - day) / hourMs)
  if (day === january(6) && hour >= hoursOfShortDay) return undefined
  const no2 =
    (day === december(25) &&
      new Map([
        [10, 210],
        [11, 260],
        [12, 200],
      ]).get(hour)) ||
    30
  const o3 = day === december(26) && hour >= 11 && hour < 19 ? 130 : 60
  return { pm25: pm25On.get(day) ?? 20, no2, o3 }
}

/** Gives a store a month of two stations, of which every figure is known: aq-1 as above, aq-2 with 30 µg/m³ of PM2.5 throughout. */
export async function plantMonth(store: TelemetryStore): Promise<void> {
  const times = Array.from({ length: (month.to - month.from) / stepMs }, (_, at) => month.from + at * stepMs)
  const station = { district: 'tay-ninh', kind: 'air-quality' } as const
  const readings = times.flatMap((ts): Reading[] => {
    const values = valuesOf(ts)
    const steady: Reading = { ...station, sensor: 'aq-2', ts, values: { pm25: 30 } }
    return values ? [{ ...station, sensor: 'aq-1', ts, values }, steady] : [steady]
  })
  await store.write(readings)
  await store.appendEvents(
    ['aq-1', 'aq-2'].map((sensor) => ({
      ...{ stream: 'period', id: `period-${sensor}`, ts: month.from },
      body: { sensor, seconds: stepMs / 1_000 },
    })),
  )
  const corrected = { value: 'pm25', factor: 1, offset: 0 }
  await store.putCorrections({
    ...{ kind: 'air-quality', sensor: 'aq-1', from: january(8), to: january(10) },
    segments: [
      { ...corrected, from: january(8), to: january(9), exclusion: 'invalid' },
      { ...corrected, from: january(9), to: january(10), factor: 0.5 },
    ],
  })
}
