import { z } from 'zod'
import { defineCondition } from '../../conditions/define-condition.ts'
import { bandWords } from '../../glossary/vn-aqi-band.ts'
import { wordedEnum } from '../../glossary/worded-enum.ts'

/** Bands of VN_AQI from which an alert may be raised, from the mildest to the worst; ids as in vn-aqi.ts. */
export const alertBands = ['moderate', 'sensitive', 'unhealthy', 'very-unhealthy', 'hazardous'] as const

/** The hourly VN_AQI of a station reaches a band. It clears `hysteresis` (points of the index) below the band. */
export const vnAqi = defineCondition(
  'vn-aqi',
  { vi: 'không khí xấu (VN_AQI)', en: 'bad air (VN_AQI)' },
  { band: wordedEnum(alertBands, bandWords), hysteresis: z.number().min(0).max(50).default(5) },
  { index: { vi: 'VN_AQI', en: 'VN_AQI' } },
)
