import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import { runningStoreMetrics } from '#storage/running-store-metrics.ts'

/** What alerts counts. */
export function alertsMetrics(registry: Registry) {
  const registers = [registry]
  const counter = (name: string, help: string) => new Counter({ name, help, registers })
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers })
  const labelled = <Label extends string>(name: string, help: string, label: Label) =>
    new Counter({ name, help, labelNames: [label], registers })
  return {
    evaluated: counter('nhip_alerts_readings_total', 'readings watched'),
    caughtUp: counter(
      'nhip_alerts_readings_reviewed_total',
      'readings of a time in which nobody watched, judged later',
    ),
    watchedUntil: gauge('nhip_alerts_watched_until_seconds', 'up to when all is judged and kept, s since 1970'),
    unevaluated: labelled(
      'nhip_alerts_readings_unjudged_total',
      'readings not judged: too old, too early, too many, or of values that were not being measured',
      'why',
    ),
    malformed: labelled('nhip_alerts_malformed_total', 'MQTT messages that did not fit their schema', 'channel'),
    sensors: gauge('nhip_alerts_sensors', 'sensors watched'),
    maxSensors: gauge('nhip_alerts_sensors_limit', 'most sensors watched'),
    sensorsRefused: counter('nhip_alerts_sensors_refused_total', 'messages of sensors too many to watch'),
    lampOverrides: gauge('nhip_alerts_lamp_overrides', 'lamps that follow a command instead of their schedule'),
    lampOverridesLimit: gauge('nhip_alerts_lamp_overrides_limit', 'most lamps whose last command is held'),
    rules: gauge('nhip_alerts_rules', 'rules that are switched on'),
    open: gauge('nhip_alerts_open', 'open alerts'),
    openLimit: gauge('nhip_alerts_open_limit', 'most open alerts'),
    refused: counter('nhip_alerts_refused_total', 'alerts not raised because too many are open'),
    steps: labelled('nhip_alerts_steps_total', 'steps in the life of alerts', 'type'),
    waiting: gauge('nhip_alerts_waiting', 'steps that wait for the store'),
    waitingLimit: gauge('nhip_alerts_waiting_limit', 'most steps that wait for the store'),
    droppedSteps: counter(
      'nhip_alerts_steps_dropped_total',
      'steps that gave way to newer ones while the store was away, that it refused, or that it had not taken at the end',
    ),
    presenceWaiting: gauge('nhip_alerts_presence_waiting', 'changes of connection that wait for the store'),
    presenceLimit: gauge('nhip_alerts_presence_limit', 'most sensors kept in mind as offline'),
    presenceRefused: counter('nhip_alerts_presence_refused_total', 'sensors too many to keep in mind as offline'),
    periodsWaiting: gauge(
      'nhip_alerts_periods_waiting',
      'changes of how often sensors report that wait for the store, one a sensor',
    ),
    placementsWaiting: gauge(
      'nhip_alerts_placements_waiting',
      'changes of where sensors belong that wait for the store, one a sensor',
    ),
    runningStore: runningStoreMetrics(registry, 'alerts'),
    storeFaults: counter('nhip_alerts_store_faults_total', 'writes that the store did not take'),
    evaluation: new Histogram({
      name: 'nhip_alerts_judging_seconds',
      help: 'time to judge one batch of readings',
      buckets: [0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5],
      registers,
    }),
    notifications: new Counter({
      name: 'nhip_alerts_notifications_total',
      help: 'messages to the outside, by how a try ended',
      labelNames: ['channel', 'outcome'],
      registers,
    }),
    notificationsWaiting: new Gauge({
      name: 'nhip_alerts_notifications_waiting',
      help: 'messages that wait to be delivered',
      labelNames: ['channel'],
      registers,
    }),
    notificationsLimit: new Gauge({
      name: 'nhip_alerts_notifications_waiting_limit',
      help: 'most messages that wait to be delivered',
      labelNames: ['channel'],
      registers,
    }),
    requests: new Histogram({
      name: 'nhip_alerts_request_seconds',
      help: 'time to answer a request of the api',
      labelNames: ['type', 'outcome'],
      buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30],
      registers,
    }),
  }
}
export type AlertsMetrics = ReturnType<typeof alertsMetrics>
