import { randomUUID } from 'node:crypto'
import {
  type Acknowledgement,
  type Command,
  type CommandRecord,
  type CommandRequest,
  type Delivery,
  isOver,
  maxOrderMs,
} from '#telemetry/command.ts'
import { kindOf } from '#telemetry/kinds.ts'
import { type SensorTopic, sensorTopic } from '#telemetry/topics.ts'
import type { Actor, AuditLog } from '../audit-log/audit-log.ts'
import type { ApiMetrics } from '../metrics.ts'
import type { PlatformHealth } from '../platform-health.ts'
import type { SensorRegistry } from '../sensors/sensor-registry.ts'
import { ApiProblem } from '../server/problems.ts'

/** ms a lamp has to answer unless told otherwise */
const defaultAnswerMs = 10_000

/** lamps whose answer is awaited at once, over all commands; more commands are refused */
const maxAwaited = 5_000

/** commands remembered for the screens; the audit log keeps them all */
const maxRecent = 50

/** characters of a lamp's reason that the audit log keeps: with the longest ids the event stays under 64 kB */
const maxAuditReason = 40

interface LampCommandsParts {
  sensors: SensorRegistry
  health: PlatformHealth
  auditLog: AuditLog
  metrics: ApiMetrics
  clock: () => number
  /** ms a lamp has to answer */
  answerMs: number | undefined
}

/** The way to the lamps and to the screens. */
export interface CommandTransport {
  /** Sends to a topic at once or rejects: a command must not arrive later than somebody waits for it. */
  send(topic: string, payload: string): Promise<void>
  /** Tells the screens of lamps whose delivery has changed. */
  tell(progress: CommandRecord): void
}

/** A command some of whose lamps have not answered. */
interface Open {
  record: CommandRecord
  actor: Actor
  /** lamps that have not answered */
  awaited: Set<string>
  /** performance.now() at which it was sent */
  sentAt: number
  timer: NodeJS.Timeout | undefined
}

/** ids that a refusal names; of further ones the number */
const maxNamed = 3

const someOf = (ids: readonly string[]) => ({
  ids: ids.slice(0, maxNamed),
  more: Math.max(0, ids.length - maxNamed),
})

/** Commands to lamps: sent at once, each answered by its lamp or given up after a while, all in the audit log. */
export class LampCommands {
  readonly #parts: LampCommandsParts
  readonly #open = new Map<string, Open>()
  #recent: CommandRecord[] = []
  #awaited = 0
  #link: CommandTransport | undefined

  constructor(parts: LampCommandsParts) {
    this.#parts = parts
    parts.metrics.commandsAwaitedLimit.set(maxAwaited)
  }

  /** Commands can be given from now on. */
  connect(link: CommandTransport): void {
    this.#link = link
  }

  /** The newest first. */
  recent(): readonly CommandRecord[] {
    return this.#recent
  }

  /**
   * Sends an order to lamps. The audit log has it before the first lamp does. Resolves when it is on its way; answers are
   * told to the screens. Rejects with ApiProblem when not one lamp was sent anything.
   */
  async give(actor: Actor, request: CommandRequest): Promise<CommandRecord> {
    const topics = this.#check(request)
    const { order, comment, sensors } = request
    const id = randomUUID()
    const lamps = Object.fromEntries(sensors.map((sensor): [string, Delivery] => [sensor, { state: 'sent' }]))
    const at = this.#parts.clock()
    const record: CommandRecord = { id, at, by: actor.who, order, ...(comment ? { comment } : {}), lamps }
    // reserved before anything is awaited, so that the bound holds for commands given at the same time
    this.#await(sensors.length)
    const target = sensors.length === 1 ? (sensors[0] ?? '') : `${sensors.length} lamps`
    const detail = { command: id, order, ...(comment ? { comment } : {}), lamps: sensors }
    await this.#parts.auditLog.record({ ...actor, at, what: 'lamps.command', target, detail })
    this.#recent = [record, ...this.#recent].slice(0, maxRecent)
    const open: Open = { record, actor, awaited: new Set(sensors), sentAt: performance.now(), timer: undefined }
    this.#open.set(id, open)
    open.timer = setTimeout(() => this.#giveUp(open), this.#parts.answerMs ?? defaultAnswerMs)
    this.#link?.tell(record)
    this.#send(open, topics, { id, ...order })
    return record
  }

  /** A lamp has answered. An answer that nobody awaits any more is counted. */
  take(sensor: string, answer: Acknowledgement): void {
    const open = this.#open.get(answer.id)
    if (!open?.awaited.has(sensor)) {
      this.#parts.metrics.commandAnswers.inc({ outcome: 'not-awaited' })
      return
    }
    const afterMs = Math.max(0, Math.round(performance.now() - open.sentAt))
    this.#settle(
      open,
      sensor,
      answer.ok ? { state: 'acknowledged', afterMs } : { state: 'refused', reason: answer.error },
    )
  }

  /** Gives up what is still awaited, in the audit log too. Idempotent. */
  async close(): Promise<void> {
    this.#link = undefined
    await Promise.all([...this.#open.values()].map((open) => this.#giveUp(open)))
  }

  /** Where the command goes to. @throws ApiProblem when it cannot be given */
  #check({ sensors, order }: CommandRequest): Map<string, string> {
    const { clock, health, sensors: registry } = this.#parts
    const unknown = sensors.filter((id) => !registry.get(id))
    if (unknown.length > 0) throw new ApiProblem('UNKNOWN_SENSOR', { code: 'NO_SUCH_SENSORS', params: someOf(unknown) })
    const states = sensors.flatMap((id) => registry.get(id) ?? [])
    const others = states.filter(({ kind }) => !kindOf(kind).takesCommands).map(({ id }) => id)
    if (others.length > 0) throw new ApiProblem('NOT_A_LAMP', { code: 'NOT_LAMPS', params: someOf(others) })
    const until = order.action === 'automatic' ? undefined : order.until
    const now = clock()
    if (until !== undefined && (until <= now || until > now + maxOrderMs))
      throw new ApiProblem('INVALID_REQUEST', {
        path: 'order.until',
        code: 'NOT_IN_NEXT_DAYS',
        params: { days: maxOrderMs / 86_400_000 },
      })
    if (!this.#link || !health.now.broker) throw new ApiProblem('UNREACHABLE', { code: 'BROKER_AWAY', params: {} })
    if (this.#awaited + sensors.length > maxAwaited)
      throw new ApiProblem('BUSY', { code: 'LAMPS_WAITING', params: { lamps: this.#awaited } })
    return new Map(
      states.map(({ id, district, kind }) => {
        const of: SensorTopic = { district, kind, sensor: id, channel: 'cmd' }
        return [id, sensorTopic(of)]
      }),
    )
  }

  #send(open: Open, topics: ReadonlyMap<string, string>, command: Command): void {
    const payload = JSON.stringify(command)
    for (const [sensor, topic] of topics)
      this.#link?.send(topic, payload).catch(() => {
        if (open.awaited.has(sensor)) this.#settle(open, sensor, { state: 'unsent' })
      })
  }

  #settle(open: Open, sensor: string, delivery: Delivery): void {
    open.awaited.delete(sensor)
    this.#await(-1)
    open.record.lamps[sensor] = delivery
    this.#parts.metrics.commandAnswers.inc({ outcome: delivery.state })
    this.#link?.tell({ ...open.record, lamps: { [sensor]: delivery } })
    if (open.awaited.size === 0) void this.#finish(open)
  }

  /** The lamps that have not answered will not. */
  async #giveUp(open: Open): Promise<void> {
    const silent = [...open.awaited]
    open.awaited.clear()
    this.#await(-silent.length)
    for (const sensor of silent) open.record.lamps[sensor] = { state: 'timed-out' }
    this.#parts.metrics.commandAnswers.inc({ outcome: 'timed-out' }, silent.length)
    const lamps = Object.fromEntries(silent.map((sensor): [string, Delivery] => [sensor, { state: 'timed-out' }]))
    this.#link?.tell({ ...open.record, lamps })
    await this.#finish(open)
  }

  /** Every lamp has answered or been given up: the audit log gets the outcome. */
  async #finish({ record, actor, timer }: Open): Promise<void> {
    clearTimeout(timer)
    this.#open.delete(record.id)
    const all = Object.entries(record.lamps).filter(([, delivery]) => isOver(delivery))
    const named = (state: Delivery['state']) => all.flatMap(([id, delivery]) => (delivery.state === state ? [id] : []))
    const refused = all.flatMap(([id, delivery]) =>
      delivery.state === 'refused' ? [[id, delivery.reason.slice(0, maxAuditReason)]] : [],
    )
    const detail = {
      command: record.id,
      acknowledged: named('acknowledged').length,
      timedOut: named('timed-out'),
      unsent: named('unsent'),
      refused: Object.fromEntries(refused),
    }
    const target = all.length === 1 ? (all[0]?.[0] ?? '') : `${all.length} lamps`
    await this.#parts.auditLog.record({ ...actor, what: 'lamps.command.outcome', target, detail })
  }

  #await(change: number): void {
    this.#awaited += change
    this.#parts.metrics.commandsAwaited.set(this.#awaited)
  }
}
