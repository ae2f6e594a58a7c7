import { riseLimit, waterLevel } from '#telemetry/kinds/water-level/kind.ts'
import type { Glyph, ShownKind } from './shown-kind.ts'

const vi = {
  legend: 'so với mức báo động của từng trạm',
  levels: 'báo động I, II, III',
  rising: (metres: string) => `nước lên từ ${metres} m trong 1 giờ`,
  reached: (level: string) => `Vượt ${level}`,
  below: (level: string) => `Còn cách ${level}`,
}
const en: typeof vi = {
  legend: 'against the warning levels of each gauge',
  levels: 'warning levels I, II and III',
  rising: (metres) => `water rising by ${metres} m or more in 1 h`,
  reached: (level) => `Above ${level}`,
  below: (level) => `Below ${level}`,
}
const texts = { vi, en }

const causes = {
  warningLevel1: { vi: 'báo động I', en: 'warning level I' },
  warningLevel2: { vi: 'báo động II', en: 'warning level II' },
  warningLevel3: { vi: 'báo động III', en: 'warning level III' },
  rising: { vi: 'nước lên nhanh', en: 'rising fast' },
}

const waves: Glyph = { filled: '', drawn: 'M-4.4 5.2Q-2.2 3.2 0 5.2T4.4 5.2M-2.8 1.6Q-1.4 .2 0 1.6T2.8 1.6' }

export const shownWaterLevel: ShownKind<'water-level'> = {
  // a drop
  shape: {
    path: 'M0-6.8C2.4-3.2 4.6-.8 4.6 1.9A4.6 4.6 0 0 1-4.6 1.9C-4.6-.8-2.4-3.2 0-6.8Z',
    radius: 6.8,
    onMap: 5.4,
  },
  dot: 1.5,
  layerOn: true,
  conditions: {},
  causes,
  // waves, and an arrow that rises from one
  glyphs: {
    warningLevel1: waves,
    warningLevel2: waves,
    warningLevel3: waves,
    rising: { filled: '', drawn: 'M-4.4 5.6Q-2.2 3.8 0 5.6T4.4 5.6M0 2.6V-3M-2-.8L0-3L2-.8' },
  },
  noted: ({ language }) => [texts[language].levels, causes.rising[language]],
  legend: ({ language, format, kindName }) => ({
    title: `${kindName('water-level')}: ${texts[language].legend}`,
    lines: [
      { cause: 'warningLevel1', text: texts[language].levels },
      { cause: 'rising', text: texts[language].rising(format.number(riseLimit.metres, 1)) },
    ],
  }),
  /** How far the water is above the highest warning level it has reached, and below the next. */
  panelLines({ reading, meta }, { language, format }) {
    const level = reading?.kind === waterLevel.id ? reading.values.level : undefined
    if (level === undefined || !meta) return []
    const lines = waterLevel.limits('level', meta, 0)
    const words = texts[language]
    const metres = (length: number) => `${format.number(length, 2)} m`
    const reached = lines.findLast(({ value }) => level >= value)
    const next = lines.find(({ value }) => level < value)
    return [
      ...(reached ? [{ name: words.reached(reached[language]), text: metres(level - reached.value) }] : []),
      ...(next ? [{ name: words.below(next[language]), text: metres(next.value - level) }] : []),
    ]
  },
}
