import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clientIdFault } from '#broker/auth/connect-fault.ts'
import { defaultLimits } from '#broker/limits/limits.ts'
import { ratesOf } from '#broker/limits/role-rates.ts'
import { TokenBucket } from '#broker/limits/token-bucket.ts'
import { mayMatchReadings } from '#broker/subscribe/subscriptions.ts'
import { isFilter, topicFault } from '#broker/wire/topic-fault.ts'

describe('a token bucket', () => {
  it('never lets more through than its burst and its rate', () => {
    const takes = fc.array(
      fc.record({ amount: fc.integer({ min: 1, max: 50 }), after: fc.integer({ min: 0, max: 500 }) }),
    )
    fc.assert(
      fc.property(takes, (list) => {
        const bucket = new TokenBucket(100, 200, 0)
        let now = 0
        let taken = 0
        for (const { amount, after } of list) {
          now += after
          const waitMs = bucket.consume(amount, now)
          taken += amount
          now += waitMs
          expect(taken).toBeLessThanOrEqual(200 + now * 0.1 + 1e-6)
        }
      }),
    )
  })

  it('gives one by one until it is empty, and again as time passes', () => {
    const bucket = new TokenBucket(10, 2, 0)
    expect([0, 0, 0, 99, 100].map((now) => bucket.tryConsume(now))).toEqual([true, true, false, false, true])
    expect(bucket.isFull(150)).toBe(false)
    expect(bucket.isFull(1_000)).toBe(true)
  })
})

describe('the rates', () => {
  it('of a service are those of services, of everyone else those of a sensor', () => {
    expect(ratesOf('ingest', defaultLimits).messages).toBe(defaultLimits.SERVICE_MESSAGES_PER_SECOND)
    expect(ratesOf('anything else', defaultLimits).messages).toBe(defaultLimits.MESSAGES_PER_SECOND)
  })
})

describe('a topic', () => {
  it.each(['', 'x'.repeat(257), 'a/b/c/d/e/f/g/h/i/j/k', 'a\uFFFD', 'a\u0000'])('may not be %j', (topic) => {
    expect(topicFault(topic, defaultLimits)).toBeDefined()
  })

  it('may be as long and as deep as allowed', () => {
    expect(topicFault('x'.repeat(256), defaultLimits)).toBeUndefined()
    expect(topicFault('a/b/c/d/e/f/g/h/i/j', defaultLimits)).toBeUndefined()
  })

  it.each(['#', '+', '/', 'a', 'a/#', '+/a', 'a/+/b', '/+', '//', 'a/+/#'])('filter %j is one', (filter) => {
    expect(isFilter(filter)).toBe(true)
  })

  it.each(['a#', 'a+', '+a', '#/a', 'a/#/b', '##', '++', 'a/b#', '/a+/b'])('filter %j is none', (filter) => {
    expect(isFilter(filter)).toBe(false)
  })
})

describe('a CONNECT', () => {
  const packet = { clientId: 'x', clean: true, keepalive: 30 }
  it.each([
    [{}, undefined],
    [{ clientId: '' }, undefined],
    [{ clientId: '', clean: false }, 2],
    [{ clientId: 'x'.repeat(257) }, 2],
    [{ clientId: '\uFFFD' }, 2],
    [{ keepalive: 0 }, undefined],
    [{ keepalive: 65_535 }, undefined],
  ])('with %j gets return code %s', (change, code) => {
    expect(clientIdFault({ ...packet, ...change })?.returnCode).toBe(code)
  })
})

describe('whether readings may be heard by a subscription', () => {
  it.each(['#', '+/#', 'city/v1/#', 'city/v1/+/+/+/+', 'city/v1/a/traffic/b/reading', '+/+/+/+/+/reading', 'city/#'])(
    'is said of %s',
    (filter) => expect(mayMatchReadings(filter)).toBe(true),
  )

  it.each([
    'city/v1/+/+/+/status',
    'city/v1/live/+',
    'city/v1/alerts/state',
    '+/+/reading',
    'bad/#',
    'city',
    'city/v2/#',
    'reading',
    '$SYS/#',
  ])('is denied of %s', (filter) => expect(mayMatchReadings(filter)).toBe(false))
})
