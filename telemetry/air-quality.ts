import { z } from 'zod'

/** µg/m³; the upper bound is far beyond the last VN_AQI breakpoint of any pollutant but CO */
const concentration = z.number().min(0).max(10_000)

/** What an air-quality station reports (FIWARE Smart Data Models, AirQualityObserved). Concentrations in µg/m³. */
export const airQualityValues = z
  .object({
    pm25: concentration.optional(),
    pm10: concentration.optional(),
    no2: concentration.optional(),
    so2: concentration.optional(),
    o3: concentration.optional(),
    co: z.number().min(0).max(1_000_000).optional(),
    /** °C */
    temperature: z.number().min(-40).max(85).optional(),
    /** 0 to 1 */
    relativeHumidity: z.number().min(0).max(1).optional(),
    /** dB(A) */
    noiseLAeq: z.number().min(0).max(200).optional(),
    /** 0 to 1 */
    batteryLevel: z.number().min(0).max(1).optional(),
  })
  .refine((values) => Object.values(values).some((value) => value !== undefined), {
    message: 'holds no known value of an air-quality station',
  })

export type AirQualityValues = z.infer<typeof airQualityValues>
