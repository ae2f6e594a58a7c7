import { congestionLimits } from '#telemetry/kinds/traffic/congestion.ts'
import type { ShownKind } from './shown-kind.ts'

export const shownTraffic: ShownKind = {
  shape: { path: 'M-5 0A5 5 0 1 1 5 0A5 5 0 1 1-5 0Z', radius: 5, onMap: 3.4 },
  dot: 1,
  layerOn: true,
  meanings: ({ t }) => ({ warning: [t.layers.causes.slow], critical: [t.layers.causes.jammed] }),
  legend({ t, format, kindName }) {
    const ratio = (limit: number) => format.number(limit, Number.isInteger(limit) ? 0 : 2)
    const [slow, jammed] = [ratio(congestionLimits.slow), ratio(congestionLimits.jammed)]
    return {
      title: `${kindName('traffic')}: ${t.layers.roads}`,
      ofLayer: true,
      lines: [
        { road: 'free', text: t.layers.free },
        { road: 'slow', text: t.layers.slow(slow, jammed) },
        { road: 'jammed', text: t.layers.jammed(jammed) },
      ],
    }
  },
}
