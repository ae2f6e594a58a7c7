import { getTimes } from 'suncalc'
import { expect, it } from 'vitest'
import { answerLighting } from '#history/figures/lighting/answer-lighting.ts'
import type { LightingRequest } from '#history/figures/lighting/lamp-request.ts'
import { ReportingSteps } from '#storage/reporting-steps.ts'
import type { StoredEvent } from '#storage/store.ts'
import type { Alert } from '#telemetry/alert.ts'
import type { AcknowledgedOrder } from '#telemetry/lamp-override.ts'
import type { Reading } from '#telemetry/reading.ts'
import { localTime, onEachStore, rollUp } from './figure-stores.ts'

const minute = 60_000
const hour = 60 * minute
const position = [106.1, 11.3] as const
const zone = 'Asia/Ho_Chi_Minh'
const evening = '2026-11-18'
const from = localTime(evening, 12)
const to = localTime('2026-11-20', 12)
const now = localTime('2026-11-20', 13)
const context = { signal: new AbortController().signal }

/** A night by the sun library itself. */
const nightOf = (date: string) => {
  const [today, next] = [
    getTimes(new Date(localTime(date, 12)), 11.3, 106.1),
    getTimes(new Date(localTime(date, 36)), 11.3, 106.1),
  ]
  const ms = (time: Date | null) => time?.getTime() ?? Number.NaN
  return {
    sunset: ms(today.sunset),
    dusk: ms(today.dusk),
    dawn: ms(next.dawn),
    sunrise: ms(next.sunrise),
  }
}
const nights = [nightOf(evening), nightOf('2026-11-19')] as const
const darkMs = nights.reduce((sum, { dusk, dawn }) => sum + dawn - dusk, 0)

/** A reading a minute; `powerAt` says W, `energy` counts 0.1 kWh an hour from 10 kWh on. */
const minutely = (
  sensor: string,
  valuesAt: (ts: number) => Extract<Reading, { kind: 'lighting' }>['values'],
): Reading[] =>
  Array.from({ length: (to - from) / minute }, (_, index) => from + index * minute).map((ts) => ({
    ...{ district: 'tay-ninh', sensor, ts, kind: 'lighting', values: valuesAt(ts) },
  }))
const isNight = (ts: number) => nights.some(({ sunset, sunrise }) => ts >= sunset && ts < sunrise)

const darkFrom = localTime(evening, 20)
const darkTo = localTime(evening, 23)
const dayFrom = localTime('2026-11-19', 9)
const dayTo = localTime('2026-11-19', 10)
const readings: Reading[] = [
  // dark for three hours, and burning for an hour by day; its meter begins anew in the middle
  ...minutely('l-1', (ts) => {
    const burns = (isNight(ts) && !(ts >= darkFrom && ts < darkTo)) || (ts >= dayFrom && ts < dayTo)
    const hours = (ts - from) / hour
    return {
      activePower: burns ? 100 : 1,
      energy: hours < 24 ? 10 + hours / 10 : (hours - 24) / 10,
      lampHours: 45_000 + Math.floor(hours),
    }
  }),
  // measures no power: it says that it is on
  ...minutely('l-2', (ts) => ({ powerState: isNight(ts) ? 'on' : 'off' })),
]

const alert = (id: string, sensor: string, cause: string, raisedAt: number, clearedAt?: number): StoredEvent[] => {
  const of = (changes: Partial<Alert>) => ({
    ...{ id, revision: 1, rule: cause, name: { vi: 'x', en: 'x' }, cause, priority: 2, kind: 'lighting' },
    ...{ sensors: [sensor], district: 'tay-ninh', group: `tay-ninh/${cause}`, unit: '', raisedAt, occurrences: 1 },
    ...changes,
  })
  const step = (type: string, at: number, changes: Partial<Alert>): StoredEvent => ({
    ...{ stream: 'alert', id: `${id}-${type}`, ts: at, body: { type, at, alert: of(changes) } },
  })
  return [
    step('raised', raisedAt, {}),
    ...(clearedAt === undefined ? [] : [step('cleared', clearedAt, { revision: 2, clearedAt, closedAt: clearedAt })]),
  ]
}

const events = [
  // dark on both nights, and seen no more by day: one failure, that is not over
  ...alert('a1', 'l-1', 'lamp-dark', nights[0].dusk + 10 * minute, nights[0].dawn),
  ...alert('a2', 'l-1', 'lamp-dark', nights[1].dusk + 10 * minute, nights[1].dawn),
  ...alert('a3', 'l-2', 'lamp-fault', localTime('2026-11-19', 8), localTime('2026-11-19', 14)),
  ...alert('a4', 'l-2', 'lamp-power', localTime('2026-11-19', 8), localTime('2026-11-19', 14)),
]

const request = (changes: Partial<LightingRequest> = {}): LightingRequest => ({
  membership: {
    groups: [
      { id: 'l-1', sensors: ['l-1'] },
      { id: 'l-2', sensors: ['l-2'] },
    ],
    members: [
      { sensor: 'l-1', group: 0 },
      { sensor: 'l-2', group: 1 },
    ],
  },
  ...{ from, to, window: undefined, zone, ratedHours: 50_000, edges: 'sun', mostReadings: 100_000, now },
  dimmings: [{ from: 23 * 60, to: 5 * 60, level: 0.5 }],
  nameOf: (group) => ({ vi: group, en: group }),
  factsOf: (sensor) => ({
    ...{ isSimulated: sensor === 'l-2', place: 'tay-ninh', ratedHours: 50_000, measuresPower: sensor === 'l-1' },
    ...(sensor === 'l-1' && { nominalPower: 100 }),
  }),
  positionOf: () => position,
  orders: new Map(),
  steps: new ReportingSteps([], []),
  ...changes,
})

onEachStore(
  'lighting figures',
  async (store) => {
    await store.write(readings)
    await store.appendEvents(events)
  },
  (opened) => {
    it('are energy by the meter against a plan by the sun, over a reset of the meter', async () => {
      const [figures] = (await answerLighting(opened(), request(), context)).groups
      // nominal power from sunset to sunrise, half of it from 23:00 to 5:00
      const plannedHours = nights.reduce((sum, { sunset, sunrise }) => sum + (sunrise - sunset) / hour - 3, 0)
      expect(figures?.plannedEnergy).toBeCloseTo(plannedHours * 0.1, 3)
      // 0.1 kWh an hour; the minute before the reset is not known
      expect(figures?.energy).toBeCloseTo(4.8 - 2 / 600, 2)
      expect(figures?.energyShare).toBeCloseTo((figures?.energy ?? 0) / (plannedHours * 0.1), 3)
    })

    it('tell dark hours of the night, hours of burning by day, and how available the lamp was', async () => {
      const [figures] = (await answerLighting(opened(), request(), context)).groups
      expect(figures?.darkHours).toBeCloseTo(3, 6)
      expect(figures?.burningByDayHours).toBeCloseTo(1, 6)
      expect(figures?.nightHours).toBeCloseTo(darkMs / hour, 3)
      expect(figures?.availability).toBeCloseTo(1 - 3 / (darkMs / hour), 3)
      expect(figures?.coverage).toBeGreaterThan(0.995)
    })

    it('count no hour that somebody ordered: it is told apart', async () => {
      const order = (since: number, until: number, action: 'on' | 'off'): AcknowledgedOrder => ({
        ...{ sensor: 'l-1', district: 'tay-ninh', kind: 'lighting', command: 'c-1', by: 'an', since },
        order: { action, until },
      })
      const orders = new Map([['l-1', [order(dayFrom, dayTo, 'on'), order(darkFrom, darkTo, 'off')]]])
      const [figures] = (await answerLighting(opened(), request({ orders }), context)).groups
      expect(figures).toMatchObject({ darkHours: 0, burningByDayHours: 0, availability: 1 })
      expect(figures?.darkByOrderHours).toBeCloseTo(3, 6)
      expect(figures?.burningByOrderHours).toBeCloseTo(1, 6)
    })

    it('take what a lamp says of itself where it measures no power, up to a bound of readings', async () => {
      const [, figures] = (await answerLighting(opened(), request(), context)).groups
      expect(figures).toMatchObject({ simulated: 1, darkHours: 0, burningByDayHours: 0, availability: 1 })
      expect(figures?.coverage).toBeGreaterThan(0.995)
      expect(figures).not.toHaveProperty('energy')
      const [, bounded] = (await answerLighting(opened(), request({ mostReadings: 10 }), context)).groups
      expect(bounded).toMatchObject({ knownNightHours: 0, coverage: 0 })
      expect(bounded).not.toHaveProperty('availability')
    })

    it('count a lamp that was dark on two nights as one failure, which is not over at sunrise', async () => {
      const [dark, faulty] = (await answerLighting(opened(), request(), context)).groups
      expect(dark).toMatchObject({ failures: 1, repairs: 0, openFailures: 1 })
      expect(faulty).toMatchObject({ failures: 1, repairs: 1, meanRepairHours: 6, openFailures: 0 })
    })

    it('compare burning hours with the rated life', async () => {
      const [figures] = (await answerLighting(opened(), request(), context)).groups
      expect(figures?.life).toEqual({
        ...{ lamps: 1, meanHours: 45_047, meanShare: 0.9009, highestShare: 0.9009, nearEnd: 1, beyondEnd: 0 },
      })
    })

    it('are given night by night, from noon to noon, and add up to those of the span', async () => {
      const [figures] = (await answerLighting(opened(), request({ window: 'night' }), context)).groups
      expect(figures?.series?.map(({ start, end, partial }) => [start, end, partial])).toEqual([
        [from, from + 24 * hour, undefined],
        [from + 24 * hour, to, undefined],
      ])
      expect(figures?.series?.map(({ darkHours }) => darkHours)).toEqual([3, 0])
      expect(figures?.series?.map(({ burningByDayHours }) => burningByDayHours)).toEqual([1, 0])
      expect(figures?.series?.map(({ failures }) => failures)).toEqual([1, 0])
      const [whole] = (await answerLighting(opened(), request(), context)).groups
      const { series: _, ...sums } = figures ?? {}
      expect(sums).toEqual(whole)
    })

    it('by whole hours of night are of these alone', async () => {
      const [figures] = (await answerLighting(opened(), request({ edges: 'hours' }), context)).groups
      const wholeHours = nights.map(({ dusk, dawn }) => Math.floor(dawn / hour) - Math.ceil(dusk / hour))
      expect(figures).toMatchObject({ nightHours: (wholeHours[0] ?? 0) + (wholeHours[1] ?? 0), darkHours: 3 })
    })

    it('are the same once hours are rolled up', async () => {
      const before = await answerLighting(opened(), request({ window: 'night' }), context)
      await rollUp(opened(), now)
      expect(await answerLighting(opened(), request({ window: 'night' }), context)).toEqual(before)
    })
  },
)
