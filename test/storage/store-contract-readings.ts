import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ReadingsQuery, TelemetryStore } from '#storage/store.ts'
import type { Reading } from '#telemetry/reading.ts'
import { air, airOf, counter, day, everything, lamp, minute, start } from './store-samples.ts'

const airAlways = { ...everything, kind: 'air-quality' } as const

function inOrder(readings: readonly Reading[]): Reading[] {
  return readings.toSorted((a, b) => a.ts - b.ts || a.sensor.localeCompare(b.sensor))
}

/** What spans of whole readings promise; `opened` gives the store of the running test. */
export function readingsContract(opened: () => TelemetryStore): void {
  const read = async (query: ReadingsQuery) => {
    const found: Reading[] = []
    for await (const page of opened().readings(query)) found.push(...page)
    return found
  }

  describe('whole readings', () => {
    it('are none where there are none', async () => {
      expect(await read(airAlways)).toEqual([])
      expect(await opened().newest(airAlways)).toEqual([])
      expect(await opened().counts({ ...airAlways, window: minute })).toEqual([])
    })

    it('of all sensors come in order of time, from ≤ ts < to, as they were written', async () => {
      const counted = { ...counter('tr-1', start + 2, 8), values: { intensity: 8, averageVehicleSpeed: 31.5 } }
      const lamps = [lamp('lamp-2', start + 1, 'on'), lamp('lamp-1', start + 3, 'off'), lamp('lamp-1', start, 'low')]
      await opened().write([...lamps, counted, lamp('lamp-1', start + 9, 'on'), lamp('lamp-3', start - 1, 'on')])
      const span = { from: start, to: start + 9, limit: 100 }
      expect(await read({ kind: 'lighting', ...span })).toEqual(lamps.toSorted((a, b) => a.ts - b.ts))
      expect(await read({ kind: 'traffic', ...span })).toEqual([counted])
      expect(await read({ kind: 'lighting', sensor: 'lamp-1', ...span })).toEqual([lamps[2], lamps[1]])
    })

    it('begin at the first of any kind within a span', async () => {
      const first = (from: number, to: number) => opened().firstReadingAt({ from, to })
      expect(await first(0, start + day)).toBeUndefined()
      await opened().write([lamp('lamp-1', start + 5, 'on'), counter('tr-1', start + 2, 1), air('aq-1', start + 9, 1)])
      const spans: [number, number, number | undefined][] = [
        [0, 10, 2],
        [2, 10, 2],
        [3, 10, 5],
        [3, 5, undefined],
        [6, 9, undefined],
        [9, 10, 9],
      ]
      for (const [from, to, at] of spans)
        expect([from, to, await first(start + from, start + to)]).toEqual([
          from,
          to,
          at === undefined ? at : start + at,
        ])
      expect(await first(0, Number.MAX_SAFE_INTEGER)).toBe(start + 2)
    })

    it('are no more than asked for, the earliest', async () => {
      await opened().write(Array.from({ length: 25_000 }, (_, i) => air(`aq-${i % 7}`, start + i, i % 1_000)))
      expect((await read({ ...airAlways, limit: 3 })).map(({ ts }) => ts - start)).toEqual([0, 1, 2])
      const many = await read({ ...airAlways, limit: 24_000 })
      expect(many.map(({ ts }) => ts)).toEqual(Array.from({ length: 24_000 }, (_, i) => start + i))
      const thinned = await read({ ...airAlways, step: 1_000, limit: 10 })
      expect(thinned).toHaveLength(10)
      expect(thinned.at(-1)?.ts).toBeLessThan(start + 2_000)
    })

    it('of one step are the newest of each sensor, so that at its end all is as without steps', async () => {
      let run = 0
      const some = fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 600_000 }), fc.constantFrom('a', 'b')), {
        minLength: 1,
        maxLength: 60,
        selector: ([offset]) => offset,
      })
      await fc.assert(
        fc.asyncProperty(some, fc.constantFrom(5_000, minute, 5 * minute), async (given, step) => {
          run += 1
          const from = start + run * day
          const written = given.map(([offset, sensor]) => air(`aq-${sensor}`, from + offset, offset % 1_000))
          await opened().write(written)
          const span = { kind: 'air-quality', from, to: from + 600_001 } as const
          const thinned = await read({ ...span, step, limit: 1_000 })
          const key = ({ sensor, ts }: Reading) => `${sensor} ${Math.floor(ts / step)}`
          const newest = new Map(inOrder(written).map((reading) => [key(reading), reading]))
          expect(thinned.map(({ ts }) => ts)).toEqual(thinned.map(({ ts }) => ts).toSorted((a, b) => a - b))
          expect(inOrder(thinned)).toEqual(inOrder([...newest.values()]))
        }),
        { numRuns: 15 },
      )
    })

    it('of one step hold the newest of each of their values, and none of a clock that was ahead', async () => {
      await opened().write([
        airOf('aq-1', start, { pm25: 1, pm10: 9 }),
        { ...airOf('aq-1', start + 1, { pm25: 2 }), seq: 5 },
        airOf('aq-1', start + 2, { temperature: 30 }),
        { ...airOf('aq-1', start + 3, { pm25: 99 }), aheadMs: 400_000 },
        airOf('aq-1', start + minute, { temperature: 31 }),
      ])
      expect(await read({ ...airAlways, from: start, step: minute })).toEqual([
        airOf('aq-1', start + 2, { pm25: 2, pm10: 9, temperature: 30 }),
        airOf('aq-1', start + minute, { temperature: 31 }),
      ])
    })

    it('that are the newest of each sensor before a moment are found, however many came since', async () => {
      const [one, two] = [air('aq-1', start + 5, 5), air('aq-2', start - minute, 2, 'hoa-thanh')]
      await opened().write([one, two, air('aq-1', start, 1), air('aq-1', start + 6, 6), air('aq-3', start - day, 3)])
      const span = { kind: 'air-quality', from: start - 2 * minute, to: start + 6 } as const
      expect(inOrder(await opened().newest(span))).toEqual(inOrder([one, two]))
      expect(await opened().newest({ ...span, kind: 'traffic' })).toEqual([])
    })

    it('are counted per bucket of time, all sensors together', async () => {
      const times = [0, 1, 59_999, 60_000, 180_000]
      await opened().write(times.map((offset, i) => air(`aq-${i % 2}`, start + offset, i)))
      await opened().write([lamp('lamp-1', start, 'on')])
      const span = { kind: 'air-quality', from: start, to: start + 180_000, window: minute } as const
      expect(await opened().counts(span)).toEqual([
        { ts: start, count: 3 },
        { ts: start + minute, count: 1 },
      ])
    })

    it('have means and numbers per sensor, value and bucket, without the values and buckets that nobody has', async () => {
      const both = {
        ...{ district: 'tay-ninh', sensor: 'aq-1', ts: start + 1, kind: 'air-quality' as const },
        values: { pm25: 30, no2: 12 },
      }
      await opened().write([air('aq-1', start, 10), both, air('aq-1', start + 2 * minute, 5), air('aq-2', start, 7)])
      await opened().write([air('aq-2', start + 3 * minute, 99), lamp('lamp-1', start, 'on')])
      const span = { kind: 'air-quality', from: start, to: start + 3 * minute, window: minute } as const
      const means = await opened().means({ ...span, values: ['pm25', 'no2', 'co'] })
      expect(means.toSorted((a, b) => a.ts - b.ts || a.sensor.localeCompare(b.sensor))).toEqual([
        { sensor: 'aq-1', ts: start, values: { pm25: { mean: 20, count: 2 }, no2: { mean: 12, count: 1 } } },
        { sensor: 'aq-2', ts: start, values: { pm25: { mean: 7, count: 1 } } },
        { sensor: 'aq-1', ts: start + 2 * minute, values: { pm25: { mean: 5, count: 1 } } },
      ])
      await expect(opened().means({ ...span, kind: 'lighting', values: ['powerState'] })).rejects.toThrow(RangeError)
    })
  })
}
