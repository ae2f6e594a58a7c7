import { z } from 'zod'
import { defineCondition, forSeconds } from '../../conditions/define-condition.ts'

/** Free-flow speed over measured speed reaches `index`. It clears `hysteresis` below it. */
export const congestion = defineCondition(
  'congestion',
  { vi: 'ùn tắc', en: 'congestion' },
  {
    index: z.number().min(1).max(20).default(2),
    hysteresis: z.number().min(0).max(5).default(0.2),
    forSeconds: forSeconds.default(300),
  },
  { index: { vi: 'Chỉ số ùn tắc', en: 'Congestion index' } },
)
