import type { SimulatedKind } from '../simulated-kind.ts'
import { trafficAt } from './values.ts'

/** km/h at free flow, by class of road */
const freeFlowSpeeds = { trunk: 58, primary: 48, secondary: 45 } as const

export const simulatedTraffic: SimulatedKind<'traffic'> = {
  called: { vi: 'Đếm xe', en: 'Traffic counter' },
  period: 5,
  share: 0.3,
  stands: { beside: 'roads', metres: 4 },
  valuesAt: trafficAt,
  ratingOf: (road, random, onItsPlace) => ({
    freeFlowSpeed: freeFlowSpeeds[road] + Math.round((random() - 0.5) * 6),
    laneDirection: onItsPlace % 2 === 1 ? 'forward' : 'backward',
  }),
}
