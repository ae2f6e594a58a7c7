import { Registry } from 'prom-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { failingUnder } from '#alerts/engine/group-monitor.ts'
import { MonitoredSensor } from '#alerts/engine/monitored-sensor.ts'
import { LampOrdersFollower } from '#alerts/lamp-orders-follower.ts'
import { alertsMetrics } from '#alerts/metrics.ts'
import { AlertDigest } from '#alerts/notify/alert-digest.ts'
import { writeMessage } from '#alerts/notify/templates.ts'
import { defaultRules } from '#alerts/rules/default-rules.ts'
import { raise } from '#alerts/state/alarm-state.ts'
import { AlarmStateStore } from '#alerts/state/alarm-state-store.ts'
import { appendLampOrders } from '#storage/lamp-orders.ts'
import { alertSchema, type Commanded } from '#telemetry/alert.ts'
import type { LampOrder } from '#telemetry/command.ts'
import { explainsCause } from '#telemetry/lamp-override.ts'
import { openTestStore, type TestStore, until } from '../api/api-parts.ts'
import { silent } from '../journal/journal-parts.ts'
import { meta, midnight, noon } from './alert-samples.ts'

const ruleOf = (id: string) => {
  const [name, rule] = defaultRules().find(([each]) => each === id) ?? expect.fail(`no rule ${id}`)
  return { ...rule, id: name, version: 1, changedBy: 'nhip', changedAt: noon }
}
const burning = ruleOf('lamp-burning')
const subject = { kind: 'lighting' as const, district: 'tay-ninh', sensors: ['lamp-1'] }
const finding = { value: 80, valueName: 'activePower', unit: 'W' } as const
const command: Commanded = { order: { action: 'on', until: noon + 3_600_000 }, by: 'An', since: noon - 60_000 }

describe('an alert about a lamp that does what it was told', () => {
  it.each([
    ['lamp-burning', { action: 'on' }, true],
    ['lamp-burning', { action: 'dim', level: 0.1 }, true],
    ['lamp-burning', { action: 'off' }, false],
    ['lamp-burning', { action: 'dim', level: 0 }, false],
    ['lamp-dark', { action: 'off' }, true],
    ['lamp-dark', { action: 'on' }, false],
    ['lamp-fault', { action: 'on' }, false],
    ['lampUnexpectedOn', { action: 'on' }, true],
    ['lampUnexpectedOn', { action: 'off' }, false],
    ['lampFailure', { action: 'off' }, true],
    ['lampFailure', { action: 'dim', level: 0.1 }, false],
    ['lampPowerTooLow', { action: 'dim', level: 0.1 }, false],
    ['silence', { action: 'off' }, false],
  ] as const)('%s after %j: %s', (cause, order, expected) => {
    expect(explainsCause({ order, kind: 'lighting' }, cause)).toBe(expected)
  })

  it('is explained by the kind of its sensor: an order explains nothing of a kind that does not say so', () => {
    expect(explainsCause({ order: { action: 'on' }, kind: 'traffic' }, 'lamp-burning')).toBe(false)
  })

  it('keeps its level and says that it is commanded, from its first step on', () => {
    const { alert } = raise({ rule: burning, subject, at: noon, finding, commanded: command, now: noon })
    expect(alertSchema.parse(alert)).toMatchObject({ priority: burning.priority, commanded: command })
  })

  it('says so once it is commanded later, by whoever commanded last, and no longer when that is over', () => {
    const states = new AlarmStateStore()
    states.apply(states.planRaise({ rule: burning, subject, at: noon, finding, now: noon }))
    const [{ id } = expect.fail('none')] = states.all()
    const step = (commanded: Commanded | undefined) => {
      const events = states.planCommands(() => commanded, noon)
      states.apply(events)
      return events.map(({ type }) => type)
    }
    expect(step(undefined)).toEqual([])
    expect(step(command)).toEqual(['commanded'])
    expect(states.get(id)?.commanded).toEqual(command)
    expect(step(command)).toEqual([])
    expect(step({ ...command, by: 'Bình', since: noon })).toEqual(['commanded'])
    expect(step(undefined)).toEqual(['command-ended'])
    expect(states.get(id)).not.toHaveProperty('commanded')
    // it is as it was, and nobody need be told of what is over
    states.apply(states.planClear(id, noon, noon))
    expect(states.planCommands(() => command, noon)).toEqual([])
  })

  it('is told with whose command it is and until when, in both languages, and counted in a flood', () => {
    const digestOf = (count: number) => {
      const digest = new AlertDigest()
      for (let at = 0; at < count; at++) {
        const commanded = at === 0 ? undefined : command
        digest.add(raise({ rule: burning, subject, at: noon, finding, commanded, now: noon }).alert)
      }
      return digest
    }
    const written = (count: number, language: 'vi' | 'en') =>
      writeMessage(digestOf(count), {
        language,
        names: { sensor: () => undefined, place: () => undefined },
        timeZone: 'UTC',
      }).text
    expect(written(2, 'vi')).toMatch(/Theo lệnh của An, đến .*\d\d:\d\d/)
    expect(written(2, 'en')).toMatch(/By command of An, until .*\d\d:\d\d/)
    expect(written(1, 'en')).not.toContain('command')
    expect(written(7, 'vi')).toContain(': 7 (6 theo lệnh điều khiển)')
    expect(written(7, 'en')).toContain(': 7 (6 by command)')
  })
})

it('lamps that are dark by command are no failing group, but silent ones are', () => {
  const group = ruleOf('cabinet-failing')
  if (group.condition.type !== 'group') return expect.fail('no group')
  const rule = { ...group, condition: group.condition }
  const sensors = new Map(
    ['lamp-1', 'lamp-2'].map((sensor) => {
      const lamp = new MonitoredSensor({ sensor, district: 'tay-ninh', kind: 'lighting' }, midnight)
      lamp.meta = meta
      lamp.rules = new Set([rule.id])
      lamp.recordReading({
        kind: 'lighting',
        district: 'tay-ninh',
        sensor,
        ts: midnight,
        values: { powerState: 'off', activePower: 0 },
      })
      lamp.failingSince.set(rule.id, midnight - 3_600_000)
      return [sensor, lamp]
    }),
  )
  const dark = (sensor: string, cause: string) => (sensor === 'lamp-1' && cause === 'lamp-dark' ? command : undefined)
  const failing = (now: number) => failingUnder(rule, sensors, now, dark).map(({ id }) => id)
  expect(failing(midnight)).toEqual(['lamp-2'])
  for (const lamp of sensors.values()) lamp.failingSince.set(rule.id, midnight)
  expect(failing(midnight + 3_600_000)).toEqual(['lamp-1', 'lamp-2'])
})

describe('the orders of lamps that alerts follows', () => {
  let test: TestStore
  let follower: LampOrdersFollower
  const append = (order: LampOrder, since: number) =>
    appendLampOrders(
      test.store,
      [{ sensor: 'lamp-1', district: 'tay-ninh', kind: 'lighting', command: `c-${since}`, order, by: 'An', since }],
      Date.now(),
    )
  beforeEach(async () => {
    test = await openTestStore()
    await append({ action: 'on' }, noon)
    const metrics = alertsMetrics(new Registry())
    follower = await LampOrdersFollower.load({ store: test.store, metrics, log: silent, clock: () => noon })
    follower.start()
  })
  afterEach(async () => {
    await follower.close()
    await test.close()
  })

  it('are known at the start, follow what is stored, and stay while the store is away', async () => {
    expect(follower.commandedOf('lamp-1', 'lamp-burning')).toEqual({ order: { action: 'on' }, by: 'An', since: noon })
    expect(follower.commandedOf('lamp-1', 'lamp-dark')).toBeUndefined()
    expect(follower.commandedOf('lamp-2', 'lamp-burning')).toBeUndefined()
    await append({ action: 'off' }, noon + 1)
    await until('the next order', () => follower.commandedOf('lamp-1', 'lamp-dark'))
    test.down = true
    expect(follower.commandedOf('lamp-1', 'lamp-dark')).toBeDefined()
    test.down = false
    await append({ action: 'automatic' }, noon + 2)
    await until('its end', () => follower.commandedOf('lamp-1', 'lamp-dark') === undefined)
  })
})
