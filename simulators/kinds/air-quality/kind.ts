import type { SimulatedKind } from '../simulated-kind.ts'
import { airQualityAt } from './values.ts'

export const simulatedAirQuality: SimulatedKind<'air-quality'> = {
  called: { vi: 'Trạm không khí', en: 'Air station' },
  period: 10,
  share: 'rest',
  stands: 'in-wards',
  valuesAt: airQualityAt,
}
