import { z } from 'zod'
import { withComma } from '../../faults/decimal-comma.ts'
import { battery, defineKind, number, refusal } from '../define-kind.ts'

/** m above the gauge's zero; below it in a dry season */
const height = z.number().min(-20).max(100)

/**
 * A warning level of a gauge. The authorities set them for each gauge (Decision 05/2020/QĐ-TTg for the main rivers): they are
 * told in its meta, and are no constant.
 */
const warningLevel = (roman: 'I' | 'II' | 'III') =>
  number('m', 2, height, `Báo động ${roman}`, `Warning level ${roman}`)

/** From the highest to the lowest. */
const warningLevels = ['warningLevel3', 'warningLevel2', 'warningLevel1'] as const

/** m within s beyond which water rises faster than tides do here. Own choice. */
export const riseLimit = { metres: 0.5, seconds: 3_600 } as const

/** m above the highest warning level, and mm in an hour, that no gauge here has seen: the instrument is wrong. Own choice. */
const topAboveWarning = 5
const topRainfall = 200

/** s within which a wave or a boat passes: how long a level must be held to be reached */
const forSeconds = 300
/** m below a warning level at which it is over */
const hysteresis = 0.05

const reached = (level: 'warningLevel1' | 'warningLevel2' | 'warningLevel3') =>
  ({ type: 'own-level', value: 'level', level, hysteresis, forSeconds }) as const

/** A gauge of a river or a canal. */
export const waterLevel = defineKind({
  id: 'water-level',
  names: { vi: 'Mực nước', en: 'Water level' },
  called: { vi: 'trạm mực nước', en: 'a water-level gauge' },
  values: {
    /** above the gauge's zero */
    level: number('m', 2, height, 'Mực nước', 'Water level'),
    /** downstream; negative where the tide turns it */
    flow: number('m³/s', 1, z.number().min(-10_000).max(100_000), 'Lưu lượng', 'Flow'),
    /** fallen at the gauge in the hour before */
    rainfall: number('mm', 1, z.number().min(0).max(500), 'Lượng mưa 1 giờ qua', 'Rainfall in the last hour'),
    batteryLevel: battery,
  },
  refusals: {
    NOT_ABOVE: refusal(
      z.object({ value: z.number(), other: z.string(), otherValue: z.number() }),
      ({ value, other, otherValue }) =>
        `là ${withComma(value)}, phải cao hơn ${other}, đang là ${withComma(otherValue)}`,
      ({ value, other, otherValue }) => `is ${value}, must be above ${other}, which is ${otherValue}`,
    ),
  },
  meta: {
    warningLevel1: warningLevel('I'),
    warningLevel2: warningLevel('II'),
    warningLevel3: warningLevel('III'),
  },
  checkMeta(meta, refuse) {
    const given = warningLevels.flatMap((name) => {
      const value = meta[name]
      return value === undefined ? [] : [{ name, value }]
    })
    for (const [at, { name, value }] of given.entries()) {
      const below = given[at + 1]
      if (below && value <= below.value)
        refuse('NOT_ABOVE', { value, other: below.name, otherValue: below.value }, name)
    }
  },
  causes: ['warningLevel1', 'warningLevel2', 'warningLevel3', 'rising'],
  rise: { value: 'level', withinSeconds: riseLimit.seconds },
  finding({ level }, meta, _ts, risen = 0) {
    if (level === undefined) return undefined
    const highest = warningLevels.find((name) => level >= (meta?.[name] ?? Number.POSITIVE_INFINITY))
    if (highest) return { cause: highest }
    return risen >= riseLimit.metres ? { cause: 'rising' } : undefined
  },
  limits(name, meta) {
    if (name !== 'level') return []
    const lines = [
      { value: meta?.warningLevel1, vi: 'báo động I', en: 'warning level I' },
      { value: meta?.warningLevel2, vi: 'báo động II', en: 'warning level II' },
      { value: meta?.warningLevel3, vi: 'báo động III', en: 'warning level III' },
    ]
    return lines.flatMap(({ value, ...words }) => (value === undefined ? [] : [{ value, ...words }]))
  },
  isPlausible: ({ level = 0, rainfall = 0 }, meta) =>
    rainfall <= topRainfall && (meta?.warningLevel3 === undefined || level <= meta.warningLevel3 + topAboveWarning),
  conditions: [],
  cameLater: true,
  rules: {
    'water-warning-3': {
      name: { vi: 'Mực nước đạt báo động III', en: 'Water at warning level III' },
      priority: 1,
      condition: reached('warningLevel3'),
    },
    'water-warning-2': {
      name: { vi: 'Mực nước đạt báo động II', en: 'Water at warning level II' },
      priority: 1,
      condition: reached('warningLevel2'),
    },
    'water-warning-1': {
      name: { vi: 'Mực nước đạt báo động I', en: 'Water at warning level I' },
      priority: 2,
      condition: reached('warningLevel1'),
    },
    'water-rising': {
      name: { vi: 'Mực nước lên nhanh', en: 'Water rising fast' },
      priority: 2,
      condition: {
        ...{ type: 'rate', value: 'level', direction: 'up' },
        ...{ change: riseLimit.metres, withinSeconds: riseLimit.seconds },
      },
    },
    'gauge-silent': {
      name: { vi: 'Trạm mực nước mất tín hiệu', en: 'Water gauge silent' },
      priority: 2,
      condition: { type: 'silence', periods: 3, minSeconds: 300 },
    },
    'gauge-stuck': {
      name: { vi: 'Trạm mực nước báo mực nước không đổi', en: 'Water gauge reports one level' },
      priority: 3,
      condition: { type: 'stuck', value: 'level', forSeconds: 21_600 },
    },
    'gauge-clock': {
      name: { vi: 'Đồng hồ trạm mực nước sai giờ', en: 'Water gauge has a wrong clock' },
      priority: 2,
      condition: { type: 'clock' },
    },
  },
})

export type WaterLevelValues = z.infer<typeof waterLevel.schema>
