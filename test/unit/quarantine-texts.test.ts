import { expect, it } from 'vitest'
import { decode, maxBatch } from '#ingest/decode.ts'
import type { Refusal } from '#ingest/refusal.ts'
import { TopicCache } from '#ingest/topic-cache.ts'
import type { notKeptCode } from '#telemetry/rest.ts'
import { languages } from '../../dashboard/src/i18n/messages.ts'
import { quarantineTexts, reasonWords } from '../../dashboard/src/quarantine-texts.ts'

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
    'ts: 2026-11-28T00:00:00.000Z is more than 24 h ahead of its arrival',
    'ts: 2026-11-28T00:00:00.000Z sớm hơn lúc nhận quá 24 giờ',
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
    'intensity: là 1.5, phải là số nguyên',
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
    Array.from({ length: maxBatch + 1 }, () => 0),
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
  const [{ reason } = { reason: '' }] = decode(message, new TopicCache()).refusals
  expect(reasonWords('en', reason)).toBe(en)
  expect(reasonWords('vi', reason)).toBe(vi)
})

it('what is too old is said in both languages, and what the store said stays as it is', () => {
  const past = 'ts: 2016-01-01T00:00:00.000Z is longer ago than readings are kept (RETENTION_DAYS=3650)'
  expect(reasonWords('vi', past)).toBe('ts: 2016-01-01T00:00:00.000Z đã quá thời hạn lưu trữ (RETENTION_DAYS=3650)')
  expect(reasonWords('vi', 'InfluxDB refuses this: HTTP 400 partial write')).toContain('partial write')
})
