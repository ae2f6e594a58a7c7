import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ArrivalTimes } from '#ingest/clock/arrival-times.ts'
import { decodeMessage } from '#ingest/decode/decode-message.ts'
import { nothingDecoded } from '#ingest/decode/decoded.ts'
import { TopicCache } from '#ingest/decode/topic-cache.ts'
import type { JournalRecord } from '#journal/journal.ts'
import { maxClockAheadMs } from '#telemetry/reading.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const year = 365 * day
const now = 1_763_900_000_000

/** How wrong the clocks of the broker and the second one are. */
interface Clocks {
  brokerMs: number
  secondMs: number
}

/** A city of sensors that report in turn through one ingest; `offMs` is how wrong each one's clock is. */
function report(offMs: readonly number[], clocks: Clocks, rounds: number, beginAt = now) {
  const topics = new TopicCache()
  const arrivals = new ArrivalTimes()
  const decoded = nothingDecoded()
  for (let round = 0; round < rounds; round++)
    for (const [index, off] of offMs.entries()) {
      const at = beginAt + round * 5_000 + index
      const record: JournalRecord = {
        topic: `city/v1/thu-dau-mot/air-quality/aq-${index}/reading`,
        payload: Buffer.from(JSON.stringify({ ts: at + off, pm25: 12 })),
        arrivedAt: at + clocks.brokerMs,
        checkedAt: at + clocks.secondMs,
      }
      decodeMessage(record, topics, decoded, arrivals)
    }
  const last = decoded.readings.slice(-offMs.length)
  return { ...decoded, last }
}

describe('arrivals by a wrong clock of our own', () => {
  it.each([
    ['a day back', { brokerMs: -day, secondMs: 0 }],
    [
      'a day back, and the second clock an hour, which stood still while nothing ran',
      { brokerMs: -day, secondMs: -hour },
    ],
    ['a year ahead', { brokerMs: year, secondMs: 0 }],
    ['right again, and the second clock a day ahead from before', { brokerMs: 0, secondMs: day }],
    ['right, and the second clock a year back', { brokerMs: 0, secondMs: -year }],
    ['7 h back', { brokerMs: -7 * hour, secondMs: 0 }],
    ['6 min back', { brokerMs: -6 * minute, secondMs: 0 }],
  ])('are told right by the sensors: %s', (_what, clocks) => {
    const { readings, refusals, last } = report([0, 40, -200, 7 * hour, -20 * minute, 10, -5], clocks, 3)
    expect(refusals).toEqual([])
    expect(readings).toHaveLength(21)
    for (const { reading, arrivedAt } of last) {
      expect(Math.abs(arrivedAt - (now + 10_000))).toBeLessThanOrEqual(maxClockAheadMs)
      const isWrong = reading.sensor === 'aq-3'
      expect(reading.aheadMs !== undefined).toBe(isWrong)
      if (isWrong && reading.aheadMs) expect(Math.abs(reading.aheadMs - 7 * hour)).toBeLessThanOrEqual(maxClockAheadMs)
    }
  })

  it('refuse nothing for our own clock, and wrong nobody once most sensors were heard', () => {
    const off = fc.integer({ min: -400 * day, max: 400 * day })
    const skew = fc.integer({ min: -30_000, max: 30_000 })
    fc.assert(
      fc.property(off, fc.boolean(), fc.array(skew, { minLength: 3, maxLength: 12 }), (wrong, isBroker, skews) => {
        const clocks = isBroker ? { brokerMs: wrong, secondMs: 0 } : { brokerMs: 0, secondMs: wrong }
        const { readings, refusals, last } = report(skews, clocks, 2)
        expect(refusals).toEqual([])
        expect(readings).toHaveLength(2 * skews.length)
        // within 5 min of one another the clocks count as one
        const most = 2 * maxClockAheadMs
        for (const { arrivedAt } of last) expect(Math.abs(arrivedAt - (now + 5_000))).toBeLessThanOrEqual(most)
      }),
    )
  })

  it('refuse nothing while only one sensor is there to tell', () => {
    for (const clocks of [
      { brokerMs: -day, secondMs: 0 },
      { brokerMs: -day, secondMs: -2 * hour },
      { brokerMs: -400 * day, secondMs: 0 },
    ]) {
      const { readings, refusals } = report([0], clocks, 5)
      expect(refusals).toEqual([])
      expect(readings).toHaveLength(5)
    }
  })

  it.each([1, 2, 5])('refuse nothing at a start without a right clock, with %i sensors', (sensors) => {
    for (const clocks of [
      { what: 'a board without a clock, off for 3 days', brokerMs: -now, secondMs: -3 * day },
      { what: 'its clock as it was saved, off for 40 days', brokerMs: -40 * day, secondMs: -39 * day },
      { what: 'a first start in 1970', brokerMs: -now, secondMs: -now },
      { what: 'a first start at the date of an image', brokerMs: -2 * year, secondMs: -2 * year },
    ]) {
      const { readings, refusals, last } = report(Array(sensors).fill(0), clocks, 3)
      expect(refusals, clocks.what).toEqual([])
      expect(readings).toHaveLength(3 * sensors)
      if (sensors > 1)
        for (const { arrivedAt } of last)
          expect(Math.abs(arrivedAt - (now + 10_000)), clocks.what).toBeLessThanOrEqual(maxClockAheadMs)
    }
  })

  it('find wrong clocks of sensors as ever while the clocks agree', () => {
    const { last, refusals } = report([7 * hour, 7 * hour, 7 * hour, 25 * hour], { brokerMs: 0, secondMs: 90 }, 1)
    expect(refusals.map(({ code }) => code)).toEqual(['FUTURE'])
    for (const { reading } of last) expect(reading.aheadMs).toBe(7 * hour)
  })

  it('put what is refused where it belongs in time', () => {
    const record = {
      topic: 'city/v1/thu-dau-mot/air-quality/aq-1/reading',
      payload: Buffer.from('{'),
      arrivedAt: now - day,
      checkedAt: now,
    }
    expect(decodeMessage(record, new TopicCache()).refusals).toMatchObject([{ code: 'JSON', arrivedAt: now }])
  })

  it('keep the disagreements of several brokers apart', () => {
    const arrivals = new ArrivalTimes()
    for (let round = 0; round < 50; round++)
      for (const offMs of [0, -day, -7 * hour]) {
        const at = now + round * 1_000
        const arrival = arrivals.arrivalOf(
          { topic: '', payload: new Uint8Array(), arrivedAt: at + offMs, checkedAt: at },
          `s-${round % 5}`,
          at,
        )
        expect(arrival.at).toBe(at)
      }
  })
})
