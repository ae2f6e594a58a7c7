import { z } from 'zod'
import { battery, defineKind, number, share, word } from '../define-kind.ts'
import { lampConditions, lampDark, lampFault } from './conditions.ts'
import { isFollowingLevel, judgeLamp, lampFindings, reportsFault } from './lamp.ts'

/** Nominal supply, V, and the share by which it may differ (EN 50160, domain practice). */
const supply = { nominal: 230, tolerance: 0.1 } as const

/** measured power / nominal power beyond which the meter is wrong and not the lamp. Own choice. */
const topPower = 1.5

/** A street lamp (FIWARE Smart Data Models, Streetlight). */
export const lighting = defineKind({
  id: 'lighting',
  names: { vi: 'Chiếu sáng', en: 'Lighting' },
  called: { vi: 'đèn đường', en: 'a street lamp' },
  values: {
    /** measured */
    activePower: number('W', 1, z.number().min(0).max(2_000), 'Công suất', 'Power'),
    powerState: word(
      { on: { vi: 'sáng', en: 'on' }, off: { vi: 'tắt', en: 'off' }, low: { vi: 'giảm sáng', en: 'dimmed' } },
      'Trạng thái đèn',
      'Lamp state',
    ),
    /** asked for */
    illuminanceLevel: share('Mức sáng yêu cầu', 'Dimming level'),
    /** at the lamp */
    voltage: number('V', 1, z.number().min(0).max(500), 'Điện áp', 'Voltage'),
    /** a growing counter; a reset is allowed */
    energy: { ...number('kWh', 2, z.number().min(0).max(10_000_000), 'Điện năng', 'Energy'), counter: true },
    /** burning hours of the lamp */
    lampHours: { ...number('h', 0, z.number().min(0).max(1_000_000), 'Số giờ sáng', 'Burning hours'), counter: true },
    fault: word(
      {
        none: { vi: 'không', en: 'none' },
        lamp: { vi: 'bóng đèn', en: 'lamp' },
        driver: { vi: 'bộ nguồn', en: 'driver' },
        supply: { vi: 'nguồn điện', en: 'supply' },
      },
      'Sự cố',
      'Fault',
    ),
    batteryLevel: battery,
  },
  refusals: {},
  meta: {
    /** at full light */
    nominalPower: number('W', 0, z.number().min(1).max(2_000), 'Công suất danh định', 'Nominal power'),
    /** burning hours that it is made for */
    ratedLife: number('h', 0, z.number().min(1).max(1_000_000), 'Tuổi thọ danh định', 'Rated life'),
  },
  // `fault` is what a lamp reports of itself
  causes: [...lampFindings, 'fault'],
  finding(values, meta, ts) {
    const cause = judgeLamp(values, meta, ts)
    if (cause) return { cause }
    return reportsFault(values) ? { cause: 'fault' } : undefined
  },
  limits(name, meta) {
    if (name === 'activePower' && meta?.nominalPower !== undefined)
      return [{ value: meta.nominalPower, vi: 'công suất danh định', en: 'nominal power' }]
    if (name !== 'voltage') return []
    const { nominal, tolerance } = supply
    return [
      { value: nominal * (1 - tolerance), vi: '230 V − 10 %', en: '230 V − 10 %' },
      { value: nominal * (1 + tolerance), vi: '230 V + 10 %', en: '230 V + 10 %' },
    ]
  },
  isPlausible: ({ activePower = 0 }, meta) =>
    meta?.nominalPower === undefined || activePower <= topPower * meta.nominalPower,
  conditions: lampConditions,
  failures: {
    'lamp-dark': { names: lampDark.names, condition: { type: 'lamp-dark', forSeconds: 0 } },
    'lamp-fault': { names: lampFault.names, isFailing: reportsFault },
  },
  // the alarms of TALQ 2.7; supply voltage 230 V ± 10 % by EN 50160
  rules: {
    'lamp-dark': {
      name: { vi: 'Đèn không sáng ban đêm', en: 'Lamp dark at night' },
      priority: 2,
      condition: { type: 'lamp-dark', forSeconds: 600 },
    },
    'lamp-burning': {
      name: { vi: 'Đèn sáng ban ngày', en: 'Lamp burning by day' },
      priority: 3,
      condition: { type: 'lamp-burning', forSeconds: 1_800 },
    },
    'lamp-fault': {
      name: { vi: 'Đèn báo sự cố', en: 'Lamp reports a fault' },
      priority: 2,
      condition: { type: 'lamp-fault', forSeconds: 600 },
    },
    'lamp-power': {
      name: { vi: 'Công suất đèn quá cao hoặc quá thấp', en: 'Lamp power too high or too low' },
      priority: 3,
      condition: { type: 'lamp-power', forSeconds: 1_800 },
    },
    'supply-voltage': {
      name: { vi: 'Điện áp ngoài 230 V ± 10 %', en: 'Supply outside 230 V ± 10 %' },
      priority: 2,
      condition: { type: 'threshold', value: 'voltage', above: 253, below: 207, hysteresis: 3, forSeconds: 300 },
    },
    'cabinet-failing': {
      name: { vi: 'Nhiều đèn liền kề cùng hỏng (tủ điện)', en: 'Neighbouring lamps failing together (cabinet)' },
      priority: 1,
      condition: {
        type: 'group',
        failures: ['silence', 'offline', 'lamp-dark', 'lamp-fault'],
        atLeast: 4,
        withinMetres: 400,
        forSeconds: 120,
      },
    },
    'lamp-silent': {
      name: { vi: 'Đèn mất tín hiệu', en: 'Lamp silent' },
      priority: 3,
      condition: { type: 'silence', periods: 3, minSeconds: 120 },
    },
    'lamp-clock': {
      name: { vi: 'Đồng hồ đèn sai giờ', en: 'Lamp has a wrong clock' },
      priority: 2,
      condition: { type: 'clock' },
    },
  },
  takesCommands: true,
  isExplainedByOrder(cause, level) {
    if (cause === 'lamp-burning' || cause === 'lampUnexpectedOn') return level > 0
    return level === 0 && (cause === 'lamp-dark' || cause === 'lampFailure')
  },
  isFollowingOrder: isFollowingLevel,
})

export type LightingValues = z.infer<typeof lighting.schema>
