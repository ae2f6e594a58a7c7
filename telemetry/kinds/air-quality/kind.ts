import { z } from 'zod'
import { limitOn, limitsOf } from '../../air-standards.ts'
import { defaultAheadOfUtcMs } from '../../time-zone.ts'
import type { Pollutant } from '../../vn-aqi.ts'
import { battery, defineKind, number, share, type ValueLimit } from '../define-kind.ts'
import { vnAqi } from './conditions.ts'

/** µg/m³; the upper bound is far beyond the last VN_AQI breakpoint of any pollutant but CO */
const concentration = z.number().min(0).max(10_000)

/** PM2.5 is a part of PM10: beyond this ratio one of the two is measured wrongly. Own choice. */
const topFineShare = 1.1

/** µg/m³ above which PM2.5 is noted, and from which it is alerted when it lasts; breakpoints of VN_AQI (Decision 1459/QĐ-TCMT). */
export const pm25Limits = { noted: 50, alerted: 150 } as const

/** Day of the default zone, such as 2026-01-31: whoever shows a reading need not know the installation's. */
const dayOf = (ts: number) => new Date(ts + defaultAheadOfUtcMs).toISOString().slice(0, 10)

const shownPeriods = { '1h': 1, '24h': 24 } as const

/** The line of QCVN 05:2023 that a value is drawn with; none where it has no such limit. */
function qcvn(pollutant: Pollutant, period: keyof typeof shownPeriods, ts: number): ValueLimit[] {
  const value = limitOn(limitsOf('qcvn', pollutant, period), dayOf(ts))
  const hours = shownPeriods[period]
  return value === undefined ? [] : [{ value, vi: `QCVN 05:2023, ${hours} giờ`, en: `QCVN 05:2023, ${hours} h` }]
}

/** VN_AQI breakpoints (Decision 1459/QĐ-TCMT) at which PM2.5 becomes “kém” and “rất xấu”. */
const vnAqiLimits: readonly ValueLimit[] = [
  { value: pm25Limits.noted, vi: 'VN_AQI 100', en: 'VN_AQI 100' },
  { value: pm25Limits.alerted, vi: 'VN_AQI 200', en: 'VN_AQI 200' },
]

/** An air-quality station (FIWARE Smart Data Models, AirQualityObserved). */
export const airQuality = defineKind({
  id: 'air-quality',
  names: { vi: 'Chất lượng không khí', en: 'Air quality' },
  called: { vi: 'trạm không khí', en: 'an air-quality station' },
  values: {
    pm25: number('µg/m³', 1, concentration, 'PM2.5', 'PM2.5'),
    pm10: number('µg/m³', 1, concentration, 'PM10', 'PM10'),
    no2: number('µg/m³', 1, concentration, 'NO₂', 'NO₂'),
    so2: number('µg/m³', 1, concentration, 'SO₂', 'SO₂'),
    o3: number('µg/m³', 1, concentration, 'O₃', 'O₃'),
    co: number('µg/m³', 0, z.number().min(0).max(1_000_000), 'CO', 'CO'),
    temperature: number('°C', 1, z.number().min(-40).max(85), 'Nhiệt độ', 'Temperature'),
    relativeHumidity: share('Độ ẩm', 'Relative humidity'),
    noiseLAeq: number('dB(A)', 1, z.number().min(0).max(200), 'Tiếng ồn', 'Noise'),
    batteryLevel: battery,
  },
  refusals: {},
  meta: {},
  causes: ['pm25'],
  finding({ pm25 }) {
    return pm25 !== undefined && pm25 > pm25Limits.noted ? { cause: 'pm25' } : undefined
  },
  limits(name, _meta, ts) {
    switch (name) {
      case 'pm25': {
        const limits = qcvn(name, '24h', ts)
        // VN_AQI 100 is at 50 µg/m³: not drawn where the limit is the same
        const others = vnAqiLimits.filter(({ value }) => limits.every((limit) => limit.value !== value))
        return [...limits, ...others]
      }
      case 'pm10':
        return qcvn(name, '24h', ts)
      case 'no2':
      case 'o3':
      case 'so2':
      case 'co':
        return qcvn(name, '1h', ts)
      default:
        return []
    }
  },
  isPlausible: ({ pm25, pm10 }) => pm25 === undefined || pm10 === undefined || pm25 <= topFineShare * pm10,
  conditions: [vnAqi],
  // VN_AQI by Decision 1459/QĐ-TCMT
  rules: {
    'air-very-unhealthy': {
      name: { vi: 'Không khí rất xấu', en: 'Air very unhealthy' },
      priority: 1,
      condition: { type: 'vn-aqi', band: 'very-unhealthy' },
    },
    'air-unhealthy': {
      name: { vi: 'Không khí xấu', en: 'Air unhealthy' },
      priority: 2,
      condition: { type: 'vn-aqi', band: 'unhealthy' },
    },
    'pm25-very-high': {
      name: { vi: 'Bụi PM2.5 rất cao', en: 'PM2.5 very high' },
      priority: 2,
      condition: { type: 'threshold', value: 'pm25', above: pm25Limits.alerted, hysteresis: 20, forSeconds: 600 },
    },
    'pm25-rising': {
      name: { vi: 'Bụi PM2.5 tăng nhanh', en: 'PM2.5 rising fast' },
      priority: 3,
      condition: { type: 'rate', value: 'pm25', direction: 'up', change: 60, withinSeconds: 1_800 },
    },
    'air-station-silent': {
      name: { vi: 'Trạm không khí mất tín hiệu', en: 'Air station silent' },
      priority: 2,
      condition: { type: 'silence', periods: 3, minSeconds: 60 },
    },
    'pm25-stuck': {
      name: { vi: 'Trạm không khí báo PM2.5 không đổi', en: 'Air station reports one PM2.5' },
      priority: 3,
      condition: { type: 'stuck', value: 'pm25', forSeconds: 7_200 },
    },
    'air-station-clock': {
      name: { vi: 'Đồng hồ trạm không khí sai giờ', en: 'Air station has a wrong clock' },
      priority: 2,
      condition: { type: 'clock' },
    },
  },
})

export type AirQualityValues = z.infer<typeof airQuality.schema>
