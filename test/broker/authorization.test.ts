import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ClientRights, type Identity, type Role, rights, rightsOf } from '#broker/auth/authorization.ts'
import { type Family, families, familyOf, familyOfFilter, reservedDistricts } from '#broker/auth/topic-families.ts'

const own = { district: 'tay-ninh', kind: 'traffic' as const, user: 'real-1' }
const topicsOf = (district: string, kind: string, sensor: string) => `city/v1/${district}/${kind}/${sensor}`

/** Whose topics: a sensor's own, those of another sensor with a credential, those of a simulated one. */
const roots = {
  own: topicsOf(own.district, own.kind, own.user),
  'another real sensor’s': topicsOf(own.district, own.kind, 'real-2'),
  'a simulated sensor’s': topicsOf(own.district, own.kind, 'simulated-1'),
  'own id in another district’s': topicsOf('hoa-thanh', own.kind, own.user),
  'own id in another kind’s': topicsOf(own.district, 'lighting', own.user),
}
type Whose = keyof typeof roots | 'the platform’s'
const hasCredential = (id: string) => id.startsWith('real-')

const sensorFamilies = ['reading', 'meta', 'status', 'cmd', 'ack'] as const satisfies Family[]
const samples: [Whose, Family, string][] = [
  ...sensorFamilies.flatMap((family) =>
    Object.entries(roots).map(([whose, root]): [Whose, Family, string] => [
      whose as Whose, // a key of roots
      family,
      `${root}/${family}`,
    ]),
  ),
  ['the platform’s', 'live', 'city/v1/live/tay-ninh'],
  ['the platform’s', 'live', 'city/v1/live/traffic/x/reading'],
  ['the platform’s', 'alerts', 'city/v1/alerts/sample'],
  ['the platform’s', 'alert-request', 'city/v1/alerts/request'],
  ['the platform’s', 'quarantine', 'city/v1/quarantine'],
  ['the platform’s', 'diagnostics', 'city/v1/diagnostics/refusals'],
  ['the platform’s', 'other', 'other/topic'],
  ['the platform’s', 'other', 'city/v1/tay-ninh/traffic/real-1/other'],
  ['the platform’s', 'system', '$SYS/broker/uptime'],
  ['the platform’s', 'system', '$share/group/city/v1/live/tay-ninh'],
]

/** What each role may, written down a second time: whose → families. */
const simulated: Partial<Record<Whose, Family[]>> = { 'a simulated sensor’s': ['reading', 'meta', 'status', 'ack'] }
const all = Object.fromEntries(
  [...Object.keys(roots), 'the platform’s'].map((whose) => [whose, families.filter((name) => name !== 'system')]),
)
const everyones = (list: Family[]) => Object.fromEntries(Object.keys(all).map((whose) => [whose, list]))
const publishes: Record<Role, Partial<Record<Whose, Family[]>>> = {
  admin: Object.fromEntries(
    Object.entries(all).map(([whose, list]) => [whose, list.filter((name) => name !== 'diagnostics')]),
  ),
  ingest: everyones(['live', 'quarantine']),
  alerts: everyones(['alerts']),
  api: everyones(['cmd', 'alert-request']),
  simulators: simulated,
  sensor: { own: ['reading', 'meta', 'status', 'ack'] },
}
const subscribes: Record<Role, Partial<Record<Whose, Family[]>>> = {
  admin: all,
  ingest: everyones(['meta', 'status']),
  alerts: everyones(['meta', 'status', 'live', 'alert-request']),
  api: everyones(['meta', 'status', 'ack', 'live', 'alerts', 'quarantine', 'diagnostics']),
  simulators: { 'a simulated sensor’s': ['cmd'] },
  sensor: { own: ['cmd'] },
}
const identityOf = (role: Role): Identity => (role === 'sensor' ? { role, ...own } : { role, user: role })
const rightsFor = (role: Role): ClientRights => rightsOf(identityOf(role), hasCredential)
const allRoles = Object.keys(rights) as Role[] // the keys of a Record

describe.each(allRoles)('role %s', (role) => {
  it.each(samples)('has exactly its rights on %s %s: %s', (whose, family, topic) => {
    const may = rightsFor(role)
    const mayPublish = publishes[role][whose]?.includes(family) ?? false
    expect([may.mayPublish(topic), may.mayPublish(topic)]).toEqual([mayPublish, mayPublish])
    expect(may.maySubscribe(topic)).toBe(subscribes[role][whose]?.includes(family) ?? false)
  })

  it.each(sensorFamilies)('reaches the %s of all sensors with a wildcard only if it may reach each', (family) => {
    const reachesAll = Object.keys(roots).every((whose) => subscribes[role][whose as Whose]?.includes(family)) // a key of roots
    const may = rightsFor(role)
    for (const filter of [`city/v1/+/+/+/${family}`, `city/v1/tay-ninh/traffic/+/${family}`])
      expect(may.maySubscribe(filter)).toBe(reachesAll)
  })

  it.each(['#', 'city/#', 'city/v1/#', 'city/v1/+/+/+/+', 'city/v1/tay-ninh/traffic/real-1/#', '+/v1/+/+/+/cmd'])(
    'is granted %s only as admin',
    (filter) => {
      expect(rightsFor(role).maySubscribe(filter)).toBe(role === 'admin')
    },
  )
})

describe('the family of a filter', () => {
  const level = fc.constantFrom(
    'city',
    'v1',
    'live',
    'alerts',
    'request',
    'quarantine',
    'diagnostics',
    'tay-ninh',
    'traffic',
    'x',
    'reading',
    'cmd',
  )
  const topics = fc.array(level, { minLength: 1, maxLength: 7 })
  const matches = (filter: string[], topic: string[]): boolean =>
    filter.every((name, at) => name === '#' || (at < topic.length && (name === '+' || name === topic[at]))) &&
    (filter.at(-1) === '#' ? topic.length >= filter.length - 1 : topic.length === filter.length)

  it('is that of every sensor’s or platform topic it matches, or other', () => {
    fc.assert(
      fc.property(topics, fc.array(fc.nat({ max: 5 }), { maxLength: 7 }), fc.boolean(), (topic, wild, open) => {
        const filter: string[] = topic.map((name, at) => (wild[at] === 0 ? '+' : name))
        if (open) filter.splice(Math.max(0, filter.length - 1), 1, '#')
        expect(matches(filter, topic)).toBe(true)
        // a district has no name of the platform, so nobody but the platform publishes there
        fc.pre(filter[2] !== '+' || !reservedDistricts.includes(topic[2] ?? ''))
        const family = familyOfFilter(filter.join('/'))
        const found = familyOf(topic.join('/'))
        // a malformed topic of a sensor is nobody's channel, and goes nowhere but to quarantine
        if (family !== 'other' && found !== 'other') expect(found).toBe(family)
      }),
      { numRuns: 2_000 },
    )
  })
})
