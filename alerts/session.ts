import type { Logger } from 'pino'
import { districtDistance } from '#city/district-distance.ts'
import { ClockHours } from '#telemetry/clock-hours.ts'
import type { District } from '#telemetry/district.ts'
import type { HealthFaults } from '#telemetry/health-faults.ts'
import type { SteadyClock } from '#telemetry/steady-clock.ts'
import { countsPerPeriod } from '#telemetry/values.ts'
import { defaultMaxSensors, Engine } from './engine/evaluation-engine.ts'
import type { AlertsMetrics } from './metrics.ts'
import { connectLink, followBroker } from './mqtt/broker-connection.ts'
import { EventPublisher, goneMessage, newSession } from './mqtt/event-publisher.ts'
import { Notifier } from './notify/notifier.ts'
import { Outbox } from './notify/outbox.ts'
import { routesOf } from './notify/routes.ts'
import type { Names } from './notify/templates.ts'
import type { AlertsOptions } from './options.ts'
import { PeriodLog } from './period-log.ts'
import { PresenceLog } from './presence-log.ts'
import { overlapMs } from './recovery/catch-up.ts'
import { LookBack } from './recovery/recovery.ts'
import { WatchMark } from './recovery/watermark.ts'
import { answering } from './requests/execute-request.ts'
import { DeskClerk } from './requests/request-handler.ts'
import { RuleBook } from './rules/rule-store.ts'
import { AlertBook, bookLimits } from './state/alarm-state-store.ts'
import { Desk } from './state/alarm-transitions.ts'
import { AlertLog, logLimits } from './state/alert-log.ts'

/** One session of watching, from the state in the store until it is closed. */
export interface Session {
  /** Whether it hears the live feed. */
  readonly isWatching: boolean
  /** Writes what waits for the store, says goodbye, disconnects. */
  close(): Promise<void>
}

interface SessionOptions extends AlertsOptions {
  faults: HealthFaults
  metrics: AlertsMetrics
  clock: () => number
  /** told when readings arrived */
  steady: SteadyClock
}

/** ms between two looks at what time brings */
const tickMs = 1_000
/** ms between two checkpoints: after each, nothing older need be read at a start */
const checkpointMs = 86_400_000

/** ms between two notes of up to when alerts watched */
const markMs = 30_000

/** Reads rules, alerts and messages from the store, then watches. @throws StoreUnavailableError, and then nothing is left running */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { store, metrics, log, clock, steady, limits = {}, notify } = options
  const tellWrites = () => options.faults.switchOf('STORE_WRITE')
  const rules = new RuleBook({ store, log })
  await rules.load(clock())
  const kept = new AlertLog({
    ...{ store, metrics, log, tellWrites: tellWrites() },
    limits: { ...logLimits, ...limits.log },
  })
  const book = new AlertBook({ ...bookLimits, ...limits.book })
  metrics.openLimit.set(limits.book?.maxOpen ?? bookLimits.maxOpen)
  const steps = await kept.load()
  book.take(steps)
  const mark = new WatchMark({ store, metrics, log })
  const watchedUntil = await mark.load()
  steady.notBefore(watchedUntil ?? 0)
  metrics.open.set(book.size)
  const outbox = new Outbox(store)
  const undelivered = await outbox.load(clock())
  const periods = await PeriodLog.open({ store, metrics, log, clock, tellWrites: tellWrites() })

  const session = newSession()
  const mqtt = connectLink(options.mqtt, session)
  mqtt.on('error', (error) => {
    if (!mqtt.disconnecting) log.warn({ err: error }, 'alerts has no broker')
  })
  const publisher = new EventPublisher(mqtt, session)
  const desk = new Desk({
    ...{ book, log: kept, metrics },
    tell: (events) => {
      publisher.add(events)
      notifier.take(events)
    },
  })
  const { maxSensors = defaultMaxSensors } = options
  const presence = new PresenceLog({ store, metrics, log, clock, maxSensors, tellWrites: tellWrites() })
  const onPresence = (sensor: string, isOffline: boolean) => presence.take(sensor, isOffline)
  const hours = new ClockHours(notify.timeZone)
  const engine = new Engine({
    ...{ desk, metrics, clock, maxSensors, hours, onPresence },
    onPeriod: ({ kind, sensor }, seconds) => {
      if (seconds === undefined) periods.forget(sensor)
      else if (countsPerPeriod(kind)) periods.take(sensor, seconds)
    },
  })
  const notifier = new Notifier({
    ...{ outbox, metrics, log, clock, routes: routesOf(notify) },
    writer: { language: notify.language, timeZone: notify.timeZone, names: namesOf(options.districts, engine) },
    ruleOf: (id) => rules.get(id),
    ...(limits.gather && { limits: limits.gather }),
    ...(limits.delivery && { delivery: limits.delivery }),
  })
  const close = closer({ mqtt, publisher, notifier, kept, presence, periods, session, log })
  notifier.resume(undelivered, book.all())
  engine.setRules(rules.all())
  const checkpoint = () =>
    Promise.all([desk.checkpoint(clock()), rules.carry(clock())]).catch((error) =>
      log.warn({ err: error }, 'a checkpoint of the alerts failed: the next start reads further back'),
    )
  const lookBack = new LookBack({ store, engine, log, clock, watchedUntil, steps, rules: () => rules.all() })
  const keepMark = () => {
    // what is measured from now on, and somewhat before, is looked at again by the next session
    if (engine.isListening && kept.isIdle && lookBack.isComplete) void mark.keep(clock() - overlapMs)
  }
  const position = () => publisher.position
  const clerk = new DeskClerk({
    ...{ mqtt, metrics, log },
    beforeAnswer: () => publisher.flush(),
    answering: answering({
      ...{ desk, rules, engine, notifier, store, position, clock, hours },
      longestDryRunMs: limits.dryRunMs,
    }),
  })
  followBroker({
    ...{ mqtt, engine, metrics, log, steady, distance: districtDistance(options.districts) },
    onRequest: (payload) => clerk.take(payload),
    onSensors: async () => {
      await lookBack.look()
      presence.begin()
    },
    onReady: () => publisher.announce(),
  })
  const ticking = setInterval(() => engine.tick(), tickMs)
  const checking = setInterval(() => void checkpoint(), checkpointMs)
  const marking = setInterval(keepMark, limits.markMs ?? markMs)
  void checkpoint()
  return {
    get isWatching() {
      return engine.isListening
    },
    async close() {
      clearInterval(ticking)
      clearInterval(checking)
      clearInterval(marking)
      lookBack.close()
      engine.deafen()
      await close()
    },
  }
}

interface Closing {
  mqtt: ReturnType<typeof connectLink>
  publisher: EventPublisher
  notifier: Notifier
  kept: AlertLog
  presence: PresenceLog
  periods: PeriodLog
  session: string
  log: Logger
}

/** Upstream first: what was told is kept before the connection goes. */
function closer({ mqtt, publisher, notifier, kept, presence, periods, session, log }: Closing): () => Promise<void> {
  return async () => {
    publisher.flush()
    await notifier.close()
    await Promise.all([kept.close(), presence.close(), periods.close()])
    const { topic, payload } = goneMessage(session)
    if (mqtt.connected)
      await mqtt
        .publishAsync(topic, payload, { qos: 1, retain: true })
        .catch((error) => log.debug({ err: error }, 'alerts could not say goodbye: its last will does'))
    await mqtt.endAsync()
  }
}

function namesOf(districts: readonly District[], engine: Engine): Names {
  const places = new Map(
    districts.flatMap((district) => [district, ...district.wards]).map(({ id, name }) => [id, name]),
  )
  return {
    sensor: (id, language) => engine.get(id)?.meta?.name[language],
    place: (id, language) => places.get(id)?.[language],
  }
}
