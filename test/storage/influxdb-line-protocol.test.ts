import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { retryAfterMs } from '#storage/influxdb/errors.ts'
import { bodiesOf, eventLine, readingLine, stringField, tagValue } from '#storage/influxdb/line-protocol.ts'
import { StoreRejectedError } from '#telemetry/errors.ts'

const ts = Date.UTC(2026, 10, 20)

describe('line protocol', () => {
  it('holds a reading with its tags, its values that are there, and its time in ms', () => {
    const values = { powerState: 'on', activePower: 40, energy: 1.5e-7 } as const
    const line = readingLine({ kind: 'lighting', district: 'hoa-thanh', sensor: 'lamp-1', ts, seq: 3, values })
    expect(line).toBe(
      `lighting,district=hoa-thanh,sensor=lamp-1 seq=3i,activePower=40,powerState="on",energy=1.5e-7 ${ts}`,
    )
  })

  it('escapes what separates tags, and refuses what a tag cannot hold', () => {
    expect(tagValue('a b,c=d\\e')).toBe('a\\ b\\,c\\=d\\e')
    for (const text of ['a\nb', 'a\r', 'ends in \\']) expect(() => tagValue(text)).toThrow(StoreRejectedError)
  })

  it('closes a string field only where it ends', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const field = stringField(text)
        expect(field).toMatch(/^"(?:[^"\\]|\\["\\])*"$/)
        expect(field.slice(1, -1).replace(/\\(["\\])/g, '$1')).toBe(text)
      }),
    )
  })

  it('puts an event in the same place each time, and events of one millisecond in places within it', () => {
    const place = (id: string) => {
      const line = eventLine({ stream: 'alert', id, ts, body: null })
      return { series: line.split(' ')[0], ns: line.split(' ').at(-1) }
    }
    expect(place('a')).toEqual(place('a'))
    const places = Array.from({ length: 1_000 }, (_, i) => place(`event-${i}`))
    expect(new Set(places.map((each) => JSON.stringify(each))).size).toBe(1_000)
    for (const { ns } of places) expect(Math.floor(Number(ns) / 1e6)).toBe(ts)
    expect(new Set(places.map(({ series }) => series)).size).toBeLessThanOrEqual(256)
  })

  it('is cut into bodies between lines, none lost and none twice', () => {
    const lines = Array.from({ length: 100 }, (_, i) => `${i}`.padEnd(100_000, '.'))
    const bodies = [...bodiesOf(lines)]
    expect(bodies.flatMap((body) => body.split('\n'))).toEqual(lines)
    for (const body of bodies) expect(body.length).toBeLessThanOrEqual(4_000_000)
    expect([...bodiesOf([])]).toEqual([])
    expect([...bodiesOf(['x'.repeat(5_000_000)])]).toHaveLength(1)
  })
})

describe('Retry-After', () => {
  it('is read as seconds or as a date, and left alone when it says nothing useful', () => {
    const now = Date.UTC(2026, 10, 20)
    expect(retryAfterMs('20', now)).toBe(20_000)
    // an hour is not obeyed
    expect(retryAfterMs('3600', now)).toBe(60_000)
    expect(retryAfterMs('Fri, 20 Nov 2026 00:00:05 GMT', now)).toBe(5_000)
    for (const header of [undefined, '', '0', 'soon', '-3', 'Thu, 19 Nov 2026 00:00:00 GMT'])
      expect(retryAfterMs(header, now)).toBeUndefined()
  })
})
