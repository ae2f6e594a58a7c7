import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { TelemetryStore } from '#storage/store.ts'
import { type NewestReading, type Reading, readingSchema } from '#telemetry/reading.ts'
import { counter, everything, minute, start } from './store-samples.ts'

type TrafficReading = Extract<Reading, { kind: 'traffic' }>
type TrafficValues = TrafficReading['values']

const traffic = (sensor: string, ts: number, values: TrafficValues): TrafficReading => ({
  ...counter(sensor, ts, 0),
  values,
})
const classes = { motorbikes: 5, cars: 5, buses: 0, trucks: 0 }

const inOrder = (readings: readonly Reading[]) =>
  readings.toSorted((a, b) => a.ts - b.ts || a.sensor.localeCompare(b.sensor))

/** The values that are in force after these arrived: by time of measuring, of one time the last. */
function unitedOf(readings: readonly TrafficReading[]): TrafficValues {
  return Object.assign({}, ...readings.toSorted((a, b) => a.ts - b.ts).map(({ values }) => values))
}

/** What readings promise whose messages were each valid and, united, contradict themselves; `opened` gives the store of the running test. */
export function correctedContract(opened: () => TelemetryStore): void {
  const read = async (from: number, to: number, step?: number) => {
    const found: Reading[] = []
    const query = { kind: 'traffic', from, to, limit: 10_000, ...(step === undefined ? {} : { step }) } as const
    for await (const page of opened().readings(query)) found.push(...page)
    return inOrder(found)
  }

  describe('valid readings that contradict one another once they are united', () => {
    it.each(['in one batch', 'in a batch each'])(
      'are given as they are stored, and their neighbours, %s',
      async (how) => {
        const whole = traffic('tr-1', start, { intensity: 10, ...classes })
        const correction = traffic('tr-1', start, { intensity: 12 })
        const neighbour = traffic('tr-2', start, { intensity: 10, ...classes })
        for (const batch of how === 'in one batch'
          ? [[whole, correction, neighbour]]
          : [[whole], [correction, neighbour]])
          await opened().write(batch)
        const united = [traffic('tr-1', start, { ...classes, intensity: 12 }), neighbour]
        expect(inOrder(await opened().latest())).toEqual(united)
        expect(inOrder(await opened().newest({ kind: 'traffic', ...everything }))).toEqual(united)
        expect(await read(start, start + 1)).toEqual(united)
        expect(await read(start, start + 1, minute)).toEqual(united)
      },
    )

    it('are given thinned though each value is of another time of one step', async () => {
      await opened().write([
        traffic('tr-1', start, { intensity: 10, ...classes }),
        traffic('tr-1', start + 1, { intensity: 12 }),
      ])
      expect(await read(start, start + minute, minute)).toEqual([
        traffic('tr-1', start + 1, { ...classes, intensity: 12 }),
      ])
      expect(await opened().latest()).toEqual([
        {
          ...traffic('tr-1', start + 1, { ...classes, intensity: 12 }),
          valueTimes: Object.fromEntries(Object.keys(classes).map((name) => [name, start])),
        },
      ])
    })

    it('are given by every question, however valid messages split and correct the values of a time or a step', async () => {
      const vehicles = fc.option(fc.nat({ max: 3 }), { nil: undefined })
      const message = fc
        .record({
          offset: fc.nat({ max: 3 }),
          intensity: fc.option(fc.nat({ max: 12 }), { nil: undefined }),
          ...{ motorbikes: vehicles, cars: vehicles, buses: vehicles, trucks: vehicles, isWhole: fc.boolean() },
        })
        .map(({ offset, intensity, isWhole, ...parts }) => {
          const { motorbikes = 0, cars = 0, buses = 0, trucks = 0 } = parts
          const whole = { motorbikes, cars, buses, trucks, intensity: motorbikes + cars + buses + trucks }
          const values = isWhole ? whole : { intensity, ...parts }
          const held = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
          return { offset, values: held as TrafficValues } // none but counts
        })
        .filter(({ values }) => readingSchema.safeParse(traffic('tr-1', start, values)).success)
      let run = 0
      await fc.assert(
        fc.asyncProperty(
          fc.array(message, { minLength: 1, maxLength: 12 }),
          fc.integer({ min: 1, max: 12 }),
          async (messages, size) => {
            run += 1
            const from = start + run * minute
            const sensor = `tr-${run}`
            const arrived = messages.map(({ offset, values }) => traffic(sensor, from + offset, values))
            for (let at = 0; at < arrived.length; at += size) await opened().write(arrived.slice(at, at + size))
            const times = [...new Set(arrived.map(({ ts }) => ts))].sort((a, b) => a - b)
            const whole = times.map((ts) => traffic(sensor, ts, unitedOf(arrived.filter((each) => each.ts === ts))))
            expect(await read(from, from + minute)).toEqual(whole)
            const last = traffic(sensor, times.at(-1) ?? from, unitedOf(arrived))
            expect(await read(from, from + minute, minute)).toEqual([last])
            const withoutTimes = ({ valueTimes: _, ...reading }: NewestReading) => reading
            const newest = await opened().newest({ kind: 'traffic', from, to: from + minute })
            expect(newest.map(withoutTimes)).toEqual([last])
            const latest = await opened().latest()
            expect(latest.filter((each) => each.sensor === sensor).map(withoutTimes)).toEqual([last])
            expect(latest).toHaveLength(run)
          },
        ),
        { numRuns: 20 },
      )
    })
  })
}
