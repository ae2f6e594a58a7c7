import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bucketsSql, historySql } from '#storage/duckdb/reading-sql.ts'
import { eventsQuery } from '#storage/influxdb/event-influxql.ts'
import { newestQuery } from '#storage/influxdb/newest-reading-influxql.ts'
import { bucketsQuery, historyQuery, readingsQuery } from '#storage/influxdb/reading-influxql.ts'

const time = fc.integer({ min: 0, max: 4_102_444_800_000 })
const known = { kind: 'air-quality', value: 'pm25', limit: 10 } as const

describe('queries', () => {
  it('of InfluxDB have the same text whatever sensor and time are asked for: these are bound, never pasted', () => {
    fc.assert(
      fc.property(fc.string(), time, time, (sensor, from, to) => {
        const plain = { ...known, sensor: 'aq-1', from: 0, to: 1 }
        const hostile = { ...known, sensor, from, to }
        expect(historyQuery(hostile).text).toBe(historyQuery(plain).text)
        const bucket = { window: 60_000, fn: 'mean' } as const
        expect(bucketsQuery({ ...hostile, ...bucket }).text).toBe(bucketsQuery({ ...plain, ...bucket }).text)
        expect(readingsQuery(hostile).text).toBe(readingsQuery(plain).text)
        expect(newestQuery('traffic', [sensor], from).text).toBe(newestQuery('traffic', ['aq-1'], 0).text)
        const events = { stream: 'audit', limit: 5 } as const
        expect(eventsQuery({ ...events, from, to }).text).toBe(eventsQuery({ ...events, from: 0, to: 1 }).text)
        expect(historyQuery(hostile).params?.sensor).toBe(sensor)
      }),
    )
  })

  it('take the name of no value that the kind has not: names are the one thing that cannot be bound', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        fc.pre(!/^[A-Za-z0-9]+$/.test(value))
        const asked = { ...known, sensor: 'aq-1', from: 0, to: 1, value }
        expect(() => historyQuery(asked)).toThrow(RangeError)
        expect(() => bucketsQuery({ ...asked, window: 60_000, fn: 'mean' })).toThrow(RangeError)
        expect(() => historySql('air-quality', value)).toThrow(RangeError)
        expect(() => bucketsSql('air-quality', value, 'mean')).toThrow(RangeError)
      }),
    )
    for (const value of ['__proto__', 'constructor', 'toString'])
      expect(() => historySql('air-quality', value)).toThrow(RangeError)
  })

  it('take no limit and no window that is not a whole number above 0', () => {
    for (const wrong of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60]) {
      const asked = { ...known, sensor: 'aq-1', from: 0, to: 1 }
      expect(() => historyQuery({ ...asked, limit: wrong })).toThrow(RangeError)
      expect(() => bucketsQuery({ ...asked, window: wrong, fn: 'mean' })).toThrow(RangeError)
    }
  })
})
