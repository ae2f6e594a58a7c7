import { HttpError } from '@influxdata/influxdb-client'
import { describe, expect, it } from 'vitest'
import { isTooLarge, retryAfterMs, storeFault } from '#storage/influxdb/errors.ts'

const json = 'application/json; charset=utf-8'
const answered = (status: number, body: string, contentType = json) =>
  storeFault(new HttpError(status, 'status words', body, undefined, contentType), 'http://127.0.0.1:8086')

const conflict =
  'partial write: field type conflict: input field \\"pm25\\" on measurement \\"air-quality\\" is type float, already exists as type string dropped=1'

describe('what InfluxDB says of a write is for its content', () => {
  it.for([
    [400, `{"error":"${conflict}"}`],
    [422, `{"code":"unprocessable entity","message":"failure writing points to database: ${conflict}"}`],
    [500, `{"code":"internal error","message":"unexpected error writing points to database: ${conflict}"}`],
    [400, '{"error":"unable to parse \'x\': missing fields"}'],
    [400, '{"code":"invalid","message":"unable to parse \'x\': invalid number"}'],
    [
      400,
      '{"error":"partial write: max-values-per-tag limit exceeded (100001/100000): measurement=\\"m\\" tag=\\"sensor\\" value=\\"x\\" dropped=1"}',
    ],
    [
      400,
      '{"error":"partial write: invalid field name: input field \\"time\\" on measurement \\"m\\" is invalid dropped=1"}',
    ],
    [400, '{"error":"partial write: max-series-per-database limit exceeded: (1000000) dropped=1"}'],
    [400, '{"error":"partial write: points beyond retention policy dropped=3"}'],
    [
      422,
      '{"code":"unprocessable entity","message":"failure writing points to database: partial write: points beyond retention policy dropped=1"}',
    ],
    [
      422,
      '{"code":"unprocessable entity","message":"failure writing points to database: partial write: dropped 1 points outside retention policy of duration 24h0m0s - oldest point air-quality at 2026-01-01 dropped=1"}',
    ],
  ] as const)('when the words speak of points, with status %i: %s', ([status, body]) => {
    const fault = answered(status, body)
    expect(fault.code).toBe('STORE_REJECTED')
    expect(fault).toMatchObject({ past: /retention/.test(body) })
  })
})

describe('what comes instead of that is a store that takes nothing now', () => {
  const page = '<html><body><h1>400 Bad Request</h1>field type conflict</body></html>'
  it.for([
    ['a page of a proxy', 400, page, 'text/html'],
    ['a page that says it is JSON', 400, page, json],
    ['JSON of a proxy', 400, '{"status":400,"error":"Bad Request"}', json],
    ['JSON of a gateway, with a number as its code', 400, '{"code":400,"message":"unable to parse request"}', json],
    ['JSON of a proxy in more detail', 400, '{"error":{"type":"invalid","reason":"unable to parse"}}', json],
    ['words that are not JSON', 400, 'unable to parse', 'text/plain'],
    ['InfluxDB’s own words of something else', 400, '{"error":"invalid precision"}', json],
    ['a token that is refused', 401, '{"code":"unauthorized","message":"unauthorized access"}', json],
    ['a token without the right', 403, '{"code":"forbidden","message":"insufficient permissions for write"}', json],
    ['a bucket that is gone', 404, '{"code":"not found","message":"bucket \\"nhip\\" not found"}', json],
    ['another method', 405, '{"code":"method not allowed","message":"not allowed"}', json],
    ['a slow request', 408, '', ''],
    ['a length that is missing', 411, '<h1>411 Length Required</h1>', 'text/html'],
    [
      'a single line that is too large',
      413,
      '{"code":"request too large","message":"points batch is too large"}',
      json,
    ],
    ['another media type', 415, '{"error":"unsupported media type"}', json],
    ['another 422', 422, '{"code":"unprocessable entity","message":"try another time"}', json],
    ['too many requests', 429, '{"code":"too many requests","message":"exceeded rate"}', json],
    ['a request without credentials, in 1.x', 401, '{"error":"unable to parse authentication credentials"}', json],
    ...[
      'input/output error',
      'read-only file system',
      'too many open files',
      'disk quota exceeded',
      'permission denied',
      'cannot allocate memory',
    ].map(
      (words) =>
        [
          `a series file that cannot be written: ${words}`,
          400,
          `{"error":"partial write: write /var/lib/influxdb/data/nhip/_series/06/0002: ${words} dropped=1"}`,
          json,
        ] as const,
    ),
    ['a shard that is gone', 500, '{"error":"partial write: [shard 1] database not open dropped=1"}', json],
    ['nothing at all', 400, '', json],
    ['JSON cut short', 400, '{"error":"partial write: field type conf', json],
    ['JSON of nothing', 400, 'null', json],
    ['a redirect', 302, '', ''],
    [
      'a cache that is full',
      500,
      '{"error":"partial write: engine: cache-max-memory-size exceeded: (1074/1073) dropped=0"}',
      json,
    ],
    [
      'a disk that is full',
      500,
      '{"error":"partial write: write /wal/1.wal: no space left on device dropped=0"}',
      json,
    ],
    ['a write that took too long', 500, '{"error":"partial write: timeout dropped=0"}', json],
    ['a gateway', 502, page, 'text/html'],
    ['a gateway that waited', 504, page, 'text/html'],
    ['unavailable', 503, '{"code":"unavailable","message":"unable to parse now"}', 'text/plain'],
  ] as const)('%s (%i)', ([, status, body, type]) => {
    const fault = answered(status, body, type)
    expect(fault).toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true })
    expect(fault.message).toContain(`HTTP ${status}`)
    expect(fault.message).not.toContain('\n')
  })

  it('is no fault of size unless somebody says so', () => {
    expect(isTooLarge(new HttpError(413, ''))).toBe(true)
    const words = '{"code":"request too large","message":"unable to read data: points batch is too large"}'
    expect(isTooLarge(new HttpError(400, '', words, undefined, json))).toBe(true)
    expect(isTooLarge(new HttpError(400, '', '<h1>points batch is too large</h1>', undefined, 'text/html'))).toBe(false)
    expect(isTooLarge(new Error('413'))).toBe(false)
  })

  it('is asked again after a minute at the most', () => {
    const now = Date.UTC(2026, 10, 20)
    expect(retryAfterMs('7', now)).toBe(7_000)
    expect(retryAfterMs('3600', now)).toBe(60_000)
    expect(retryAfterMs(new Date(now + 30_000).toUTCString(), now)).toBe(30_000)
    expect(retryAfterMs(new Date(now + 9e9).toUTCString(), now)).toBe(60_000)
    for (const nothing of [undefined, '0', '-5', 'soon', new Date(now - 1_000).toUTCString()])
      expect(retryAfterMs(nothing, now)).toBeUndefined()
  })
})
