import { randomUUID } from 'node:crypto'
import type { Acknowledgement, Command, CommandRecord, CommandRequest, Delivery } from '#telemetry/command.ts'
import type { Actor, AuditLog } from '../audit-log/audit-log.ts'
import type { ApiMetrics } from '../metrics.ts'
import type { PlatformHealth } from '../platform-health.ts'
import type { SensorRegistry } from '../sensors/sensor-registry.ts'
import { checkCommand, maxAwaited } from './command-checks.ts'
import { commandEntry, outcomeEntry } from './command-entries.ts'
import type { LampOverrides } from './lamp-overrides.ts'
import { resolveOrderEnd } from './order-end.ts'

/** ms a lamp has to answer by default: after this timeout the command counts as not answered */
const defaultAnswerMs = 10_000

/** commands remembered for the screens; the audit log keeps them all */
const maxRecent = 50

interface LampCommandsParts {
  sensors: SensorRegistry
  health: PlatformHealth
  auditLog: AuditLog
  /** told of each order that a lamp acknowledges */
  overrides: Pick<LampOverrides, 'acknowledge' | 'acknowledgeUnknown'>
  metrics: ApiMetrics
  clock: () => number
  /** ms a lamp has to answer */
  answerMs: number | undefined
}

/** How commands reach the lamps, and their progress the screens. */
export interface CommandTransport {
  /** Sends to a topic at once or rejects: a command must not arrive later than somebody waits for it. */
  send(topic: string, payload: string): Promise<void>
  /** Sends the screens the lamps whose delivery has changed. */
  publish(progress: CommandRecord): void
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

/** Commands to lamps: sent at once, each answered by its lamp or given up after a while, all in the audit log. */
export class LampCommands {
  readonly #parts: LampCommandsParts
  readonly #open = new Map<string, Open>()
  #recent: CommandRecord[] = []
  #awaited = 0
  #transport: CommandTransport | undefined

  constructor(parts: LampCommandsParts) {
    this.#parts = parts
    parts.metrics.commandsAwaitedLimit.set(maxAwaited)
  }

  /** Commands can be sent from now on. */
  connect(transport: CommandTransport): void {
    this.#transport = transport
  }

  /** The newest first. */
  recent(): readonly CommandRecord[] {
    return this.#recent
  }

  /**
   * Sends an order to lamps. The audit log has it before the first lamp does. Resolves when it is on its way; answers are
   * sent to the screens. Rejects with ApiProblem when not one lamp was sent anything.
   */
  async send(actor: Actor, request: CommandRequest): Promise<CommandRecord> {
    const { sensors: registry, clock, health, auditLog } = this.#parts
    const at = clock()
    const isReachable = this.#transport !== undefined && health.now.broker
    const { comment, sensors } = request
    const positions = sensors
      .map((sensor) => registry.get(sensor)?.meta?.position)
      .filter((position) => position !== undefined)
    const order = resolveOrderEnd(request.order, positions, at)
    const topics = checkCommand(sensors, order, { sensors: registry, now: at, isReachable, awaited: this.#awaited })
    const id = randomUUID()
    const lamps = Object.fromEntries(sensors.map((sensor): [string, Delivery] => [sensor, { state: 'sent' }]))
    const record: CommandRecord = { id, at, by: actor.who, order, ...(comment ? { comment } : {}), lamps }
    // reserved before anything is awaited, so that the bound holds for commands given at the same time
    this.#await(sensors.length)
    await auditLog.record({ ...actor, at, ...commandEntry(record, sensors) })
    this.#recent = [record, ...this.#recent].slice(0, maxRecent)
    const open: Open = { record, actor, awaited: new Set(sensors), sentAt: performance.now(), timer: undefined }
    this.#open.set(id, open)
    open.timer = setTimeout(() => this.#timeOut(open), this.#parts.answerMs ?? defaultAnswerMs)
    this.#transport?.publish(record)
    this.#sendToLamps(open, topics, { id, ...order })
    return record
  }

  /** A lamp has answered. An answer that nobody awaits any more is counted. */
  handleAnswer(sensor: string, answer: Acknowledgement): void {
    const open = this.#open.get(answer.id)
    if (!open?.awaited.has(sensor)) {
      this.#parts.metrics.commandAnswers.inc({ outcome: 'not-awaited' })
      this.#recordLateAnswer(sensor, answer)
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
    this.#transport = undefined
    await Promise.all([...this.#open.values()].map((open) => this.#timeOut(open)))
  }

  #sendToLamps(open: Open, topics: ReadonlyMap<string, string>, command: Command): void {
    const payload = JSON.stringify(command)
    for (const [sensor, topic] of topics)
      this.#transport?.send(topic, payload).catch(() => {
        if (open.awaited.has(sensor)) this.#settle(open, sensor, { state: 'unsent' })
      })
  }

  #settle(open: Open, sensor: string, delivery: Delivery): void {
    open.awaited.delete(sensor)
    this.#await(-1)
    open.record.lamps[sensor] = delivery
    if (delivery.state === 'acknowledged') this.#parts.overrides.acknowledge(open.record, sensor)
    this.#parts.metrics.commandAnswers.inc({ outcome: delivery.state })
    this.#transport?.publish({ ...open.record, lamps: { [sensor]: delivery } })
    if (open.awaited.size === 0) void this.#finish(open)
  }

  /**
   * A lamp that was given up does it after all, and so is overridden; who looks on is told. Or it answers to a command of another
   * process, or of this one before it started.
   */
  #recordLateAnswer(sensor: string, answer: Acknowledgement): void {
    const record = this.#recent.find(({ id }) => id === answer.id)
    if (!answer.ok) return
    if (!record) {
      this.#parts.overrides.acknowledgeUnknown(answer.id, sensor)
      return
    }
    if (record.lamps[sensor]?.state !== 'timed-out') return
    const delivery: Delivery = { state: 'acknowledged', afterMs: Math.max(0, this.#parts.clock() - record.at) }
    record.lamps[sensor] = delivery
    this.#parts.overrides.acknowledge(record, sensor)
    this.#transport?.publish({ ...record, lamps: { [sensor]: delivery } })
  }

  /** The lamps that have not answered will not. */
  async #timeOut(open: Open): Promise<void> {
    const silent = [...open.awaited]
    open.awaited.clear()
    this.#await(-silent.length)
    for (const sensor of silent) open.record.lamps[sensor] = { state: 'timed-out' }
    this.#parts.metrics.commandAnswers.inc({ outcome: 'timed-out' }, silent.length)
    const lamps = Object.fromEntries(silent.map((sensor): [string, Delivery] => [sensor, { state: 'timed-out' }]))
    this.#transport?.publish({ ...open.record, lamps })
    await this.#finish(open)
  }

  /** Every lamp has answered or been given up: the audit log gets the outcome. */
  async #finish({ record, actor, timer }: Open): Promise<void> {
    clearTimeout(timer)
    this.#open.delete(record.id)
    await this.#parts.auditLog.record({ ...actor, ...outcomeEntry(record) })
  }

  #await(change: number): void {
    this.#awaited += change
    this.#parts.metrics.commandsAwaited.set(this.#awaited)
  }
}
