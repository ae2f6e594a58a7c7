import { describe, expect, it } from 'vitest'
import { mayPublish, maySubscribe, type Role, roles } from '#broker/rights.ts'

const topics = {
  reading: 'city/v1/tay-ninh/traffic/sample-1/reading',
  meta: 'city/v1/tay-ninh/traffic/sample-1/meta',
  status: 'city/v1/tay-ninh/traffic/sample-1/status',
  cmd: 'city/v1/tay-ninh/lighting/sample-1/cmd',
  ack: 'city/v1/tay-ninh/lighting/sample-1/ack',
  live: 'city/v1/live/tay-ninh',
  alerts: 'city/v1/alerts/sample',
  quarantine: 'city/v1/quarantine',
  other: 'other/topic',
}
const all = Object.keys(topics)
const publishes: Record<Role, string[]> = {
  admin: all,
  ingest: ['live', 'quarantine'],
  alerts: ['alerts'],
  api: ['cmd'],
  simulators: ['reading', 'meta', 'status', 'ack'],
}
const subscribes: Record<Role, string[]> = {
  admin: all,
  ingest: [],
  alerts: ['status', 'live'],
  api: ['meta', 'status', 'ack', 'live', 'alerts', 'quarantine'],
  simulators: ['cmd'],
}

describe.each(roles)('role %s', (role) => {
  it.each(Object.entries(topics))('has exactly its rights on %s', (family, topic) => {
    expect(mayPublish(role, topic)).toBe(publishes[role].includes(family))
    expect(maySubscribe(role, topic)).toBe(subscribes[role].includes(family))
  })

  it('is never granted a shared subscription', () => {
    expect(maySubscribe(role, '$share/group/city/v1/live/tay-ninh')).toBe(false)
  })
})
