import mqtt from 'mqtt'
import { z } from 'zod'
import { alertsResponse, notificationsResponse } from '#telemetry/alert-rest.ts'
import type { AlertRuleDraft } from '#telemetry/alert-rule.ts'
import { commandRecordSchema, commandsResponse } from '#telemetry/command.ts'
import { quarantineResponse } from '#telemetry/quarantine-rest.ts'
import { sensorsResponse } from '#telemetry/rest.ts'
import { snapshotResponse } from '#telemetry/shift-rest.ts'
import { sensorTopic } from '#telemetry/topics.ts'
import { type AnsweringServer, startAnsweringServer } from '../support/answering-server.ts'
import type { PlatformProcess } from '../support/platform-process.ts'
import { addRules } from './alert-city.ts'

/** A receiver of notifications that takes none. */
export interface RefusingReceiver extends Pick<AnsweringServer, 'close'> {
  /** settings with which a platform tells it of alerts */
  env: { NOTIFY_WEBHOOK_URL: string; NOTIFY_WEBHOOK_SECRET: string }
}

/** Starts one on loopback. It says that it is gone, so that a notification is given up at once and not after all its tries. */
export async function startRefusingReceiver(): Promise<RefusingReceiver> {
  const server = await startAnsweringServer(() => ({ status: 410 }))
  return {
    env: { NOTIFY_WEBHOOK_URL: `${server.url}/gone`, NOTIFY_WEBHOOK_SECRET: 'only-for-a-sample' },
    close: server.close,
  }
}

type Limit = (above: number) => AlertRuleDraft['condition']
const threshold =
  (value: string): Limit =>
  (above) => ({ type: 'threshold', value, above, hysteresis: 0, forSeconds: 0 })

/** Rules that simulated sensors break with any reading they send, and a limit that none reaches. */
const samples: readonly { rule: Omit<AlertRuleDraft, 'condition'>; limit: Limit; broken: number; kept: number }[] = [
  {
    rule: {
      ...{ enabled: true, priority: 1, notify: 'always' },
      name: { vi: 'Nhiệt độ cao (quy tắc mẫu)', en: 'High temperature (sample rule)' },
      scope: { kind: 'air-quality', sensors: ['tay-ninh-air-quality-001', 'hoa-thanh-air-quality-001'] },
    },
    ...{ limit: threshold('temperature'), broken: 15, kept: 80 },
  },
  {
    rule: {
      ...{ enabled: true, priority: 2, notify: 'never' },
      name: { vi: 'Điện áp cao (quy tắc mẫu)', en: 'High voltage (sample rule)' },
      scope: { kind: 'lighting', sensors: ['tay-ninh-lighting-001', 'hoa-thanh-lighting-001'] },
    },
    ...{ limit: threshold('voltage'), broken: 210, kept: 400 },
  },
  {
    rule: {
      ...{ enabled: true, priority: 3, notify: 'never' },
      name: { vi: 'Độ ẩm cao (quy tắc mẫu)', en: 'High humidity (sample rule)' },
      scope: { kind: 'air-quality', sensors: ['tay-ninh-air-quality-002'] },
    },
    ...{ limit: threshold('relativeHumidity'), broken: 0.1, kept: 0.99 },
  },
]

/** ms within which each step shows */
const patienceMs = 60_000

/** Asks a platform over REST, as its admin; rejects when it refuses. */
function askOf(platform: PlatformProcess) {
  return async (path: string, method = 'GET', body?: unknown): Promise<unknown> => {
    const headers = {
      authorization: `Bearer ${platform.adminToken}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    }
    const request = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) }
    const answer = await fetch(`${platform.url}/api/v1${path}`, request)
    if (!answer.ok) throw new Error(`${method} ${path} was answered ${answer.status}: ${await answer.text()}`)
    return answer.json()
  }
}

/** Asks until what comes is as it should be. */
async function untilShown<Schema extends z.ZodType>(
  ask: ReturnType<typeof askOf>,
  schema: Schema,
  path: string,
  isThere: (found: z.output<Schema>) => boolean,
): Promise<z.output<Schema>> {
  for (const deadline = Date.now() + patienceMs; ; ) {
    const found = schema.parse(await ask(path))
    if (isThere(found)) return found
    if (Date.now() > deadline) throw new Error(`${path} does not show what should have happened`)
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}

/** Waits until the platform knows these sensors, which it does soon after its start. */
const untilKnown = (ask: ReturnType<typeof askOf>, ids: readonly string[]) =>
  untilShown(ask, sensorsResponse, '/sensors', ({ features }) =>
    ids.every((id) => features.some((feature) => feature.id === id)),
  )

/** Lets a shift begin, note something and be handed over, and the next one note something. */
export async function handOverShift(platform: PlatformProcess): Promise<void> {
  const ask = askOf(platform)
  const lamp = 'tay-ninh-lighting-001'
  await untilKnown(ask, [lamp])
  await ask('/shift-log/duty', 'POST', { step: 'begin' })
  const attachment = { type: 'area', district: 'tay-ninh' }
  const note = await ask('/shift-log/notes', 'POST', { text: 'Mẫu: mất điện 10 phút ở khu vực chợ', attachment })
  const corrects = z.object({ id: z.string() }).parse(note).id
  await ask('/shift-log/corrections', 'POST', { corrects, text: 'Mẫu: mất điện 20 phút ở khu vực chợ' })
  const { snapshot, seal } = snapshotResponse.parse(await ask('/shift-log/snapshot'))
  await ask('/shift-log/hand-overs', 'POST', { snapshot, seal, comment: 'Mẫu: đã rõ' })
  await ask('/shift-log/notes', 'POST', {
    text: 'Mẫu: đã cử tổ cây xanh',
    attachment: { type: 'sensor', id: lamp },
  })
}

/** Commands lamps by hand, until one at least obeys: some are deaf. */
export async function overrideLamps(platform: PlatformProcess): Promise<void> {
  const ask = askOf(platform)
  const sensors = ['tay-ninh-lighting-001', 'tay-ninh-lighting-002', 'hoa-thanh-lighting-001']
  await untilKnown(ask, sensors)
  const request = { sensors, order: { action: 'dim', level: 0.6 }, comment: 'Mẫu: thử đèn sau khi thay bóng' }
  const { id } = commandRecordSchema.parse(await ask('/commands', 'POST', request))
  const hasObeyed = ({ commands }: z.output<typeof commandsResponse>) =>
    commands.some(
      (record) => record.id === id && Object.values(record.lamps).some(({ state }) => state === 'acknowledged'),
    )
  await untilShown(ask, commandsResponse, '/commands', hasObeyed)
}

/**
 * Lets something happen in the simulated city, which is well otherwise: alerts that are raised and handled and end, one that goes on, a
 * notification that nobody takes (with the settings of a {@link RefusingReceiver}), lamps under manual control, a shift that is handed over, and messages that do not validate.
 */
export async function letThingsHappen(platform: PlatformProcess): Promise<void> {
  const ask = askOf(platform)
  /** of now and later */
  const history = `/alerts?from=${Date.now()}`
  const count = samples.flatMap(({ rule }) => rule.scope.sensors ?? []).length

  const rules = await addRules(
    platform,
    samples.map(({ rule, limit, broken }) => ({ ...rule, condition: limit(broken) })),
  )
  // the city has alerts of its own in a rush hour
  const ours = ({ alerts }: z.output<typeof alertsResponse>) =>
    alerts.filter(({ rule }) => rules.some(({ id }) => id === rule))
  const raised = await untilShown(ask, alertsResponse, history, (found) => ours(found).length === count)
  const idsOf = (priority: number) => ours(raised).flatMap((alert) => (alert.priority === priority ? [alert.id] : []))
  await ask('/alerts/acknowledge', 'POST', { ids: idsOf(1).slice(0, 1), comment: 'Mẫu: đã gọi tổ trực' })
  await ask('/alerts/shelve', 'POST', { ids: idsOf(2).slice(0, 1), minutes: 60, comment: 'Mẫu: chờ điện lực' })
  // the voltage stays beyond its limit
  for (const [at, { rule, limit, kept }] of samples.entries())
    if (rule.priority !== 2)
      await ask(`/alert-rules/${rules[at]?.id}`, 'PUT', { version: 1, rule: { ...rule, condition: limit(kept) } })
  await overrideLamps(platform)
  await handOverShift(platform)
  await sendWrongMessages(platform)
  await tryWrongPassword(platform)
  await untilShown(ask, alertsResponse, history, (found) =>
    ours(found).every(({ priority, clearedAt }) => (clearedAt === undefined) === (priority === 2)),
  )
  await untilShown(ask, notificationsResponse, '/notifications', ({ total }) => total > 0)
  await untilShown(ask, quarantineResponse, '/quarantine', ({ total }) => total === wrongMessages.length)
}

/** What a station that is set up wrong might send. */
const wrongMessages = [
  '{"ts":1763900000000,"pm25":"18.4"}',
  '{"ts":"2026-11-26T10:00:00+07:00","pm25":18.4}',
  '{"pm25":18.4',
]

async function sendWrongMessages({ mqttPort, adminToken }: PlatformProcess): Promise<void> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${mqttPort}`, {
    ...{ protocolVersion: 4, username: 'admin', password: adminToken },
  })
  const topic = sensorTopic({ ...{ district: 'tay-ninh', kind: 'air-quality', sensor: 'sample' }, channel: 'reading' })
  for (const message of wrongMessages) await client.publishAsync(topic, message, { qos: 1 })
  await client.endAsync()
}

/** A lamp that nobody has added. */
async function tryWrongPassword({ mqttPort }: PlatformProcess): Promise<void> {
  const options = { username: 'lamp-of-nobody', password: 'a guess', clientId: 'esp32-4f1c', reconnectPeriod: 0 }
  await mqtt.connectAsync(`mqtt://127.0.0.1:${mqttPort}`, { ...options, protocolVersion: 4 }).catch(() => {}) // refused
}
