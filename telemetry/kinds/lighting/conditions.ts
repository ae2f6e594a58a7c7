import { defineCondition, forSeconds } from '../../conditions/define-condition.ts'

const settings = { forSeconds: forSeconds.default(300) }

/** A lamp that should burn and does not, by the sun at its place. */
export const lampDark = defineCondition(
  'lamp-dark',
  { vi: 'đèn không sáng ban đêm', en: 'lamp dark at night' },
  settings,
)

/** A lamp that burns by day, by the sun at its place. */
const lampBurning = defineCondition('lamp-burning', { vi: 'đèn sáng ban ngày', en: 'lamp burning by day' }, settings)

/** A lamp that reports a fault of itself. */
export const lampFault = defineCondition('lamp-fault', { vi: 'đèn báo sự cố', en: 'lamp reports a fault' }, settings, {
  cameLater: true,
})

/** A burning lamp whose power is far from nominal power × dimming level. */
const lampPower = defineCondition(
  'lamp-power',
  { vi: 'công suất đèn bất thường', en: 'lamp power far from normal' },
  settings,
  { cameLater: true },
)

/** What rules may look for at lamps alone. */
export const lampConditions = [lampDark, lampBurning, lampFault, lampPower] as const
