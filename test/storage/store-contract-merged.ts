import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { TelemetryStore } from '#storage/store.ts'
import type { Reading } from '#telemetry/reading.ts'
import { air, airOf, counter, day, everything, lamp, minute, pm25Of, start } from './store-samples.ts'

const names = ['pm25', 'pm10', 'temperature'] as const
type AirReading = ReturnType<typeof airOf>

/** What is in a store after some readings arrived in this order. */
function modelOf(arrived: readonly AirReading[]): AirReading[] {
  const held = new Map<string, AirReading>()
  for (const reading of arrived) {
    const key = `${reading.sensor} ${reading.ts}`
    const { states: said, ...rest } = reading
    const before = held.get(key)
    const kept = Object.entries(before?.states ?? {}).filter(([name]) => !(name in reading.values))
    const states = { ...Object.fromEntries(kept), ...said }
    const values = { ...before?.values, ...reading.values }
    held.set(key, { ...rest, ...(Object.keys(states).length > 0 && { states }), values })
  }
  return [...held.values()]
}

/** States of the values that a reading holds. */
function statesOf(values: AirReading['values'], given: Readonly<Record<string, 'error' | 'calibrating'>>) {
  const states = Object.fromEntries(Object.entries(given).filter(([name]) => name in values))
  return Object.keys(states).length > 0 ? { states } : {}
}

const inOrder = (readings: readonly Reading[]) =>
  readings.toSorted((a, b) => a.ts - b.ts || a.sensor.localeCompare(b.sensor))

/** What readings of the same sensor and time promise; `opened` gives the store of the running test. */
export function unitedContract(opened: () => TelemetryStore, reopen: () => Promise<TelemetryStore>): void {
  const read = async (from: number, to: number) => {
    const found: Reading[] = []
    for await (const page of opened().readings({ kind: 'air-quality', from, to, limit: 10_000 })) found.push(...page)
    return inOrder(found)
  }

  describe('readings of one sensor and time', () => {
    it.each(['in one batch', 'in a batch each'])('are one that holds the values of all, %s', async (how) => {
      const parts = [
        { ...airOf('aq-1', start, { pm25: 12 }), seq: 1 },
        { ...airOf('aq-1', start, { temperature: 30 }), seq: 2 },
        { ...airOf('aq-1', start, { pm10: 20 }), seq: 3 },
      ]
      const batches = how === 'in one batch' ? [parts] : parts.map((part) => [part])
      for (const batch of batches) expect(await opened().write(batch)).toEqual({ corrected: 0 })
      const whole = { ...airOf('aq-1', start, { pm25: 12, temperature: 30, pm10: 20 }), seq: 3 }
      expect(await opened().count()).toBe(1)
      expect(await opened().latest()).toEqual([whole])
      expect(await read(start, start + 1)).toEqual([whole])
      expect(await opened().history({ ...pm25Of('aq-1'), value: 'pm10' })).toEqual([{ ts: start, value: 20 }])
      const identities: unknown[] = []
      for await (const page of opened().identities({ kind: 'air-quality', ...everything })) identities.push(...page)
      expect(identities).toEqual([{ sensor: 'aq-1', ts: start }])
    })

    it.each(['in one batch', 'in a batch each'])(
      'that contradict each other end in what came last, counted, %s',
      async (how) => {
        const arrived = [1, 2, 2, 1, 3].map((pm25) => air('aq-1', start, pm25))
        await opened().write([air('aq-1', start - minute, 9), lamp('lamp-1', start, 'on')])
        const batches = how === 'in one batch' ? [arrived] : arrived.map((reading) => [reading])
        let corrected = 0
        for (const batch of batches) corrected += (await opened().write(batch)).corrected
        expect(corrected).toBe(3)
        expect(await opened().history(pm25Of('aq-1'))).toEqual([
          { ts: start - minute, value: 9 },
          { ts: start, value: 3 },
        ])
        // words too, and values beside the one that changes stay
        await opened().write([lamp('lamp-1', start, 'off')])
        const states = { kind: 'lighting', sensor: 'lamp-1', value: 'powerState', ...everything } as const
        expect(await opened().history(states)).toEqual([{ ts: start, value: 'off' }])
        expect(await opened().history({ ...states, value: 'activePower' })).toEqual([{ ts: start, value: 12 }])
      },
    )

    it('that are corrected late change aggregates, counts and means', async () => {
      await opened().write([
        air('aq-1', start, 10),
        air('aq-1', start + minute, 20),
        air('aq-1', start + 2 * minute, 30),
      ])
      expect(await opened().write([air('aq-1', start, 40), airOf('aq-1', start + minute, { no2: 7 })])).toEqual({
        corrected: 1,
      })
      const span = { kind: 'air-quality', from: start, to: start + day, window: day } as const
      for (const [fn, value] of [
        ['mean', 30],
        ['max', 40],
        ['min', 20],
        ['count', 3],
      ] as const)
        expect(await opened().buckets({ ...pm25Of('aq-1'), window: day, fn })).toEqual([{ ts: start, value }])
      expect(await opened().counts(span)).toEqual([{ ts: start, count: 3 }])
      expect(await opened().means({ ...span, values: ['pm25', 'no2'] })).toEqual([
        { sensor: 'aq-1', ts: start, values: { pm25: { mean: 30, count: 3 }, no2: { mean: 7, count: 1 } } },
      ])
    })

    it('of two kinds or of two sensors stay apart', async () => {
      await opened().write([air('x-1', start, 1), counter('x-1', start, 5), air('x-2', start, 2)])
      await opened().write([counter('x-1', start, 6), air('x-2', start, 3)])
      expect(await opened().count()).toBe(3)
      expect(await opened().history(pm25Of('x-1'))).toEqual([{ ts: start, value: 1 }])
      expect(await opened().history(pm25Of('x-2'))).toEqual([{ ts: start, value: 3 }])
    })

    it('are of a right clock, or of one that was ahead, as the last of them says', async () => {
      const ahead = { ...air('aq-1', start, 1), aheadMs: 400_000, seq: 7 }
      await opened().write([ahead])
      expect(await opened().latest()).toEqual([])
      await opened().write([air('aq-1', start, 1)])
      expect(await opened().latest()).toEqual([air('aq-1', start, 1)])
      await opened().write([ahead])
      expect(await opened().latest()).toEqual([])
      expect(await read(start, start + 1)).toEqual([ahead])
    })

    it('end as in a plain model, in whatever order they arrive, split, repeated, corrected, and read again after a kill', async () => {
      let run = 0
      const arrival = fc.record({
        sensor: fc.constantFrom('a', 'b'),
        offset: fc.nat({ max: 5 }),
        seq: fc.option(fc.nat({ max: 3 }), { nil: undefined }),
        values: fc.record(
          { pm25: fc.nat({ max: 2 }), pm10: fc.nat({ max: 2 }), temperature: fc.nat({ max: 2 }) },
          { requiredKeys: [] },
        ),
        states: fc.dictionary(fc.constantFrom(...names), fc.constantFrom('error', 'calibrating'), { maxKeys: 2 }),
      })
      const arrivals = fc.array(
        arrival.filter(({ values }) => Object.keys(values).length > 0),
        { minLength: 1, maxLength: 40 },
      )
      /** where batches end, and from where they are written again, in shares of what was written */
      const steps = fc.array(
        fc.record({
          size: fc.integer({ min: 1, max: 15 }),
          again: fc.option(fc.nat({ max: 15 })),
          reopened: fc.boolean(),
        }),
        { minLength: 1, maxLength: 8 },
      )
      await fc.assert(
        fc.asyncProperty(arrivals, steps, async (given, how) => {
          run += 1
          const from = start + run * minute
          const arrived = given.map(({ sensor, offset, seq, values, states }) => ({
            ...airOf(`aq-${sensor}`, from + offset, values),
            ...(seq === undefined ? {} : { seq }),
            ...statesOf(values, states),
          }))
          let at = 0
          for (let step = 0; at < arrived.length; step += 1) {
            const { size, again, reopened } = how[step % how.length] ?? { size: 10, again: null, reopened: false }
            await opened().write(arrived.slice(at, at + size))
            at += size
            if (again === null || step > 20) continue
            at = Math.max(0, Math.min(at, arrived.length) - again)
            if (reopened) await reopen()
          }
          const model = modelOf(arrived)
          expect(await read(from, from + minute)).toEqual(inOrder(model))
          for (const name of names) {
            const held = model.filter(({ sensor, values }) => sensor === 'aq-a' && values[name] !== undefined)
            const query = { ...pm25Of('aq-a'), value: name, from, to: from + minute }
            expect(await opened().history(query)).toEqual(
              inOrder(held).map(({ ts, values, states }) => ({
                ts,
                value: (values as AirReading['values'])[name],
                ...(states?.[name] && { state: states[name] }),
              })),
            )
            const measured = held.filter(({ states }) => states?.[name] === undefined)
            const sum = measured.reduce((total, { values }) => total + (values[name] ?? 0), 0)
            const [mean] = await opened().buckets({ ...query, window: day, fn: 'mean' })
            if (measured.length === 0) expect(mean).toBeUndefined()
            else expect(mean?.value).toBeCloseTo(sum / measured.length, 9)
          }
        }),
        { numRuns: 25 },
      )
    })
  })
}
