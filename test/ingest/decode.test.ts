import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeMessage as decodeRecord, maxReadingsInMessage } from '#ingest/decode/decode-message.ts'
import { TopicCache } from '#ingest/decode/topic-cache.ts'
import type { JournalRecord } from '#journal/journal.ts'
import { toldFaults } from '#telemetry/faults/message-reasons.ts'
import { kinds } from '#telemetry/kinds.ts'
import { maxClockAheadMs } from '#telemetry/reading.ts'
import { sensorTopic } from '#telemetry/topics.ts'
import { valuesOfKind } from '#telemetry/values.ts'

const topics = new TopicCache()
/** Decodes, and says what is refused in sentences as well. */
const decode = (record: JournalRecord, known = topics) => {
  const decoded = decodeRecord(record, known)
  return { ...decoded, refusals: decoded.refusals.map((refusal) => ({ ...refusal, ...toldFaults(refusal.faults) })) }
}
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
    [
      'too large a batch',
      Array.from({ length: maxReadingsInMessage + 1 }, () => ({ ts: arrivedAt, intensity: 1 })),
      'SHAPE',
    ],
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

  it('tells of a clock that is too far ahead without storing anything', () => {
    const decoded = decode(message({ ts: arrivedAt + 72 * 3_600_000, intensity: 1 }))
    expect(decoded.readings).toEqual([])
    expect(decoded.tooFarAhead).toMatchObject([{ arrivedAt, reading: { aheadMs: 72 * 3_600_000 } }])
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

describe('what is wrong in a message does not take what is good', () => {
  const air = sensorTopic({ district: 'tay-ninh', kind: 'air-quality', sensor: 'sample-1', channel: 'reading' })
  const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)

  it.each([4_500, 8_000, 100_000])(
    'a value nested %d deep is dropped with its reason, its neighbour taken',
    (levels) => {
      const { readings, refusals } = decode(message(`{"ts":${arrivedAt},"pm25":${deep(levels)},"pm10":20}`, air))
      expect(readings[0]?.reading.values).toEqual({ pm10: 20 })
      expect(refusals).toMatchObject([
        { code: 'VALUE', partial: true, reason: expect.stringMatching(/^pm25: is \[\[/) },
      ])
    },
  )

  it.each([
    [(nested: string) => nested, 'SHAPE'],
    [(nested: string) => `{"ts":${nested}}`, 'SHAPE'],
    [(nested: string) => `{"ts":${arrivedAt},"pm25":${nested}}`, 'VALUE'],
    [(nested: string) => `[${nested},{"ts":${arrivedAt},"pm25":1}]`, 'SHAPE'],
  ])('nesting anywhere is refused, not thrown: %s', (wrap, code) => {
    const { refusals } = decode(message(wrap(deep(20_000)), air))
    expect(refusals).toMatchObject([{ code }])
  })

  it.each<[string, Record<string, number>, string | undefined]>([
    ['"pm25":null,"pm10":20', { pm10: 20 }, undefined],
    ['"pm25":1e400,"pm10":20', { pm10: 20 }, 'pm25: is 1e400, must be a finite number'],
    ['"pm25":-5,"pm10":20', { pm10: 20 }, 'pm25: is -5, must be at least 0'],
    ['"pm25":"12","pm10":20', { pm10: 20 }, 'pm25: is "12", must be a number'],
    ['"seq":9007199254740993,"pm10":20', { pm10: 20 }, 'seq: is 9007199254740993, must be at most 9007199254740991'],
    ['"seq":null,"pm10":20', { pm10: 20 }, undefined],
    ['"pm25":1,"pm25":{"__proto__":[1]},"pm10":20', { pm10: 20 }, 'pm25: is {"__proto__":[1]}, must be a number'],
  ])('of %s the good values are taken and the reason quotes what was sent', (members, values, reason) => {
    const { readings, refusals } = decode(message(`{"ts":${arrivedAt},${members}}`, air))
    expect(readings[0]?.reading.values).toEqual(values)
    expect(refusals.map((refusal) => refusal.reason)).toEqual(reason === undefined ? [] : [reason])
  })

  it.each(
    kinds.flatMap((kind) =>
      valuesOfKind[kind].filter(({ name }) => name !== 'batteryLevel').map(({ name }) => [kind, name] as const),
    ),
  )('no other value of %s needs %s: it may be null, or wrong', (kind, name) => {
    const to = sensorTopic({ district: 'tay-ninh', kind, sensor: 'sample-1', channel: 'reading' })
    for (const [sent, faults] of [
      ['null', 0],
      ['[7]', 1],
    ] as const) {
      const { readings, refusals } = decode(message(`{"ts":${arrivedAt},"${name}":${sent},"batteryLevel":0.5}`, to))
      expect(readings.map(({ reading }) => reading.values)).toEqual([{ batteryLevel: 0.5 }])
      expect(refusals).toHaveLength(faults)
    }
  })

  it('a stray NUL between the parts of a batch takes none of its 300 readings', () => {
    const items = Array.from({ length: 300 }, (_, n) => `{"ts":${arrivedAt + n},"pm25":12}`)
    for (const payload of [`[${items.join(',\0')}]`, `[${items.join('\0,')}\0]`, `[\0${items.join(',')}]`]) {
      const { readings, refusals } = decode(message(payload, air))
      expect([readings.length, refusals]).toEqual([300, []])
    }
  })

  it('a NUL within a number or a word stays a fault: nobody knows what was sent', () => {
    for (const payload of [`{"ts":${arrivedAt},"pm25":1\x002}`, `{"ts":${arrivedAt},"powerState":"o\0n"}`]) {
      const { readings, refusals } = decode(message(payload, air))
      expect(readings).toEqual([])
      expect(refusals).toHaveLength(1)
    }
  })

  it.each(['\ufeff', ''])('a byte order mark in front and NULs and ends of lines behind are skipped', (mark) => {
    const { readings } = decode(message(`${mark}{"ts":${arrivedAt},"pm25":1}\r\n\0\n\0`, air))
    expect(readings).toHaveLength(1)
  })

  it.each([
    ['two byte order marks', (json: string) => `\ufeff\ufeff${json}`],
    ['a byte order mark behind blanks', (json: string) => ` \r\n\ufeff${json}`],
    ['NULs in front', (json: string) => `\0\0${json}`],
    ['the end of a file', (json: string) => `${json}\r\n\u001a`],
  ])('%s is skipped', (_what, around) => {
    const { readings, refusals } = decode(message(around(`{"ts":${arrivedAt},"pm25":1}`), air))
    expect(readings.map(({ reading }) => reading.values)).toEqual([{ pm25: 1 }])
    expect(refusals).toEqual([])
  })

  it.each([
    ['gzip', gzipSync('{"ts":1}'), 'is compressed with gzip, must be plain JSON'],
    ['UTF-16, small end first', Buffer.from('\ufeff{"ts":1}', 'utf16le'), 'is UTF-16, must be UTF-8'],
    ['UTF-16, large end first', Buffer.from('\ufeff{"ts":1}', 'utf16le').swap16(), 'is UTF-16, must be UTF-8'],
  ])('%s is named', (_what, payload, reason) => {
    expect(decode({ ...message('', air), payload }, new TopicCache()).refusals).toMatchObject([
      { code: 'JSON', reason },
    ])
  })

  it('a word for no number inside a text is not what is wrong', () => {
    const [refusal] = decode(message(`{"ts":${arrivedAt},"model":"x: NaN, \\", nan","pm25":}`, air)).refusals
    expect(refusal?.reason).toContain('Unexpected token')
  })

  it.each([
    ...['NaN', '-Infinity', 'nan', '+inf', '-nan(ind)', 'nan(snan)', '1.#QNAN', '-1.#IND00', '1.#INF', 'None'],
    ...['undefined', 'NULL', 'nil', 'N/A'],
  ])('%s is said to be no JSON', (word) => {
    expect(decode(message(`{"ts":${arrivedAt},"pm25":${word}}`, air)).refusals).toMatchObject([
      { code: 'JSON', reason: `${word} is no JSON: leave the value out, or send null` },
    ])
  })

  it('the bad readings of a batch are one refusal with their count, and their text is as it was sent', () => {
    const items = ['{"ts":1,"pm25":1}', `{"ts":${arrivedAt},"pm25":1e400}`, `{"ts":${arrivedAt},"pm25":3}`]
    const { readings, refusals } = decode(message(`[ ${items.join(' ,\n')} ]`, air))
    expect(readings).toHaveLength(1)
    expect(refusals).toMatchObject([{ code: 'SHAPE', count: 2, more: ['pm25: is 1e400, must be a finite number'] }])
    expect(String(refusals[0]?.payload)).toBe(`[${items[0]},${items[1]}]`)
  })

  it('a record that makes decoding throw is refused alone', () => {
    const faulty = new TopicCache()
    faulty.parse = () => {
      throw new RangeError('planted')
    }
    expect(decodeRecord(message('{}'), faulty)).toMatchObject({ readings: [], refusals: [{ code: 'FAULT' }] })
  })
})
