import type { Logger } from 'pino'
import { districtDistance } from '#city/district-distance.ts'
import { ClockHours } from '#telemetry/clock-hours.ts'
import type { District } from '#telemetry/district.ts'
import { dayMs } from '#telemetry/durations.ts'
import type { HealthFaults } from '#telemetry/health-faults.ts'
import type { SteadyClock } from '#telemetry/steady-clock.ts'
import { countsPerPeriod } from '#telemetry/values.ts'
import { defaultMaxSensors, EvaluationEngine } from './engine/evaluation-engine.ts'
import type { AlertsMetrics } from './metrics.ts'
import { connectBroker, receiveMessages } from './mqtt/broker-connection.ts'
import { EventPublisher, goneMessage, newSession } from './mqtt/event-publisher.ts'
import { Notifier } from './notify/notifier.ts'
import { Outbox } from './notify/outbox.ts'
import { routesOf } from './notify/routes.ts'
import type { Names } from './notify/templates.ts'
import type { AlertsOptions } from './options.ts'
import { PeriodLog } from './period-log.ts'
import { PresenceLog } from './presence-log.ts'
import { overlapMs } from './recovery/catch-up.ts'
import { Recovery } from './recovery/recovery.ts'
import { Watermark } from './recovery/watermark.ts'
import { createRequestExecutor } from './requests/execute-request.ts'
import { RequestHandler } from './requests/request-handler.ts'
import { RuleStore } from './rules/rule-store.ts'
import { AlarmStateStore, alarmStateLimits } from './state/alarm-state-store.ts'
import { AlarmTransitions } from './state/alarm-transitions.ts'
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
const checkpointMs = dayMs

/** ms between two notes of up to when alerts watched */
const markMs = 30_000

/** Reads rules, alerts and messages from the store, then watches. @throws StoreUnavailableError, and then nothing is left running */
export async function startSession(options: SessionOptions): Promise<Session> {
  const { store, metrics, log, clock, steady, limits = {}, notify } = options
  const reportWrites = () => options.faults.switchOf('STORE_WRITE')
  const rules = new RuleStore({ store, log })
  await rules.load(clock())
  const kept = new AlertLog({
    ...{ store, metrics, log, reportWrites: reportWrites() },
    limits: { ...logLimits, ...limits.log },
  })
  const states = new AlarmStateStore({ ...alarmStateLimits, ...limits.states })
  metrics.openLimit.set(limits.states?.maxOpen ?? alarmStateLimits.maxOpen)
  const steps = await kept.load()
  states.apply(steps)
  const watermark = new Watermark({ store, metrics, log })
  const watchedUntil = await watermark.load()
  steady.notBefore(watchedUntil ?? 0)
  metrics.open.set(states.size)
  const outbox = new Outbox(store)
  const undelivered = await outbox.load(clock())
  const periods = await PeriodLog.load({ store, metrics, log, clock, reportWrites: reportWrites() })

  const session = newSession()
  const mqtt = connectBroker(options.mqtt, session)
  mqtt.on('error', (error) => {
    if (!mqtt.disconnecting) log.warn({ err: error }, 'alerts has no broker')
  })
  const publisher = new EventPublisher(mqtt, session)
  const transitions = new AlarmTransitions({
    ...{ states, log: kept, metrics },
    onEvents: (events) => {
      publisher.add(events)
      notifier.notify(events)
    },
  })
  const { maxSensors = defaultMaxSensors } = options
  const presence = new PresenceLog({ store, metrics, log, clock, maxSensors, reportWrites: reportWrites() })
  const onPresence = (sensor: string, isOffline: boolean) => presence.record(sensor, isOffline)
  const hours = new ClockHours(notify.timeZone)
  const engine = new EvaluationEngine({
    ...{ transitions, metrics, clock, maxSensors, hours, onPresence },
    onPeriod: ({ kind, sensor }, seconds) => {
      if (seconds === undefined) periods.forget(sensor)
      else if (countsPerPeriod(kind)) periods.record(sensor, seconds)
    },
  })
  const notifier = new Notifier({
    ...{ outbox, metrics, log, clock, routes: routesOf(notify) },
    writer: { language: notify.language, timeZone: notify.timeZone, names: namesOf(options.districts, engine) },
    ruleOf: (id) => rules.get(id),
    ...(limits.gather && { limits: limits.gather }),
    ...(limits.delivery && { delivery: limits.delivery }),
  })
  const close = createClose({ mqtt, publisher, notifier, kept, presence, periods, session, log })
  notifier.resume(undelivered, states.all())
  engine.setRules(rules.all())
  const checkpoint = () =>
    Promise.all([transitions.checkpoint(clock()), rules.refresh(clock())]).catch((error) =>
      log.warn({ err: error }, 'a checkpoint of the alerts failed: the next start reads further back'),
    )
  const recovery = new Recovery({ store, engine, log, clock, watchedUntil, steps, rules: () => rules.all() })
  const storeWatermark = () => {
    // what is measured from now on, and somewhat before, is looked at again by the next session
    if (engine.isListening && kept.isIdle && recovery.isComplete) void watermark.store(clock() - overlapMs)
  }
  const position = () => publisher.position
  const requestHandler = new RequestHandler({
    ...{ mqtt, metrics, log },
    beforeAnswer: () => publisher.flush(),
    executeRequest: createRequestExecutor({
      ...{ transitions, rules, engine, notifier, store, position, clock, hours },
      longestDryRunMs: limits.dryRunMs,
    }),
  })
  receiveMessages({
    ...{ mqtt, engine, metrics, log, steady, distance: districtDistance(options.districts) },
    onRequest: (payload) => requestHandler.handle(payload),
    onSensors: async () => {
      await recovery.run()
      presence.start()
    },
    onReady: () => publisher.announce(),
  })
  const ticking = setInterval(() => engine.tick(), tickMs)
  const checking = setInterval(() => void checkpoint(), checkpointMs)
  const marking = setInterval(storeWatermark, limits.markMs ?? markMs)
  void checkpoint()
  return {
    get isWatching() {
      return engine.isListening
    },
    async close() {
      clearInterval(ticking)
      clearInterval(checking)
      clearInterval(marking)
      recovery.close()
      engine.stopListening()
      await close()
    },
  }
}

interface Closing {
  mqtt: ReturnType<typeof connectBroker>
  publisher: EventPublisher
  notifier: Notifier
  kept: AlertLog
  presence: PresenceLog
  periods: PeriodLog
  session: string
  log: Logger
}

/** Upstream first: what was told is kept before the connection goes. */
function createClose({
  mqtt,
  publisher,
  notifier,
  kept,
  presence,
  periods,
  session,
  log,
}: Closing): () => Promise<void> {
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

function namesOf(districts: readonly District[], engine: EvaluationEngine): Names {
  const places = new Map(
    districts.flatMap((district) => [district, ...district.wards]).map(({ id, name }) => [id, name]),
  )
  return {
    sensor: (id, language) => engine.get(id)?.meta?.name[language],
    place: (id, language) => places.get(id)?.[language],
  }
}
