import { describe, expect, it } from 'vitest'
import type { TelemetryStore } from '#storage/store.ts'
import type { ValueStates } from '#telemetry/device-state.ts'
import type { Reading } from '#telemetry/reading.ts'
import { airOf, day, everything, lamp, minute, pm25Of, start } from './store-samples.ts'

type AirValues = Parameters<typeof airOf>[2]

const withStates = (ts: number, values: AirValues, states?: ValueStates, sensor = 'aq-1') => ({
  ...airOf(sensor, ts, values),
  ...(states && { states }),
})

/** What the states of values promise; `opened` gives the store of the running test. */
export function statesContract(opened: () => TelemetryStore, reopen: () => Promise<TelemetryStore>): void {
  const read = async (step?: number) => {
    const found: Reading[] = []
    const query = { kind: 'air-quality', ...everything, ...(step === undefined ? {} : { step }) } as const
    for await (const page of opened().readings(query)) found.push(...page)
    return found
  }

  describe('values that were not being measured', () => {
    it('are kept with their states, in whole readings and in histories', async () => {
      const readings = [
        withStates(start, { pm25: 1, pm10: 2, no2: 3 }, { pm10: 'calibrating', no2: 'error' }),
        withStates(start + minute, { pm25: 4, pm10: 5 }),
        withStates(start + 2 * minute, { pm10: 6 }, { pm10: 'maintenance' }),
        { ...lamp('lamp-1', start, 'on'), states: { powerState: 'error' } } satisfies Reading,
      ]
      await opened().write(readings)
      expect(await read()).toEqual(readings.slice(0, 3))
      expect(await opened().history({ ...pm25Of('aq-1'), value: 'pm10' })).toEqual([
        { ts: start, value: 2, state: 'calibrating' },
        { ts: start + minute, value: 5 },
        { ts: start + 2 * minute, value: 6, state: 'maintenance' },
      ])
      // a limit counts points of the value alone
      expect(await opened().history({ ...pm25Of('aq-1'), value: 'pm10', limit: 2 })).toHaveLength(2)
      const powers = { kind: 'lighting', sensor: 'lamp-1', value: 'powerState', ...everything } as const
      expect(await opened().history(powers)).toEqual([{ ts: start, value: 'on', state: 'error' }])
    })

    it('are left out of aggregates and means', async () => {
      await opened().write([
        withStates(start, { pm25: 1, pm10: 10 }),
        withStates(start + 1, { pm25: 100, pm10: 30 }, { pm25: 'error' }),
        withStates(start + 2, { pm25: 3, pm10: 50 }, { pm10: 'calibrating' }),
        withStates(start, { pm25: 7 }, undefined, 'aq-2'),
        withStates(start + day, { pm25: 9 }, { pm25: 'maintenance' }),
      ])
      for (const [fn, value] of [
        ['mean', 2],
        ['min', 1],
        ['max', 3],
        ['count', 2],
        ['p50', 1],
        ['p95', 3],
      ] as const)
        expect(await opened().buckets({ ...pm25Of('aq-1'), window: day, fn })).toEqual([{ ts: start, value }])
      const query = { kind: 'air-quality', from: start, to: start + day, window: day } as const
      const means = await opened().means({ ...query, values: ['pm25', 'pm10'] })
      expect(means.toSorted((a, b) => a.sensor.localeCompare(b.sensor))).toEqual([
        { sensor: 'aq-1', ts: start, values: { pm25: { mean: 2, count: 2 }, pm10: { mean: 20, count: 2 } } },
        { sensor: 'aq-2', ts: start, values: { pm25: { mean: 7, count: 1 } } },
      ])
    })

    it('have their states in what is newest, of values of other times too', async () => {
      await opened().write([
        withStates(start, { pm25: 1, no2: 2 }, { no2: 'error' }),
        withStates(start + 1, { pm10: 3, pm25: 4 }, { pm10: 'calibrating' }),
      ])
      const newest = {
        ...withStates(start + 1, { pm25: 4, pm10: 3, no2: 2 }, { no2: 'error', pm10: 'calibrating' }),
        valueTimes: { no2: start },
      }
      expect(await opened().latest()).toEqual([newest])
      expect(await opened().newest({ kind: 'air-quality', from: start, to: start + 2 })).toEqual([newest])
      const { valueTimes: _, ...thinned } = newest
      expect(await read(minute)).toEqual([thinned])
      await opened().write([withStates(start + 2, { no2: 5, pm10: 6, pm25: 7 })])
      expect(await opened().latest()).toEqual([withStates(start + 2, { no2: 5, pm10: 6, pm25: 7 })])
      expect(await read(minute)).toEqual([withStates(start + 2, { no2: 5, pm10: 6, pm25: 7 })])
    })

    it('have the state that the last message about them said', async () => {
      await opened().write([withStates(start, { pm25: 1, no2: 2 }, { pm25: 'error', no2: 'error' })])
      await opened().write([withStates(start, { pm10: 3 }, { pm10: 'calibrating' })])
      const all = { pm25: 1, pm10: 3, no2: 2 }
      expect(await read()).toEqual([withStates(start, all, { pm25: 'error', no2: 'error', pm10: 'calibrating' })])
      await opened().write([withStates(start, { pm25: 1 })])
      expect(await read()).toEqual([withStates(start, all, { no2: 'error', pm10: 'calibrating' })])
      await opened().write([withStates(start + minute, { pm25: 1 })])
      await reopen()
      await opened().write([withStates(start, { no2: 2 }), withStates(start, { pm10: 3 }, { pm10: 'error' })])
      expect((await read())[0]).toEqual(withStates(start, all, { pm10: 'error' }))
      await reopen()
      await opened().write([withStates(start, { pm10: 3 })])
      expect((await read())[0]).toEqual(withStates(start, all))
      expect(await opened().history(pm25Of('aq-1'))).toEqual([
        { ts: start, value: 1 },
        { ts: start + minute, value: 1 },
      ])
      expect(await opened().count()).toBe(2)
    })
  })
}
