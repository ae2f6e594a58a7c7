import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { loadCity } from '#city/city.ts'
import { districtDistance } from '#city/district-distance.ts'
import { toldFaults } from '#telemetry/faults/message-reasons.ts'
import { type DistanceToDistrict, decodeMeta } from '#telemetry/meta-message.ts'
import { decodeStatus } from '#telemetry/status-message.ts'
import { refusalWords } from '../../dashboard/src/quarantine/refusal-words.ts'

const bytes = (text: string) => Buffer.from(text)

describe('a status', () => {
  it.each([
    ...[
      'online',
      'Online',
      'ONLINE',
      '"online"',
      'online\n',
      'online\0',
      '\ufeffonline',
      '  online\r\n',
      '{"state":"online"}',
    ],
    ...[
      '{"status":"Online"}',
      '{"State":"ONLINE"}',
      '{"online":true}',
      'true',
      '1',
      'connected',
      '{"value":"online","ts":1}',
    ],
  ])('%j is online', (text) => expect(decodeStatus(bytes(text))).toEqual({ ok: true, value: 'online' }))

  it.each([
    ...[
      'offline',
      'Offline',
      '"offline"',
      'offline\n',
      '\ufeff"OFFLINE"\n\0',
      '{"status":"offline"}',
      '{"online":false}',
    ],
    ...['0', 'false', 'disconnected', 'lost', '{"connected":0}'],
  ])('%j is offline', (text) => expect(decodeStatus(bytes(text))).toEqual({ ok: true, value: 'offline' }))

  it.each<[text: string, reason: string]>([
    ['ok', 'is ok, must be one of online, offline'],
    ['2', 'is 2, must be one of online, offline'],
    ['on line', 'is on line, must be one of online, offline'],
    ['["online"]', 'is ["online"], must be one of online, offline'],
    ['{"state":{"state":"online"}}', 'is {"state":{"state":"online"}}, must be one of online, offline'],
    ['null', 'is null, must be one of online, offline'],
    ['constructor', 'is constructor, must be one of online, offline'],
    ['\n', 'is "", must be one of online, offline'],
  ])('%j is refused', (text, reason) => {
    const said = decodeStatus(bytes(text))
    if (said.ok) throw new Error('it is taken')
    expect([said.fault.code, toldFaults(said.fault.faults).reason]).toEqual(['VALUE', reason])
  })

  it('that is empty is taken away', () => expect(decodeStatus(bytes(''))).toEqual({ ok: true, value: undefined }))

  it('of any bytes, and however deep, is a value', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (any) => void decodeStatus(any)))
    expect(decodeStatus(bytes(`{"state":${'['.repeat(8_000)}${']'.repeat(8_000)}}`)).ok).toBe(false)
  })
})

describe('a meta', () => {
  let distance: DistanceToDistrict
  beforeAll(async () => {
    distance = districtDistance((await loadCity()).districts)
  })
  const meta = { name: { vi: 'Đèn 1', en: 'Lamp 1' }, position: [106.1, 11.3], period: 60 }
  const decode = (given: object | string) =>
    decodeMeta(bytes(typeof given === 'string' ? given : JSON.stringify(given)), 'tay-ninh', distance)

  it.each<[what: string, given: object | string, is?: object]>([
    ['is taken', meta],
    ['may have a byte order mark in front and rubbish behind', `\ufeff${JSON.stringify(meta)}\0\n`],
    ['may hold null for what it may leave out', { ...meta, ward: null, road: null, model: null, freeFlowSpeed: null }],
    [
      'may tell warning levels, each above the one before, or some of them',
      { ...meta, warningLevel1: -0.5, warningLevel3: 0 },
      { ...meta, warningLevel1: -0.5, warningLevel3: 0 },
    ],
    [
      'may stand up to 50 km outside its district',
      { ...meta, position: [106.1, 11.7] },
      { ...meta, position: [106.1, 11.7] },
    ],
  ])('%s', (_what, given, is = meta) => expect(decode(given)).toEqual({ ok: true, value: is }))

  it.each<[given: object | string, code: string, reason: string, vi: string]>([
    [{ ...meta, period: '60' }, 'VALUE', 'period: is "60", must be a number', 'period: là "60", phải là số'],
    [
      { ...meta, warningLevel1: 2.5, warningLevel2: 2.5 },
      'VALUE',
      'warningLevel2: is 2.5, must be above warningLevel1, which is 2.5',
      'warningLevel2: là 2,5, phải cao hơn warningLevel1, đang là 2,5',
    ],
    [
      { ...meta, warningLevel1: 3, warningLevel3: 2 },
      'VALUE',
      'warningLevel3: is 2, must be above warningLevel1, which is 3',
      'warningLevel3: là 2, phải cao hơn warningLevel1, đang là 3',
    ],
    [{ ...meta, period: null }, 'VALUE', 'period: is null, must be a number', 'period: là null, phải là số'],
    [{ ...meta, name: { vi: 'Đèn' } }, 'VALUE', 'name.en: is missing', 'name.en: thiếu'],
    [
      { ...meta, name: 'Đèn' },
      'VALUE',
      'name: is "Đèn", must be a JSON object',
      'name: là "Đèn", phải là một đối tượng JSON',
    ],
    [
      { ...meta, position: { lat: 11.3, lon: 106.1 } },
      'VALUE',
      'position: is {"lat":11.3,"lon":106.1}, must be longitude and latitude, two numbers',
      'position: là {"lat":11.3,"lon":106.1}, phải là kinh độ và vĩ độ, hai con số',
    ],
    [
      { ...meta, position: [106.1, 11.3, 20] },
      'VALUE',
      'position: is [106.1,11.3,20], must be longitude and latitude, two numbers',
      'position: là [106.1,11.3,20], phải là kinh độ và vĩ độ, hai con số',
    ],
    [
      { ...meta, position: null },
      'VALUE',
      'position: is null, must be longitude and latitude, two numbers',
      'position: là null, phải là kinh độ và vĩ độ, hai con số',
    ],
    [
      { ...meta, name: { vi: ' ', en: 'x' } },
      'VALUE',
      'name.vi: is " ", must not be empty',
      'name.vi: là " ", không được để trống',
    ],
    [
      { ...meta, model: 'x'.repeat(121) },
      'VALUE',
      `model: is "${'x'.repeat(39)}…, must be at most 120 characters`,
      `model: là "${'x'.repeat(39)}…, không được quá 120 ký tự`,
    ],
    [
      { ...meta, position: ['106.1', 11.3] },
      'VALUE',
      'position.0: is "106.1", must be a number',
      'position.0: là "106.1", phải là số',
    ],
    [
      { ...meta, position: [200, 95] },
      'VALUE',
      'position.0: is 200, must be at most 180',
      'position.0: là 200, không được quá 180',
    ],
    [
      { ...meta, position: [11.3, 106.1] },
      ...([
        'PLACE',
        'position: is 11.3, 106.1, must be longitude, then latitude',
        'position: là 11.3, 106.1, phải là kinh độ trước, vĩ độ sau',
      ] as const),
    ],
    [
      { ...meta, position: [0, 0] },
      ...([
        'PLACE',
        'position: is 0, 0, which is no place of a sensor',
        'position: là 0, 0, không phải nơi đặt cảm biến',
      ] as const),
    ],
    [
      { ...meta, position: [105.85, 21.03] },
      ...([
        'PLACE',
        'position: is 105.85, 21.03, 1067 km outside tay-ninh; at most 50 km are taken',
        'position: là 105.85, 21.03, ngoài tay-ninh 1067 km; chỉ nhận nhiều nhất 50 km',
      ] as const),
    ],
    [
      { ...meta, ward: 'Tân Ninh' },
      ...([
        'VALUE',
        'ward: must be 1 to 64 lower-case letters, digits or inner hyphens',
        'ward: phải gồm 1 đến 64 chữ thường, chữ số hoặc gạch nối ở giữa',
      ] as const),
    ],
    ['[]', 'SHAPE', 'is [], must be a JSON object', 'là [], phải là một đối tượng JSON'],
    ['null', 'SHAPE', 'is null, must be a JSON object', 'là null, phải là một đối tượng JSON'],
    [
      '{"period":NaN}',
      ...([
        'JSON',
        'NaN is no JSON: leave the value out, or send null',
        'NaN không phải JSON: bỏ giá trị đó, hoặc gửi null',
      ] as const),
    ],
  ])('%j is refused', (given, code, reason, vi) => {
    const said = decode(given)
    if (said.ok) throw new Error('it is taken')
    const told = toldFaults(said.fault.faults)
    expect([said.fault.code, told.reason]).toEqual([code, reason])
    expect(refusalWords('vi', told)).toEqual([vi])
  })

  it('of a district whose place is not known may stand anywhere but at 0, 0', () => {
    const somewhere = bytes(JSON.stringify({ ...meta, position: [2.3, 48.8] }))
    expect(decodeMeta(somewhere, 'paris', distance).ok).toBe(true)
    expect(decodeMeta(bytes(JSON.stringify({ ...meta, position: [0, 0] })), 'paris', distance).ok).toBe(false)
  })

  it('of any JSON, and however deep, is a value', () => {
    fc.assert(fc.property(fc.json(), (any) => void decode(any)))
    fc.assert(
      fc.property(
        fc.record({ position: fc.jsonValue(), name: fc.jsonValue(), period: fc.jsonValue() }),
        (any) => void decode(any),
      ),
    )
    const deep = `${'['.repeat(7_000)}${']'.repeat(7_000)}`
    for (const text of [deep, `{"position":${deep}}`, `{"name":${deep},"period":60,"position":[106.1,11.3]}`])
      expect(decode(text).ok).toBe(false)
  })
})
