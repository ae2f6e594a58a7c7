import type { MqttClient } from 'mqtt'
import type { Logger } from 'pino'
import { districtDistance } from '#city/district-distance.ts'
import { ClockHours } from '#telemetry/clock-hours.ts'
import type { District } from '#telemetry/district.ts'
import { dayMs } from '#telemetry/durations.ts'
import type { HealthFaults } from '#telemetry/health-faults.ts'
import { placementOf } from '#telemetry/placement.ts'
import type { SteadyClock } from '#telemetry/steady-clock.ts'
import { defaultMaxSensors, EvaluationEngine } from './engine/evaluation-engine.ts'
import { LampOrdersFollower } from './lamp-orders-follower.ts'
import type { AlertsMetrics } from './metrics.ts'
import { connectBroker, receiveMessages } from './mqtt/broker-connection.ts'
import { EventPublisher, goneMessage, newSession } from './mqtt/event-publisher.ts'
import { Notifier } from './notify/notifier.ts'
import { Outbox } from './notify/outbox.ts'
import { routesOf } from './notify/routes.ts'
import type { Names } from './notify/templates.ts'
import type { AlertsOptions } from './options.ts'
import { loadPeriodLog } from './period-log.ts'
import { loadPlacementLog } from './placement-log.ts'
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
import { loadAlertLog } from './state/load-alert-log.ts'

/** One session of monitoring, from the state in the store until it is closed. */
export interface Session {
  /** Whether it receives the live feed. */
  readonly isWatching: boolean
  /** Writes what waits for the store, announces its end, disconnects. */
  close(): Promise<void>
}

interface SessionOptions extends AlertsOptions {
  faults: HealthFaults
  metrics: AlertsMetrics
  clock: () => number
  /** told when readings arrived */
  steady: SteadyClock
}

/** ms between two ticks of the engine */
const tickMs = 1_000
/** ms between two checkpoints: after each, nothing older need be read at a start */
const checkpointMs = dayMs
/** ms between two writes of the watermark */
const watermarkMs = 30_000

/** Loads rules, alerts and messages from the store, then starts monitoring. @throws StoreUnavailableError, and then nothing is left running */
export async function startSession(options: SessionOptions): Promise<Session> {
  const loaded = await loadState(options)
  const { store, metrics, log, clock, steady, limits = {} } = options
  const { rules, events, watermark, watchedUntil, periods, placements, alertLog, lampOrders } = loaded
  const session = newSession()
  const mqtt = connectBroker(options.mqtt, session)
  mqtt.on('error', (error) => {
    if (!mqtt.disconnecting) log.warn({ err: error }, 'alerts has no broker')
  })
  const publisher = new EventPublisher(mqtt, session)
  const monitoring = createMonitoring(options, loaded, publisher)
  const { engine, transitions, notifier, presence, hours } = monitoring
  const recovery = new Recovery({ store, engine, log, clock, watchedUntil, steps: events, rules: () => rules.all() })
  const requestHandler = new RequestHandler({
    ...{ mqtt, metrics, log },
    beforeAnswer: () => publisher.flush(),
    executeRequest: createRequestExecutor({
      ...{ transitions, rules, engine, notifier, store, clock, hours },
      position: () => publisher.position,
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
  const checkpoint = () =>
    Promise.all([transitions.checkpoint(clock()), rules.refresh(clock())]).catch((error) =>
      log.warn({ err: error }, 'a checkpoint of the alerts failed: the next start reads further back'),
    )
  const storeWatermark = () => {
    // what is measured from now on, and somewhat before, is evaluated again by the next session
    if (engine.isListening && alertLog.isIdle && recovery.isComplete) void watermark.store(clock() - overlapMs)
  }
  const timers = [
    setInterval(() => engine.tick(), tickMs),
    setInterval(() => void checkpoint(), checkpointMs),
    setInterval(storeWatermark, limits.markMs ?? watermarkMs),
  ]
  void checkpoint()
  lampOrders.start()
  return {
    get isWatching() {
      return engine.isListening
    },
    async close() {
      for (const timer of timers) clearInterval(timer)
      recovery.close()
      engine.stopListening()
      // upstream first: what was found is written before the connection goes
      publisher.flush()
      await notifier.close()
      await Promise.all([alertLog, presence, periods, placements, lampOrders].map((each) => each.close()))
      await disconnect(mqtt, session, log)
    },
  }
}

/** Loads what former sessions left in the store. */
async function loadState(options: SessionOptions) {
  const { store, metrics, log, clock, steady, limits = {} } = options
  const reportWrites = () => options.faults.switchOf('STORE_WRITE')
  const rules = new RuleStore({ store, log })
  await rules.load(clock())
  const logBounds = { ...logLimits, ...limits.log }
  const alertLog = new AlertLog({ store, metrics, log, reportWrites: reportWrites(), limits: logBounds })
  const states = new AlarmStateStore({ ...alarmStateLimits, ...limits.states })
  metrics.openLimit.set(limits.states?.maxOpen ?? alarmStateLimits.maxOpen)
  const events = await loadAlertLog({ store, log, maxAlerts: logBounds.maxWaiting })
  states.apply(events)
  const watermark = new Watermark({ store, metrics, log })
  const watchedUntil = await watermark.load()
  steady.notBefore(watchedUntil ?? 0)
  metrics.open.set(states.size)
  const lampOrders = await LampOrdersFollower.load({ store, metrics, log, clock })
  const outbox = new Outbox(store)
  const undelivered = await outbox.load(clock())
  const periods = await loadPeriodLog({ store, metrics, log, clock, reportWrites: reportWrites() })
  const placements = await loadPlacementLog({ store, metrics, log, clock, reportWrites: reportWrites() })
  return {
    ...{ rules, alertLog, states, events, watermark, watchedUntil },
    ...{ lampOrders, outbox, undelivered, periods, placements },
  }
}

/** The engine, what applies its findings, and who is notified of them; continues where the former session stopped. */
function createMonitoring(
  options: SessionOptions,
  loaded: Awaited<ReturnType<typeof loadState>>,
  publisher: EventPublisher,
) {
  const { store, metrics, log, clock, limits = {}, notify, maxSensors = defaultMaxSensors } = options
  const { rules, states, alertLog, lampOrders, periods, placements, outbox, undelivered } = loaded
  const transitions = new AlarmTransitions({
    ...{ states, log: alertLog, metrics },
    onEvents: (events) => {
      publisher.add(events)
      notifier.notify(events)
    },
  })
  const reportWrites = options.faults.switchOf('STORE_WRITE')
  const presence = new PresenceLog({ store, metrics, log, clock, maxSensors, reportWrites })
  const hours = new ClockHours(notify.timeZone)
  const engine = new EvaluationEngine({
    ...{ transitions, metrics, clock, maxSensors, hours },
    commandedOf: (sensor, cause) => lampOrders.commandedOf(sensor, cause),
    onPresence: (sensor, isOffline) => presence.record(sensor, isOffline),
    onMeta: (of, meta) => {
      const { sensor } = of
      if (meta === undefined) {
        periods.forget(sensor)
        placements.forget(sensor)
        return
      }
      periods.record(sensor, meta.period)
      placements.record(sensor, placementOf(of, meta))
    },
  })
  const notifier = new Notifier({
    ...{ outbox, metrics, log, clock, routes: routesOf(notify) },
    writer: { language: notify.language, timeZone: notify.timeZone, names: namesOf(options.districts, engine) },
    ruleOf: (id) => rules.get(id),
    ...(limits.gather && { limits: limits.gather }),
    ...(limits.delivery && { delivery: limits.delivery }),
  })
  notifier.resume(undelivered, states.all())
  engine.setRules(rules.all())
  return { transitions, presence, hours, engine, notifier }
}

/** Announces that alerts is gone, then ends the connection. */
async function disconnect(mqtt: MqttClient, session: string, log: Logger): Promise<void> {
  const { topic, payload } = goneMessage(session)
  if (mqtt.connected)
    await mqtt
      .publishAsync(topic, payload, { qos: 1, retain: true })
      .catch((error) => log.debug({ err: error }, 'alerts could not say goodbye: its last will does'))
  await mqtt.endAsync()
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
