import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type TelemetryStore, valueLookbackMs } from '#storage/store.ts'
import type { NewestReading, Reading } from '#telemetry/reading.ts'
import { air, airOf, counter, day, lamp, minute, start } from './store-samples.ts'

const inOrder = (readings: readonly NewestReading[]) => readings.toSorted((a, b) => a.sensor.localeCompare(b.sensor))

/** What the newest of each sensor promises; `opened` gives the store of the running test, `reopen` opens it anew. */
export function newestContract(opened: () => TelemetryStore, reopen: () => Promise<unknown>): void {
  describe('the newest reading of each sensor', () => {
    it('is whole and the only one, however old it is and in whatever order readings came', async () => {
      const newest: Reading[] = [
        { ...counter('tr-1', start + day, 3), values: { intensity: 3, cars: 1, motorbikes: 2, buses: 0, trucks: 0 } },
        lamp('lamp-1', start - 300 * day, 'off'),
        air('aq-1', start + 5, 7.25),
      ]
      await opened().write(newest)
      await opened().write([
        { ...counter('tr-1', start, 9), values: { intensity: 9, occupancy: 0.5, batteryLevel: 1 } },
        lamp('lamp-1', start - 301 * day, 'on'),
        air('aq-1', start + 4, 99),
      ])
      const found = await opened().latest()
      expect(found).toHaveLength(3)
      expect(found).toEqual(expect.arrayContaining(newest))
    })

    it('is found for readings of this minute and of years ago', async () => {
      const now = Math.floor(Date.now() / minute) * minute
      const times = [now, now - 3 * day, now - 60 * day, now - 2_000 * day, now + 20 * 60 * minute]
      const readings = times.map((ts, i) => air(`aq-${i}`, ts, i))
      await opened().write(readings)
      const found = await opened().latest()
      expect(found.toSorted((a, b) => a.sensor.localeCompare(b.sensor))).toEqual(readings)
    })

    it('has its older values too however many different days sensors fell silent on', async () => {
      const silentAt = Array.from({ length: 30 }, (_, n) => start - n * 3 * day)
      await opened().write(silentAt.map((ts, n) => airOf(`aq-${n}`, ts - minute, { pm25: n })))
      await opened().write(silentAt.map((ts, n) => airOf(`aq-${n}`, ts, { temperature: 30 })))
      const found = await opened().latest()
      expect(inOrder(found)).toEqual(
        inOrder(
          silentAt.map((ts, n) => ({
            ...airOf(`aq-${n}`, ts, { temperature: 30, pm25: n }),
            valueTimes: { pm25: ts - minute },
          })),
        ),
      )
    })

    it('is one even when the sensor moved to another district', async () => {
      await opened().write([air('aq-1', start, 1), air('aq-1', start + 1, 2, 'hoa-thanh')])
      await opened().write([air('aq-2', start + 1, 1, 'hoa-thanh'), air('aq-2', start, 2)])
      const found = await opened().latest()
      expect(found).toHaveLength(2)
      expect(found.map(({ district }) => district)).toEqual(['hoa-thanh', 'hoa-thanh'])
    })

    it('has the newest of each value, with its time where that is older', async () => {
      await opened().write([
        airOf('aq-1', start - minute, { pm25: 170, pm10: 200 }),
        airOf('aq-1', start, { pm25: 180 }),
        airOf('aq-1', start + 1, { temperature: 30, relativeHumidity: 0.5 }),
        airOf('aq-1', start + 2, { temperature: 31 }),
        airOf('aq-2', start - 40 * day, { pm25: 2 }),
        airOf('aq-2', start - 40 * day + 1, { no2: 3 }),
      ])
      const dark: Reading = { ...lamp('lamp-1', start + 1, 'off'), kind: 'lighting', values: { powerState: 'off' } }
      await opened().write([{ ...dark, ts: start, values: { powerState: 'on', fault: 'lamp' } }, dark])
      const one = {
        ...airOf('aq-1', start + 2, { temperature: 31, relativeHumidity: 0.5, pm25: 180, pm10: 200 }),
        valueTimes: { relativeHumidity: start + 1, pm25: start, pm10: start - minute },
      }
      const two = {
        ...airOf('aq-2', start - 40 * day + 1, { no2: 3, pm25: 2 }),
        valueTimes: { pm25: start - 40 * day },
      }
      const three = { ...dark, values: { powerState: 'off', fault: 'lamp' }, valueTimes: { fault: start } }
      expect(inOrder(await opened().latest())).toEqual([one, two, three])
      expect(await opened().newest({ kind: 'air-quality', from: start + 2, to: start + 3 })).toEqual([one])
      const before = { kind: 'air-quality', from: start, to: start + 1 } as const
      expect(await opened().newest(before)).toEqual([
        { ...airOf('aq-1', start, { pm25: 180, pm10: 200 }), valueTimes: { pm10: start - minute } },
      ])
    })

    it('has no value that is a day older than the reading', async () => {
      await opened().write([
        airOf('aq-1', start - valueLookbackMs, { pm25: 1, no2: 1 }),
        airOf('aq-1', start - valueLookbackMs + 1, { no2: 2 }),
        airOf('aq-1', start, { temperature: 31 }),
      ])
      const reading = airOf('aq-1', start, { temperature: 31, no2: 2 })
      expect(await opened().latest()).toEqual([{ ...reading, valueTimes: { no2: start - valueLookbackMs + 1 } }])
    })

    it('is never one of a clock that was ahead, which is there with all others, and gives no value either', async () => {
      const right = airOf('aq-1', start, { pm25: 1 })
      const ahead = { ...airOf('aq-1', start + 60 * minute, { pm25: 180, no2: 9 }), seq: 4, aheadMs: 3_599_000 }
      const only = { ...airOf('aq-2', start + 61 * minute, { pm25: 2 }), aheadMs: 3_599_000 }
      await opened().write([ahead, right, only])
      expect(await opened().latest()).toEqual([right])
      const span = { kind: 'air-quality', from: start, to: start + day } as const
      expect(await opened().newest(span)).toEqual([right])
      const earlier = { ...airOf('aq-1', start + 30 * minute, { pm25: 170 }), seq: 3, aheadMs: 3_599_000 }
      await opened().write([earlier])
      expect(inOrder(await opened().newestAhead(span))).toEqual([ahead, only])
      expect(await opened().newestAhead({ ...span, to: ahead.ts })).toEqual([earlier])
      expect(await opened().newestAhead({ ...span, kind: 'traffic' })).toEqual([])
      const found: Reading[] = []
      for await (const page of opened().readings({ ...span, limit: 9 })) found.push(...page)
      expect(found).toEqual([right, earlier, ahead, only])
      expect(await opened().count()).toBe(4)
      // its first reading after its clock was set right is older than those
      const next = airOf('aq-1', start + minute, { pm25: 5 })
      await opened().write([next])
      expect(await opened().latest()).toEqual([next])
    })

    it('is what all readings say while they come late, again, corrected, of clocks that are ahead, are deleted, and over reopenings', async () => {
      let run = 0
      const now = Math.floor(Date.now() / minute) * minute
      const times = [now, now - 1, now - minute, now - 3 * minute, now - 5 * 60 * minute, now - day, now - 3 * day]
      const reading = fc.record({
        sensor: fc.nat({ max: 3 }),
        ts: fc.constantFrom(...times, now + 4 * minute),
        values: fc.constantFrom({ pm25: 1 }, { pm25: 2, no2: 2 }, { no2: 3 }, { temperature: 4 }),
        isAhead: fc.constantFrom(false, false, false, true),
      })
      const step = fc.oneof(
        { weight: 6, arbitrary: fc.array(reading, { minLength: 1, maxLength: 6 }) },
        { weight: 1, arbitrary: fc.constantFrom('reopen' as const, 'trim' as const) },
      )
      const whole = { kind: 'air-quality', from: 0, to: now + day } as const
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 8 }), async (steps) => {
          run += 1
          for (const step of steps) {
            if (step === 'reopen') await reopen()
            else if (step === 'trim') await opened().trim(now - 2 * day)
            else
              await opened().write(
                step.map(({ sensor, ts, values, isAhead }) => ({
                  ...airOf(`aq-${run}-${sensor}`, ts, values),
                  ...(isAhead ? { aheadMs: 400_000 } : {}),
                })),
              )
            expect(inOrder(await opened().latest())).toEqual(inOrder(await opened().newest(whole)))
          }
        }),
        { numRuns: 8 },
      )
    })
  })
}
