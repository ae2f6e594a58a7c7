import { airQualityAt } from '../behaviour/air-quality.ts'
import type { SimulatedKind } from './simulated-kind.ts'

export const simulatedAirQuality: SimulatedKind<'air-quality'> = {
  called: { vi: 'Trạm không khí', en: 'Air station' },
  period: 10,
  share: 'rest',
  stands: 'in-wards',
  valuesAt: airQualityAt,
}
