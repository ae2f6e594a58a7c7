import type { SimulatedKind } from '../simulated-kind.ts'
import { waterLevelAt } from './values.ts'

/** m above the zero of a gauge, and from one warning level to the next */
const firstWarning = 1.85
const step = 0.4

const rounded = (metres: number) => Math.round(metres * 100) / 100

export const simulatedWaterLevel: SimulatedKind<'water-level'> = {
  called: { vi: 'Trạm thủy văn mẫu', en: 'Sample gauge' },
  period: 30,
  share: { onTop: 12 },
  stands: { beside: 'waterways', metres: 8 },
  valuesAt: waterLevelAt,
  ratingOf(_road, random) {
    const first = firstWarning + 0.25 * random()
    return {
      warningLevel1: rounded(first),
      warningLevel2: rounded(first + step),
      warningLevel3: rounded(first + 2 * step),
    }
  },
}
