import { powerLimits } from '#telemetry/kinds/lighting/lamp.ts'
import type { ShownKind } from './shown-kind.ts'

export const shownLighting: ShownKind = {
  shape: { path: 'M-4.5-4.5H4.5V4.5H-4.5Z', radius: 4.5, onMap: 3 },
  dot: 1,
  layerOn: true,
  meanings: ({ t }) => ({ warning: [t.legend.lamp], critical: [] }),
  legend({ t, format, kindName }) {
    const { causes } = t.layers
    const percent = (share: number) => `${format.number(share * 100)}\u00a0%`
    return {
      title: kindName('lighting'),
      lines: [
        { cause: 'lampFailure', text: causes.lampFailure },
        { cause: 'lampUnexpectedOn', text: causes.lampUnexpectedOn },
        { cause: 'lampPowerTooHigh', text: `${causes.lampPowerTooHigh} (> ${percent(powerLimits.high)})` },
        { cause: 'lampPowerTooLow', text: `${causes.lampPowerTooLow} (< ${percent(powerLimits.low)})` },
        { cause: 'fault', text: causes.fault },
      ],
    }
  },
}
