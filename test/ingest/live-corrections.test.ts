import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decodeMessage } from '#ingest/decode/decode-message.ts'
import { nothingDecoded } from '#ingest/decode/decoded.ts'
import { TopicCache } from '#ingest/decode/topic-cache.ts'
import { encodeLiveMessages } from '#ingest/live/live-messages.ts'
import { mergeReading } from '#ingest/live/merge-readings.ts'
import { parseItemwise } from '#telemetry/itemwise.ts'
import { type LiveReading, liveBatchSchema } from '#telemetry/live.ts'

const ts = Date.UTC(2026, 10, 20)

/** What a screen takes of messages of one counter. */
function shown(messages: readonly object[]): LiveReading[] {
  const decoded = nothingDecoded()
  const topic = 'city/v1/tay-ninh/traffic/tr-1/reading'
  const topics = new TopicCache()
  for (const message of messages)
    decodeMessage({ topic, payload: Buffer.from(JSON.stringify(message)), arrivedAt: ts + 1 }, topics, decoded)
  expect(decoded.refusals).toEqual([])
  const held = decoded.readings.reduce<LiveReading[]>(mergeReading, [])
  return encodeLiveMessages(held).flatMap((message) => {
    const batch = parseItemwise(liveBatchSchema, JSON.parse(message))
    expect(batch).toMatchObject({ ok: true, dropped: 0 })
    return batch.ok ? batch.value : []
  })
}

it('a correction that contradicts the other values of its time reaches the screens with them', () => {
  const whole = { ts, intensity: 10, motorbikes: 5, cars: 5, buses: 0, trucks: 0 }
  expect(shown([whole, { ts, intensity: 12 }]).map(({ reading }) => reading.values)).toEqual([
    { intensity: 12, motorbikes: 5, cars: 5, buses: 0, trucks: 0 },
  ])
})

it('no item of a live batch is dropped, however valid messages split and correct the values of a time', () => {
  const count = fc.nat({ max: 3 })
  const whole = fc
    .record({ motorbikes: count, cars: count, buses: count, trucks: count })
    .map((parts) => ({ ...parts, intensity: parts.motorbikes + parts.cars + parts.buses + parts.trucks }))
  const one = fc
    .constantFrom('intensity', 'motorbikes', 'cars', 'buses', 'trucks')
    .chain((name) => count.map((value) => ({ [name]: value })))
  const message = fc
    .tuple(fc.nat({ max: 1 }), fc.oneof(whole, one))
    .map(([offset, values]) => ({ ts: ts + offset, ...values }))
  fc.assert(
    fc.property(fc.array(message, { minLength: 1, maxLength: 8 }), (messages) => {
      const last = Math.max(...messages.map((each) => each.ts))
      const expected = Object.assign({}, ...messages.filter((each) => each.ts === last))
      const { ts: _, ...values } = expected
      expect(shown(messages).find(({ reading }) => reading.ts === last)?.reading.values).toEqual(values)
    }),
  )
})
