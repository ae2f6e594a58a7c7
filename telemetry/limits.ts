import { congestionLimits } from './congestion.ts'
import type { Kind } from './kinds.ts'
import type { SensorMeta } from './sensor.ts'

/** A line that a value is judged by. */
export interface ValueLimit {
  /** in the value's own unit */
  value: number
  vi: string
  en: string
}

/** Day from which QCVN 05:2023/BTNMT allows 45 instead of 50 µg/m³ of PM2.5 as the mean of 24 h. */
const pm25From = Date.UTC(2025, 11, 31, 17)

const qcvn = (value: number, hours: 1 | 24): ValueLimit => ({
  value,
  vi: `QCVN 05:2023, ${hours} giờ`,
  en: `QCVN 05:2023, ${hours} h`,
})

/** VN_AQI breakpoints (Decision 1459/QĐ-TCMT) at which PM2.5 becomes “kém” and “rất xấu”. */
const vnAqi: readonly ValueLimit[] = [
  { value: 50, vi: 'VN_AQI 100', en: 'VN_AQI 100' },
  { value: 150, vi: 'VN_AQI 200', en: 'VN_AQI 200' },
]

/** Nominal supply, V, and the share by which it may differ (EN 50160, domain practice). */
const supply = { nominal: 230, tolerance: 0.1 } as const

function airLimits(name: string, at: number): readonly ValueLimit[] {
  switch (name) {
    case 'pm25':
      return [qcvn(at >= pm25From ? 45 : 50, 24), ...(at >= pm25From ? vnAqi : vnAqi.slice(1))]
    case 'pm10':
      return [qcvn(100, 24)]
    case 'no2':
    case 'o3':
      return [qcvn(200, 1)]
    case 'so2':
      return [qcvn(350, 1)]
    case 'co':
      return [qcvn(30_000, 1)]
    default:
      return []
  }
}

function lightingLimits(name: string, meta: SensorMeta | undefined): readonly ValueLimit[] {
  if (name === 'activePower' && meta?.nominalPower !== undefined)
    return [{ value: meta.nominalPower, vi: 'công suất danh định', en: 'nominal power' }]
  if (name !== 'voltage') return []
  const { nominal, tolerance } = supply
  return [
    { value: nominal * (1 - tolerance), vi: '230 V − 10 %', en: '230 V − 10 %' },
    { value: nominal * (1 + tolerance), vi: '230 V + 10 %', en: '230 V + 10 %' },
  ]
}

function trafficLimits(name: string, meta: SensorMeta | undefined): readonly ValueLimit[] {
  if (name !== 'averageVehicleSpeed' || meta?.freeFlowSpeed === undefined) return []
  return [
    { value: meta.freeFlowSpeed / congestionLimits.slow, vi: 'chậm', en: 'slow' },
    { value: meta.freeFlowSpeed / congestionLimits.jammed, vi: 'ùn tắc', en: 'jammed' },
  ]
}

/** The limits of one value of a sensor at a time (epoch ms): what its chart draws as thresholds. */
export function limitsOf(kind: Kind, name: string, meta: SensorMeta | undefined, at: number): readonly ValueLimit[] {
  switch (kind) {
    case 'traffic':
      return trafficLimits(name, meta)
    case 'lighting':
      return lightingLimits(name, meta)
    case 'air-quality':
      return airLimits(name, at)
  }
}
