import { powerLimits } from '#telemetry/kinds/lighting/lamp.ts'
import { forSeconds } from '../alerts/rule-field.ts'
import type { ShownKind } from './shown-kind.ts'

const asBelow = { vi: 'đèn bất thường (dưới đây)', en: 'lamps, as below' }

const causes = {
  lampFailure: { vi: 'không sáng ban đêm', en: 'dark at night' },
  lampUnexpectedOn: { vi: 'sáng ban ngày', en: 'burning by day' },
  lampPowerTooHigh: { vi: 'công suất quá cao', en: 'power too high' },
  lampPowerTooLow: { vi: 'công suất quá thấp', en: 'power too low' },
  fault: { vi: 'đèn báo sự cố', en: 'lamp reports a fault' },
}

export const shownLighting: ShownKind<'lighting'> = {
  shape: { path: 'M-4.5-4.5H4.5V4.5H-4.5Z', radius: 4.5, onMap: 3 },
  dot: 1,
  layerOn: true,
  conditions: {
    'lamp-dark': [forSeconds('300')],
    'lamp-burning': [forSeconds('300')],
    'lamp-fault': [forSeconds('300')],
    'lamp-power': [forSeconds('300')],
  },
  causes,
  // a dark disc, a sun, power up or down, an exclamation mark
  glyphs: {
    lampFailure: { filled: 'M0-1A3.2 3.2 0 1 1-.01-1Z', drawn: '' },
    lampUnexpectedOn: {
      filled: '',
      drawn: 'M0 .3A1.9 1.9 0 1 1-.01 .3ZM0-2.4V-1M0 5.4V6.6M-4.4 4.2L-3.2 3.4M4.4 4.2L3.2 3.4',
    },
    lampPowerTooHigh: { filled: '', drawn: 'M0 6V-2M-2.6 .6L0-2L2.6 .6' },
    lampPowerTooLow: { filled: '', drawn: 'M0-2.4V5.6M-2.6 3L0 5.6L2.6 3' },
    fault: { filled: '', drawn: 'M0-3V2.6M0 4.8V6.2' },
  },
  noted: ({ language }) => [asBelow[language]],
  legend({ language, format, kindName }) {
    const percent = (share: number) => `${format.number(share * 100)}\u00a0%`
    const limits: Partial<Record<string, string>> = {
      lampPowerTooHigh: ` (> ${percent(powerLimits.high)})`,
      lampPowerTooLow: ` (< ${percent(powerLimits.low)})`,
    }
    const names = Object.keys(causes) as (keyof typeof causes)[] // its own
    return {
      title: kindName('lighting'),
      lines: names.map((cause) => ({ cause, text: `${causes[cause][language]}${limits[cause] ?? ''}` })),
    }
  },
}
