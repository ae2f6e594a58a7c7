import fc from 'fast-check'
import { expect, it } from 'vitest'
import { encodeLiveMessages } from '#ingest/live/live-messages.ts'
import type { LiveReading } from '#telemetry/live.ts'

const readingOf = (sensor: string, ts: number): LiveReading => ({
  reading: { sensor, district: 'tay-ninh', kind: 'lighting', ts, values: { powerState: 'on' } },
  arrivedAt: ts + 1,
})

it('all readings are in the messages, in order, and no message is larger than a broker takes', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.string({ maxLength: 40, unit: 'grapheme' }), fc.nat())), (all) => {
      const readings = all.map(([sensor, ts]) => readingOf(sensor, ts))
      const messages = encodeLiveMessages(readings, 1_000)
      expect(messages.flatMap((message) => JSON.parse(message))).toEqual(readings)
      for (const message of messages) expect(Buffer.byteLength(message)).toBeLessThanOrEqual(1_000)
    }),
  )
})

it('few readings are one message, none are none', () => {
  expect(encodeLiveMessages([])).toEqual([])
  expect(encodeLiveMessages([readingOf('a', 1), readingOf('b', 2)])).toHaveLength(1)
})
