import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decodeMessage, maxReadingsInMessage } from '#ingest/decode/decode-message.ts'
import type { Refusal } from '#ingest/decode/refusal.ts'
import { TopicCache } from '#ingest/decode/topic-cache.ts'
import { jsonFault } from '#telemetry/faults/json-fault.ts'
import { type MessageFault, messageFaultSchema } from '#telemetry/faults/message-faults.ts'
import { toldFaults } from '#telemetry/faults/message-reasons.ts'
import { otherReleaseWords } from '#telemetry/glossary/other-release.ts'
import { kinds } from '#telemetry/kinds.ts'
import { languages } from '#telemetry/language.ts'
import { decodeMeta } from '#telemetry/meta-message.ts'
import { type notKeptCode, quarantinedSchema } from '#telemetry/quarantine-rest.ts'
import { valuesOfKind } from '#telemetry/values.ts'
import { quarantineTexts } from '../../dashboard/src/quarantine/quarantine-texts.ts'
import { refusalWords } from '../../dashboard/src/quarantine/refusal-words.ts'
import { visibleText } from '../../dashboard/src/ui/visible-text.ts'

/** every code, by the compiler's word */
const codes = {
  TOPIC: 0,
  JSON: 0,
  SHAPE: 0,
  VALUE: 0,
  PLACE: 0,
  FUTURE: 0,
  PAST: 0,
  STORE: 0,
  FAULT: 0,
  NOT_KEPT: 0,
} satisfies Record<Refusal['code'] | typeof notKeptCode, 0>

it.each(languages)('each kind of refusal has its words on the page of the quarantine: %s', (language) => {
  expect(Object.keys(quarantineTexts[language].codes).toSorted()).toEqual(Object.keys(codes).toSorted())
})

const now = Date.UTC(2026, 10, 26)
const reading = (kind: string) => `city/v1/tay-ninh/${kind}/sample-1/reading`

it.each<[topic: string, item: unknown, en: string, vi: string]>([
  [reading('traffic'), { intensity: 1 }, 'ts: is missing', 'ts: thiếu'],
  [
    reading('traffic'),
    { ts: 1_795_674_032, intensity: 1 },
    'ts: is 1795674032, must be milliseconds since 1970, from the year 2000 to 2100',
    'ts: là 1795674032, phải là mili giây kể từ năm 1970, trong khoảng năm 2000 đến 2100',
  ],
  [
    reading('traffic'),
    { ts: now + 172_800_000, intensity: 1 },
    'ts: 2026-11-28T00:00:00.000Z is more than 24 h later than its arrival',
    'ts: 2026-11-28T00:00:00.000Z muộn hơn lúc nhận hơn 24 giờ',
  ],
  [
    reading('traffic'),
    { ts: now, intensity: -5 },
    'intensity: is -5, must be at least 0',
    'intensity: là -5, phải từ 0 trở lên',
  ],
  [
    reading('traffic'),
    { ts: now, intensity: 1, occupancy: 31 },
    'occupancy: is 31, must be at most 1',
    'occupancy: là 31, không được quá 1',
  ],
  [
    reading('traffic'),
    { ts: now, intensity: '18' },
    'intensity: is "18", must be a number',
    'intensity: là "18", phải là số',
  ],
  [
    reading('traffic'),
    { ts: now, intensity: 1.5 },
    'intensity: is 1.5, must be a whole number',
    'intensity: là 1,5, phải là số nguyên',
  ],
  [
    reading('traffic'),
    { ts: now, intensity: 9, motorbikes: 1, cars: 1, buses: 1, trucks: 1 },
    'intensity: is 9, but motorbikes, cars, buses and trucks add up to 4',
    'intensity: là 9, nhưng motorbikes, cars, buses và trucks cộng lại là 4',
  ],
  [
    reading('lighting'),
    { ts: now, powerState: 'onn' },
    'powerState: is "onn", must be one of on, off, low',
    'powerState: là "onn", phải là một trong: on, off, low',
  ],
  [
    reading('air-quality'),
    { ts: now },
    'holds no known value of an air-quality station',
    'không có giá trị nào mà trạm không khí được gửi',
  ],
  [reading('traffic'), 5, 'is 5, must be a JSON object', 'là 5, phải là một đối tượng JSON'],
  [
    reading('traffic'),
    Array.from({ length: maxReadingsInMessage + 1 }, () => 0),
    'a batch of 1001 readings; at most 1000 are taken',
    'lô có 1001 số đo; chỉ nhận nhiều nhất 1000',
  ],
  [
    reading('water'),
    {},
    'topic is not city/v1/{district}/{kind}/{sensor}/reading with a known kind and ids of a-z, 0-9, -',
    'chủ đề không có dạng city/v1/{district}/{kind}/{sensor}/reading với loại đã biết và mã gồm a-z, 0-9, -',
  ],
])('what ingest says of a message is said in both languages: %s %j', (topic, item, en, vi) => {
  const message = { topic, payload: Buffer.from(JSON.stringify(item)), arrivedAt: now }
  const [refusal] = decodeMessage(message, new TopicCache()).refusals
  if (!refusal) throw new Error('it is taken')
  const told = toldFaults(refusal.faults)
  expect(told.reason).toBe(en)
  expect(refusalWords('en', told)).toEqual([en])
  expect(refusalWords('vi', told)).toEqual([vi])
})

it('what is too old is said in both languages, and what the store said stays as it is', () => {
  const ts = Date.UTC(2016, 0, 1)
  const said = 'InfluxDB refuses this: HTTP 400 partial write'
  const faults: [MessageFault, ...MessageFault[]] = [
    { path: 'ts', code: 'TOO_OLD', params: { ts, keptBy: 'RETENTION_DAYS', days: 3_650 } },
    { code: 'WAITED_TOO_LONG', params: { arrivedAt: ts } },
    { code: 'REFUSED_BY_STORE', params: { said } },
  ]
  const en = [
    'ts: 2016-01-01T00:00:00.000Z is longer ago than readings are kept (RETENTION_DAYS=3650)',
    'arrived 2016-01-01T00:00:00.000Z, longer ago than the store keeps',
    said,
  ]
  const told = toldFaults(faults)
  expect([told.reason, ...(told.more ?? [])]).toEqual(en)
  expect(refusalWords('en', told)).toEqual(en)
  expect(refusalWords('vi', told)).toEqual([
    'ts: 2016-01-01T00:00:00.000Z đã quá thời hạn lưu trữ (RETENTION_DAYS=3650)',
    'nhận lúc 2016-01-01T00:00:00.000Z, đã quá thời hạn của kho số liệu',
    said,
  ])
})

/** what a device may write in place of what is asked for */
const odd = fc.oneof(
  fc.constantFrom<unknown>(
    undefined,
    null,
    true,
    '',
    'x'.repeat(200),
    'a\u202eb',
    '60',
    -1,
    0,
    1e9,
    0.5,
    [],
    [1],
    [1, 2, 3],
  ),
  fc.constantFrom<unknown>([0, 0], [11.3, 106.1], [106.1, 11.3], [105.8, 21], [400, 1], ['a', 'b'], {}, { vi: 'A' }),
  fc.constantFrom<unknown>({ vi: '', en: 'A' }, { vi: 'A', en: 'B' }, { vi: 5, en: 'B' }, { vi: 'A\u0007', en: 'B' }),
)
const meta = fc.record(
  { name: odd, position: odd, period: odd, ward: odd, model: odd, freeFlowSpeed: odd, nominalPower: odd },
  { requiredKeys: [] },
)

it('whatever is wrong with a meta is said in both languages', () => {
  fc.assert(
    fc.property(fc.oneof(meta, odd), (given) => {
      const found = decodeMeta(Buffer.from(JSON.stringify(given) ?? ''), 'tay-ninh', () => 0)
      if (found.ok) return
      const told = toldFaults(found.fault.faults)
      expect(refusalWords('vi', told).join()).not.toContain(otherReleaseWords.vi(''))
    }),
    { numRuns: 2_000 },
  )
})

it('a text of a meta that is too long is told in characters, and that only its beginning is quoted', () => {
  const long = JSON.stringify({ name: { vi: 'T'.repeat(121), en: 'A' }, position: [106.1, 11.3], period: 60 })
  const found = decodeMeta(Buffer.from(long), 'tay-ninh', () => 0)
  if (found.ok) throw new Error('it is taken')
  const told = toldFaults(found.fault.faults)
  expect(told.reason).toMatch(/^name\.vi: is "T+…, must be at most 120 characters$/)
  expect(refusalWords('vi', told)).toEqual([expect.stringMatching(/^name\.vi: là "T+…, không được quá 120 ký tự$/)])
})

it('whatever is no JSON is said in both languages', () => {
  const good = '{"ts":1795674032000,"pm25":-1.5e3,"list":["a\\n",true,null],"name":"Tr\\u1ea1m"}'
  const place = fc.nat(good.length)
  const broken = fc.oneof(
    place.map((at) => good.slice(0, at)),
    place.map((at) => good.slice(0, at) + good.slice(at + 1)),
    fc
      .tuple(place, fc.string({ minLength: 1, maxLength: 3 }))
      .map(([at, put]) => good.slice(0, at) + put + good.slice(at)),
    fc.string(),
  )
  fc.assert(
    fc.property(broken, (text) => {
      try {
        JSON.parse(text)
      } catch (error) {
        const told = toldFaults([jsonFault(error, text)])
        expect(refusalWords('vi', told).join()).not.toContain(otherReleaseWords.vi(''))
      }
    }),
    { numRuns: 5_000 },
  )
})

it('what cannot be seen of a message is written out', () => {
  expect(visibleText('Tr\u1ea1m \u202egnort\u2066\ufeff\u0000\n1')).toBe('Trạm \\u202egnort\\u2066\\ufeff\\u0000\n1')
})

it('what an older release put in quarantine has its sentences alone, which are shown as they are, and marked', () => {
  const old = { reason: 'pm25: is -5, must be at least 0', more: ['cars: is -3, must be at least 0'] }
  for (const language of languages)
    expect(refusalWords(language, old)).toEqual([otherReleaseWords[language]([old.reason, ...old.more].join('; '))])
})

it('an entry with a code of a newer release is shown by its sentences', () => {
  const entry = {
    ...{ ts: now, topic: reading('traffic'), payload: '', payloadBytes: 0, code: 'VALUE', reason: 'is odd', count: 1 },
    faults: [{ code: 'OF_TOMORROW', params: {} }],
  }
  expect(refusalWords('vi', quarantinedSchema.parse(entry))).toEqual([otherReleaseWords.vi('is odd')])
})

/** what may stand in a reading, good or not */
const anyValue = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(null, true, 'on', Number.POSITIVE_INFINITY),
)
const names = kinds.flatMap((kind) => valuesOfKind[kind].map(({ name }) => name))
const anyReading = fc.dictionary(fc.constantFrom('ts', 'seq', ...names), anyValue, { maxKeys: 8 })
const timed = fc.tuple(anyReading, fc.constantFrom(now, now + 172_800_000)).map(([item, ts]) => ({ ...item, ts }))
const anyPayload = fc.oneof(
  fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
  fc
    .oneof(anyReading, timed, fc.array(fc.oneof(anyReading, timed), { maxLength: 4 }), fc.json())
    .map((item) => Buffer.from(typeof item === 'string' ? item : JSON.stringify(item))),
)

it('whatever decoding refuses has codes and params that keep their schema, and words in both languages', () => {
  const topics = new TopicCache()
  const seen = new Set<string>()
  fc.assert(
    fc.property(fc.constantFrom(...kinds, 'unknown'), anyPayload, (kind, payload) => {
      for (const { faults } of decodeMessage({ topic: reading(kind), payload, arrivedAt: now }, topics).refusals) {
        const told = toldFaults(faults)
        expect(messageFaultSchema.array().parse(JSON.parse(JSON.stringify(told.faults)))).toEqual(faults)
        for (const { code } of faults) seen.add(code)
        for (const language of languages)
          for (const words of refusalWords(language, told)) expect(words).not.toMatch(/undefined|NaN: |\[object/)
      }
    }),
    { numRuns: 3_000 },
  )
  expect([...seen]).toEqual(
    expect.arrayContaining(['NOT_JSON', 'TOO_SMALL', 'WRONG_TYPE', 'WRONG_TOPIC', 'TOO_FAR_AHEAD', 'NO_KNOWN_VALUE']),
  )
})
