import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decode as decodeRecord, maxBatch } from '#ingest/decode.ts'
import { TopicCache } from '#ingest/topic-cache.ts'
import type { JournalRecord } from '#journal/journal.ts'
import { maxClockAheadMs } from '#telemetry/reading.ts'
import { sensorTopic } from '#telemetry/topics.ts'

const topics = new TopicCache()
const decode = (record: JournalRecord) => decodeRecord(record, topics)
const arrivedAt = Date.UTC(2026, 0, 15)
const topic = sensorTopic({ district: 'tay-ninh', kind: 'traffic', sensor: 'sample-1', channel: 'reading' })
const message = (payload: unknown, to = topic) => ({
  topic: to,
  payload: Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)),
  arrivedAt,
})

describe('decoding a message of the journal', () => {
  it('gives the reading that a small device prints', () => {
    const { readings, refusals } = decode(message({ ts: arrivedAt, seq: 7, intensity: 18, averageVehicleSpeed: 31.5 }))
    expect(refusals).toEqual([])
    expect(readings).toEqual([
      {
        arrivedAt,
        reading: {
          district: 'tay-ninh',
          kind: 'traffic',
          sensor: 'sample-1',
          ts: arrivedAt,
          seq: 7,
          values: { intensity: 18, averageVehicleSpeed: 31.5 },
        },
      },
    ])
  })

  it('takes the good readings of a batch and refuses the bad one with its reason', () => {
    const batch = [
      { ts: 1_763_900_000_000, intensity: 1 },
      { ts: 1_763_900_001_000, intensity: -1 },
    ]
    const { readings, refusals } = decode(message(batch))
    expect(readings).toHaveLength(1)
    expect(refusals).toMatchObject([{ code: 'VALUE', reason: expect.stringContaining('intensity') }])
  })

  it.each([
    ['a broken payload', 'no json', 'JSON'],
    ['a missing time', { intensity: 1 }, 'SHAPE'],
    ['a number instead of an object', 5, 'SHAPE'],
    [
      'classes that do not add up',
      { ts: arrivedAt, intensity: 9, motorbikes: 1, cars: 1, buses: 1, trucks: 1 },
      'VALUE',
    ],
    ['a time two days ahead', { ts: arrivedAt + 2 * 86_400_000, intensity: 1 }, 'FUTURE'],
    ['too large a batch', Array.from({ length: maxBatch + 1 }, () => ({ ts: arrivedAt, intensity: 1 })), 'SHAPE'],
  ])('refuses %s', (_what, payload, code) => {
    const { readings, refusals } = decode(message(payload))
    expect(readings).toEqual([])
    expect(refusals).toMatchObject([{ code }])
  })

  it.each([
    [maxClockAheadMs, undefined],
    [maxClockAheadMs + 1, maxClockAheadMs + 1],
    [7 * 3_600_000, 7 * 3_600_000],
    [-7 * 3_600_000, undefined],
  ])('of a reading measured %d ms ahead of its arrival says %s ms', (ms, aheadMs) => {
    const [{ reading } = { reading: undefined }] = decode(message({ ts: arrivedAt + ms, intensity: 1 })).readings
    expect(reading?.aheadMs).toBe(aheadMs)
  })

  it('refuses a topic that names no known kind', () => {
    expect(decode(message({ ts: arrivedAt }, 'city/v1/tay-ninh/water/x/reading')).refusals).toMatchObject([
      { code: 'TOPIC' },
    ])
  })

  it('drops and counts values it does not know', () => {
    const { readings, unknownValues } = decode(message({ ts: arrivedAt, intensity: 1, colour: 'red' }))
    expect(unknownValues).toBe(1)
    expect(readings[0]?.reading.values).toEqual({ intensity: 1 })
  })

  it('never throws, whatever the payload', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('latin1')),
        ),
        (payload) => {
          const { readings, refusals } = decode(message(payload))
          expect(readings.length + refusals.length).toBeGreaterThanOrEqual(0)
        },
      ),
    )
  })
})
