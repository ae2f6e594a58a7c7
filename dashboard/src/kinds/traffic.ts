import { congestionIndex, congestionLimits, congestionOf } from '#telemetry/kinds/traffic/congestion.ts'
import { forSeconds, hysteresis } from '../alerts/rule-field.ts'
import { disc, type ShownKind, type Wording } from './shown-kind.ts'

const vi = {
  index: 'Chỉ số ùn tắc',
  roads: 'Chỉ số ùn tắc = tốc độ tự do ÷ tốc độ đo',
  free: 'thông thoáng',
  slow: (from: string, to: string) => `chậm: ${from}–${to}`,
  jammed: (above: string) => `ùn tắc: trên ${above}`,
}
const en: typeof vi = {
  index: 'Congestion index',
  roads: 'Congestion index = free-flow speed ÷ measured speed',
  free: 'free',
  slow: (from, to) => `slow: ${from}–${to}`,
  jammed: (above) => `jammed: over ${above}`,
}
const texts = { vi, en }

const causes = { slow: { vi: 'chậm', en: 'slow' }, jammed: { vi: 'ùn tắc', en: 'jammed' } }

export const shownTraffic: ShownKind<'traffic'> = {
  shape: disc,
  dot: 1,
  layerOn: true,
  roads: {
    index: ({ reading, meta }) => congestionIndex(reading?.values, meta),
    flow: congestionOf,
  },
  conditions: {
    congestion: [
      {
        ...{ name: 'index', label: { vi: 'Từ chỉ số ùn tắc', en: 'From this congestion index' } },
        ...{ type: 'number', initial: '2' },
      },
      hysteresis('number', '0.2'),
      forSeconds('300'),
    ],
  },
  causes,
  noted: ({ language }) => [causes.slow[language], causes.jammed[language]],
  legend({ language, format, kindName }: Wording) {
    const t = texts[language]
    const ratio = (limit: number) => format.number(limit, Number.isInteger(limit) ? 0 : 2)
    const [slow, jammed] = [ratio(congestionLimits.slow), ratio(congestionLimits.jammed)]
    return {
      title: `${kindName('traffic')}: ${t.roads}`,
      ofLayer: true,
      lines: [
        { road: 'free', text: t.free },
        { road: 'slow', text: t.slow(slow, jammed) },
        { road: 'jammed', text: t.jammed(jammed) },
      ],
    }
  },
  panelLines({ reading, meta }, { language, format }) {
    const index = congestionIndex(reading?.values, meta)
    if (index === undefined) return []
    return [{ name: texts[language].index, text: Number.isFinite(index) ? format.number(index, 2) : '∞' }]
  },
}
