import fc from 'fast-check'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { apiMetrics } from '#api/metrics.ts'
import { DeviceRefusals } from '#api/mqtt/device-refusals.ts'
import type { Identity } from '#broker/auth/authorization.ts'
import { nearestTopic } from '#broker/diagnostics/nearest-topic.ts'
import { Refusals, type Refused } from '#broker/diagnostics/refusals.ts'
import { shownUser } from '#broker/diagnostics/safe-text.ts'
import { brokerMetrics } from '#broker/metrics/broker-metrics.ts'
import { type RefusalBatch, refusalBatchSchema } from '#telemetry/diagnostics.ts'

describe('the refusals that a broker remembers', () => {
  let told: RefusalBatch[]
  let refusals: Refusals
  const open = (limits = { maxEntries: 100, maxOfOne: 3, maxBatch: 10 }) => {
    told = []
    refusals = new Refusals({ metrics: brokerMetrics(new Registry()), send: (batch) => told.push(batch), limits })
  }
  const wrong = (more: Partial<Refused> = {}): Refused => ({
    ...{ code: 'credentials', address: '192.0.2.1', client: 'c-1', user: 'lamp-1', isKnown: true, ...more },
  })
  const all = () => {
    told = []
    refusals.sendAgain()
    vi.advanceTimersByTime(20_000)
    return told.flatMap((batch) => batch.refusals)
  }
  beforeEach(() => {
    vi.useFakeTimers()
    open()
  })
  afterEach(() => {
    refusals.close()
    vi.useRealTimers()
  })

  it('are told once a second, those that are new or have come again, with a count', () => {
    refusals.add(wrong())
    refusals.add(wrong({ client: 'c-2' }))
    expect(told).toEqual([])
    vi.advanceTimersByTime(1_000)
    expect(told[0]?.refusals).toMatchObject([{ code: 'credentials', user: 'lamp-1', client: 'c-2', count: 2 }])
    vi.advanceTimersByTime(5_000)
    expect(told).toHaveLength(1)
    refusals.add(wrong())
    vi.advanceTimersByTime(1_000)
    expect(told[1]?.refusals).toMatchObject([{ count: 3 }])
  })

  it('of one address or user take the place of its own older ones alone', () => {
    refusals.add(wrong({ user: 'honest' }))
    for (let number = 0; number < 500; number++)
      refusals.add(wrong({ user: `guess-${number}`, isKnown: false, topic: `t/${number}` }))
    const users = all().map(({ user, topic }) => topic ?? user)
    expect(users).toEqual(['honest', 't/497', 't/498', 't/499'])
  })

  it('are bounded in all, also from any number of addresses', () => {
    for (let number = 0; number < 5_000; number++)
      refusals.add(wrong({ isKnown: false, address: `198.51.${number >> 8}.${number & 255}` }))
    expect(all()).toHaveLength(100)
  })

  it('are fit for the wire, whatever was sent', () => {
    open({ maxEntries: 50, maxOfOne: 50, maxBatch: 50 })
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), fc.boolean(), (text, isKnown) => {
        refusals.add(wrong({ client: text, user: text, topic: text, address: text, isKnown }))
        for (const refusal of all()) {
          refusalBatchSchema.parse({ broker: 'b', refusals: [refusal] })
          expect(JSON.stringify(refusal)).not.toMatch(/[\p{Cc}\p{Cf}]/u)
        }
      }),
      { numRuns: 60 },
    )
  })
})

it.each<[typed: string | undefined, isKnown: boolean, shown: string]>([
  ['lamp-1', true, 'lamp-1'],
  ['hunter2hunter2', false, 'hunter2…'],
  ['a-very-long-name-of-a-device', false, 'a-very-l…'],
  ['ab', false, 'a…'],
  ['x', false, '…'],
  ['S3cret!', false, '…'],
  ['', false, ''],
  [undefined, false, ''],
])('of the user name %j, known: %j, is shown %j', (typed, isKnown, shown) => {
  expect(shownUser(typed, isKnown)).toBe(shown)
})

describe('the nearest right topic', () => {
  const sensor: Identity = { role: 'sensor', user: 'lamp-1', district: 'tay-ninh', kind: 'lighting' }
  const own = (channel: string) => `city/v1/tay-ninh/lighting/lamp-1/${channel}`
  it.each<[way: 'publish' | 'subscribe', asked: string, nearest: string]>([
    ['publish', 'city/v1/tay-ninh/lighting/lamp-1/readings', 'reading'],
    ['publish', 'city/v1/tay-ninh/lighting/lamp-2/reading', 'reading'],
    ['publish', 'City/V1/Tay-Ninh/Lighting/Lamp-1/Status', 'status'],
    ['publish', 'city/v1/tay-ninh/lighting/lamp-1/meta/', 'meta'],
    ['publish', 'telemetry/lamp-1/up', 'reading'],
    ['publish', '', 'reading'],
    ['publish', 'stat/lamp-1/state', 'status'],
    ['subscribe', 'city/v1/+/lighting/lamp-1/cmd', 'cmd'],
    ['subscribe', '#', 'cmd'],
  ])('to %s %s is that of its %s', (way, asked, nearest) => {
    expect(nearestTopic(sensor, way, asked)).toBe(own(nearest))
  })

  it('is none for who is no sensor', () => {
    expect(nearestTopic({ role: 'api', user: 'api' }, 'publish', 'x')).toBeUndefined()
  })
})

describe('what the api remembers of them', () => {
  const metrics = apiMetrics(new Registry())
  const batch = (broker: string, ...refusals: object[]) =>
    JSON.stringify({
      broker,
      refusals: refusals.map((one) => ({
        ...{
          code: 'credentials',
          at: 1_795_000_000_000,
          count: 1,
          address: '192.0.2.1',
          client: 'c-1',
          user: 'lamp-1',
        },
        ...{ isKnown: true, ...one },
      })),
    })

  it('is bounded, of several brokers apart, and newest first', () => {
    const held = new DeviceRefusals({ metrics, max: 3 })
    held.receive(batch('a', { user: 'one' }, { user: 'two', at: 1_795_000_000_009 }))
    held.receive(batch('b', { user: 'one' }))
    held.receive(batch('a', { user: 'one', count: 7 }))
    expect(held.search('').map(({ user, count }) => [user, count])).toEqual([
      ['two', 1],
      ['one', 1],
      ['one', 7],
    ])
    held.receive(batch('a', { user: 'three' }))
    expect(held.search('')).toHaveLength(3)
    held.receive('no JSON')
    held.receive(batch('a', { code: 'unheard-of' }))
    expect(held.search('')).toHaveLength(3)
  })

  it('is found by client id, user name, address and topic, and by a name of which only the beginning is here', () => {
    const held = new DeviceRefusals({ metrics })
    held.receive(batch('a', { topic: 'city/v1/x' }, { user: 'stati…', isKnown: false, client: 'esp-1' }))
    const found = (text: string) => held.search(text).map(({ client }) => client)
    expect([found('LAMP'), found('v1/x'), found('esp'), found('192.0')]).toEqual([
      ...[['c-1'], ['c-1'], ['esp-1'], ['c-1', 'esp-1']],
    ])
    expect([found('station-1'), found('stone'), found('nothing')]).toEqual([['esp-1'], [], []])
  })
})
