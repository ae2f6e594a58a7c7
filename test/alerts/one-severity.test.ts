import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ClockEvaluator } from '#alerts/evaluators/clock-evaluator.ts'
import { createEvaluator, isReadingCondition } from '#alerts/evaluators/create-evaluator.ts'
import { AlertDigest } from '#alerts/notify/alert-digest.ts'
import { emailChannel } from '#alerts/notify/email.ts'
import { writeMessage } from '#alerts/notify/templates.ts'
import { webhookChannel } from '#alerts/notify/webhook.ts'
import { defaultRules } from '#alerts/rules/default-rules.ts'
import { raise } from '#alerts/state/alarm-state.ts'
import { type Alert, alertSchema } from '#telemetry/alert.ts'
import { commandedWords } from '#telemetry/glossary/lamp-override.ts'
import { priorityMarks } from '#telemetry/glossary/priority.ts'
import { type Kind, type KindCause, kindOf, kinds } from '#telemetry/kinds.ts'
import { explainsCause, type LampOverride } from '#telemetry/lamp-override.ts'
import { type Reading, readingSchema } from '#telemetry/reading.ts'
import type { Values } from '#telemetry/reading-parts.ts'
import { type Finding, type Severity, severities, severitiesOf } from '#telemetry/severity.ts'
import { countListed, rowsOf, sortAlerts } from '../../dashboard/src/alerts/alert-order.ts'
import { SensorRegistry } from '../../dashboard/src/live/sensor-registry.ts'
import { markOf } from '../../dashboard/src/map/mark-of-sensor.ts'
import { commandedEnding, commandedFindingWords } from '../../dashboard/src/sensor/finding-words.ts'
import { type AnsweringServer, startAnsweringServer } from '../support/answering-server.ts'
import { type MailServer, startMailServer, textOfMail } from '../support/mail-server.ts'
import { midnight, minuteMs, noon, meta as sampleMeta } from './alert-samples.ts'

const meta = { ...sampleMeta, warningLevel1: 2, warningLevel2: 2.5, warningLevel3: 3 }
const place = { district: 'tay-ninh', sensor: 'sample-1' }

/** What a sensor measures each minute until it is alerted, or for two hours. */
interface Story {
  kind: Kind
  from: number
  values(minute: number): Values
  /** severity of the alert that the default rules make of it; absent where it stays a notice */
  alert?: Severity
}
const always = (kind: Kind, from: number, values: Values, alert?: Severity): Story => ({
  ...{ kind, from, values: () => values },
  ...(alert && { alert }),
})
const burning = (activePower: number) => ({ powerState: 'on', illuminanceLevel: 1, activePower })

/** For every finding of every kind: a new one is not typed without its story. */
const stories: Readonly<Record<KindCause, readonly Story[]>> = {
  // a speed that never moves is another alert
  slow: [{ kind: 'traffic', from: noon, values: (minute) => ({ averageVehicleSpeed: 30 + (minute % 2) }) }],
  jammed: [always('traffic', noon, { averageVehicleSpeed: 10 }, 2)],
  lampFailure: [always('lighting', midnight, { powerState: 'on', activePower: 0 }, 2)],
  lampUnexpectedOn: [always('lighting', noon, burning(100), 3)],
  lampPowerTooHigh: [always('lighting', midnight, burning(130), 3)],
  lampPowerTooLow: [always('lighting', midnight, burning(60), 3)],
  fault: (['lamp', 'driver', 'supply'] as const).map((fault) =>
    always('lighting', noon, { powerState: 'off', activePower: 0, fault }, 2),
  ),
  pm25: [always('air-quality', noon, { pm25: 60 }), always('air-quality', noon, { pm25: 160 }, 2)],
  warningLevel1: [always('water-level', noon, { level: 2.1 }, 2)],
  warningLevel2: [always('water-level', noon, { level: 2.6 }, 1)],
  warningLevel3: [always('water-level', noon, { level: 3.1 }, 1)],
  rising: [{ kind: 'water-level', from: noon, values: (minute) => ({ level: minute * 0.01 }), alert: 2 }],
}
const walked = Object.entries(stories).flatMap(([cause, each]) =>
  each.map((story) => ({ cause, story, kind: story.kind, said: JSON.stringify(story.values(0)) })),
)

/** The alerts that the default rules about a kind make of readings: of each rule the first. */
function watch(kind: Kind) {
  const rules = defaultRules().filter(([, { scope }]) => scope.kind === kind)
  const evaluators = rules.flatMap(([id, rule]) =>
    isReadingCondition(rule.condition) ? [{ rule: { ...rule, id }, evaluator: createEvaluator(rule.condition) }] : [],
  )
  return (reading: Reading): Alert[] =>
    evaluators.flatMap(({ rule, evaluator }) => {
      const transition = evaluator.evaluate(reading, meta)
      if (transition?.type !== 'raise') return []
      const subject = { kind, district: place.district, sensors: [place.sensor], ward: meta.ward }
      const { at, finding } = transition
      return [alertSchema.parse(raise({ rule, subject, at, finding, now: at }).alert)]
    })
}

/** The language of a page whose times are written in UTC, as those of the messages are. */
const wording = {
  language: 'vi' as const,
  commanded: ({ by, order: { until } }: Pick<LampOverride, 'by' | 'order'>) =>
    commandedWords(by, until === undefined ? undefined : new Date(until).toISOString().slice(11, 16), 'vi'),
}

/** A page that knows one sensor. */
function openPage(kind: Kind, clock?: { offMs: number; at: number }) {
  const registry = new SensorRegistry()
  registry.setStatus({ id: place.sensor, district: place.district, kind, meta, ...(clock && { clock }) })
  return registry
}

describe('one severity of one thing', () => {
  let hook: AnsweringServer
  let mail: MailServer
  beforeAll(async () => {
    hook = await startAnsweringServer(() => ({ status: 204 }))
    mail = await startMailServer('a-secret-of-this-test')
  })
  afterAll(async () => {
    await hook.close()
    await mail.close()
  })

  /** The severity that the signs in a text are of. */
  const signOf = (text: string) => severities.filter((severity) => text.includes(priorityMarks[severity]))

  /** What e-mail and webhook say of an alert. */
  async function told(alert: Alert) {
    const digest = new AlertDigest()
    digest.add(alert)
    const names = { sensor: () => undefined, place: () => undefined }
    const { subject, text } = writeMessage(digest, { language: 'vi', names, timeZone: 'UTC' })
    hook.requests.length = 0
    mail.mails.length = 0
    const channels = [
      webhookChannel({ url: hook.url, secret: 'a-secret-of-this-test' }),
      emailChannel({ url: mail.url, from: 'nhip@tayninh.example', to: 'truc@tayninh.example' }),
    ]
    for (const channel of channels) {
      await channel.deliver({
        ...{ id: 'm-1', channel: channel.name, at: alert.raisedAt, subject, text },
        ...{ alerts: digest.mostUrgent(), total: digest.total },
      })
      channel.close()
    }
    const posted = JSON.parse(hook.requests[0]?.body ?? '{}') as { subject: string; alerts: Alert[] }
    expect(signOf(posted.subject)).toEqual([posted.alerts[0]?.priority])
    return { webhook: posted.alerts[0]?.priority, email: signOf(textOfMail(mail.mails[0] ?? ''))[0] }
  }

  /** What the four places of the page say of the one sensor. */
  function shown(registry: SensorRegistry, alerts: readonly Alert[]) {
    registry.setAlerts(severitiesOf(alerts))
    const standing = registry.standing(place.sensor)
    const mark = markOf(standing, { clock: () => '', commanded: (override) => commandedEnding(override, wording) })
    expect(mark?.icon.startsWith(String(mark.severity))).toBe(true)
    const sorted = sortAlerts(alerts)
    const counts = countListed(sorted)
    const [first] = rowsOf([...sorted.unacknowledged, ...sorted.watched])
    return {
      ...{ map: mark?.severity, list: standing.severity, cause: standing.finding?.cause },
      ...{ header: severities.find((severity) => counts[severity] > 0), rail: first?.alerts[0].priority },
    }
  }

  const asNotice = (cause: Finding['cause']) => ({ map: 3, list: 3, cause, header: undefined, rail: undefined })
  const asAlert = (cause: Finding['cause'], severity: Severity) => ({
    ...{ map: severity, list: severity, cause, header: severity, rail: severity },
  })

  it('is walked for every finding of every kind', () => {
    for (const kind of kinds)
      for (const cause of kindOf(kind).causes)
        expect(
          stories[cause].map((story) => story.kind),
          cause,
        ).toContain(kind)
  })

  it.each(walked)(
    '$kind: $cause by $said, on map, list, header, rail, e-mail and webhook',
    async ({ cause, story, kind }) => {
      const registry = openPage(kind)
      const evaluate = watch(kind)
      const alerts: Alert[] = []
      let wasNotice = false
      for (let minute = 0; minute <= 120 && alerts.length === 0; minute++) {
        const ts = story.from + minute * minuteMs
        const reading = readingSchema.parse({ kind, ...place, ts, values: story.values(minute) })
        registry.advance(ts)
        registry.mergeReading({ reading, arrivedAt: ts })
        alerts.push(...evaluate(reading))
        if (alerts.length > 0 || registry.standing(place.sensor).finding === undefined) continue
        expect(shown(registry, alerts)).toEqual(asNotice(cause as KindCause))
        wasNotice = true
      }
      // a level that is reached includes those below
      const [alert] = alerts.sort((a, b) => a.priority - b.priority)
      expect(alert?.priority).toBe(story.alert)
      // what an alert is made of at once is never a mere notice
      expect(wasNotice || cause === 'rising').toBe(true)
      if (!alert || story.alert === undefined) return
      expect(shown(registry, alerts)).toEqual(asAlert(cause as KindCause, story.alert))
      expect(await told(alert)).toEqual({ webhook: story.alert, email: story.alert })
    },
  )

  it.each(kinds)('%s: a wrong clock', async (kind) => {
    const clock = { offMs: 600_000, at: noon }
    const registry = openPage(kind, clock)
    registry.advance(noon)
    expect(shown(registry, [])).toEqual(asNotice('clock'))
    const [id, rule] =
      defaultRules().find(([, { scope, condition }]) => scope.kind === kind && condition.type === 'clock') ??
      expect.fail('no rule about its clock')
    if (rule.condition.type !== 'clock') return
    const transition = new ClockEvaluator(rule.condition).evaluate(clock, noon)
    if (transition?.type !== 'raise') return expect.fail('not raised')
    const subject = { kind, district: place.district, sensors: [place.sensor] }
    const { finding } = transition
    const { alert } = raise({ rule: { ...rule, id }, subject, at: noon, finding, now: noon })
    expect(shown(registry, [alert])).toEqual(asAlert('clock', rule.priority))
    expect(await told(alert)).toEqual({ webhook: rule.priority, email: rule.priority })
  })

  it.each([
    ['lampUnexpectedOn', { action: 'on' }],
    ['lampFailure', { action: 'off' }],
  ] as const)(
    '%s by the command %j: map, list, panel, rail, e-mail and webhook say whose and until when',
    async (cause, { action }) => {
      const story = stories[cause][0] ?? expect.fail('no story')
      const until = story.from + 5 * 3_600_000
      const override: LampOverride = {
        ...{ ...place, kind: story.kind, command: 'c', order: { action, until }, by: 'An', since: story.from - 1 },
      }
      const registry = openPage(story.kind)
      registry.setOverrides(new Map([[place.sensor, override]]))
      const evaluate = watch(story.kind)
      const alerts: Alert[] = []
      for (let minute = 0; minute <= 120 && alerts.length === 0; minute++) {
        const ts = story.from + minute * minuteMs
        const reading = readingSchema.parse({ kind: story.kind, ...place, ts, values: story.values(minute) })
        registry.advance(ts)
        registry.mergeReading({ reading, arrivedAt: ts })
        alerts.push(...evaluate(reading))
        // a notice and an alert say it in the same words
        const standing = registry.standing(place.sensor)
        const mark = markOf(standing, { clock: () => '', commanded: (of) => commandedEnding(of, wording) })
        expect(mark?.commanded).toBe(`, ${wording.commanded(override)}`)
        expect(commandedFindingWords(standing, wording)).toContain(wording.commanded(override))
      }
      const [alert = expect.fail('no alert')] = alerts
      expect(explainsCause(override, alert.cause)).toBe(true)
      const digest = new AlertDigest()
      const { order, by, since } = override
      digest.add({ ...alert, commanded: { order, by, since } })
      const names = { sensor: () => undefined, place: () => undefined }
      // what e-mail and webhook are given
      const { text } = writeMessage(digest, { language: 'vi', names, timeZone: 'UTC' })
      expect(text).toMatch(/Theo lệnh của An, đến .*\d\d:\d\d/)
      expect(wording.commanded({ by, order })).toMatch(/theo lệnh của An, đến \d\d:\d\d/)
      // once the command is over it is no reason any more
      registry.setOverrides(new Map())
      expect(commandedFindingWords(registry.standing(place.sensor), wording)).toBe('')
    },
  )

  it('a group of many sensors is one alert in header and rail, and marks each of them', () => {
    const [id, rule] = defaultRules().find(([, { condition }]) => condition.type === 'group') ?? expect.fail('none')
    const sensors = Array.from({ length: 12 }, (_, at) => `lamp-${at}`)
    const subject = { kind: 'lighting' as const, district: place.district, sensors }
    const { alert } = raise({ rule: { ...rule, id }, subject, at: noon, finding: { unit: '' }, now: noon })
    expect(countListed(sortAlerts([alert]))).toEqual({ 1: 1, 2: 0, 3: 0 })
    expect([...severitiesOf([alert])]).toEqual(sensors.map((sensor) => [sensor, 1]))
  })
})
