import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import { runningStoreMetrics } from '#storage/running-store-metrics.ts'

/** What the api counts. */
export function apiMetrics(registry: Registry) {
  const registers = [registry]
  const counter = (name: string, help: string) => new Counter({ name, help, registers })
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers })
  return {
    clients: gauge('nhip_api_clients', 'clients on the live feed'),
    maxClients: gauge('nhip_api_clients_limit', 'most clients the live feed takes'),
    clientsRefused: new Counter({
      name: 'nhip_api_clients_refused_total',
      help: 'clients the live feed turned away',
      labelNames: ['why'],
      registers,
    }),
    batches: counter('nhip_api_batches_sent_total', 'batches of readings sent to live clients'),
    readingsSent: counter('nhip_api_readings_sent_total', 'readings sent to live clients'),
    overwritten: counter('nhip_api_readings_overwritten_total', 'readings a client never got, a newer one came first'),
    sensors: gauge('nhip_api_sensors', 'sensors known'),
    maxSensors: gauge('nhip_api_sensors_limit', 'most sensors the registry holds'),
    sensorsRefused: counter('nhip_api_sensors_refused_total', 'messages of new sensors the full registry left out'),
    deviceRefusals: new Gauge({
      name: 'nhip_api_device_refusals',
      help: 'refusals of the brokers remembered for the page about devices (at most 10,000)',
      registers,
    }),
    malformed: new Counter({
      name: 'nhip_api_malformed_total',
      help: 'MQTT messages that did not fit their schema',
      labelNames: ['channel'],
      registers,
    }),
    runningStore: runningStoreMetrics(registry, 'api'),
    auditLog: new Counter({
      name: 'nhip_api_trail_entries_total',
      help: 'entries of the audit log',
      labelNames: ['what'],
      registers,
    }),
    auditHeld: gauge('nhip_api_trail_held', 'entries of the audit log that wait for the store'),
    auditLimit: gauge('nhip_api_trail_held_limit', 'most entries of the audit log that wait for the store'),
    auditBytes: gauge('nhip_api_trail_held_bytes', 'size of the entries of the audit log that wait for the store'),
    auditBytesLimit: gauge('nhip_api_trail_held_bytes_limit', 'most bytes of the audit log that wait for the store'),
    auditDiskFaults: counter('nhip_api_trail_disk_faults_total', 'entries of the audit log the disk did not take'),
    auditLost: counter('nhip_api_trail_lost_total', 'entries of the audit log that the store did not get'),
    correctionsDue: gauge('nhip_api_corrections_due', 'sensors whose corrections are not in the figures yet'),
    corrections: new Counter({
      name: 'nhip_api_corrections_total',
      help: 'entries about corrections of data, by type',
      labelNames: ['type'],
      registers,
    }),
    shiftEntries: new Counter({
      name: 'nhip_api_shift_entries_total',
      help: 'entries recorded in the shift log',
      labelNames: ['type'],
      registers,
    }),
    signIns: new Counter({
      name: 'nhip_api_sign_ins_total',
      help: 'attempts to sign in',
      labelNames: ['result'],
      registers,
    }),
    rateLimited: new Counter({
      name: 'nhip_api_rate_limited_total',
      help: 'requests, sign-ins and connections refused because there were too many',
      labelNames: ['what'],
      registers,
    }),
    seenWaiting: gauge('nhip_api_seen_waiting', 'alerts that people saw first, of which alerts is still to be told'),
    seenWaitingLimit: gauge('nhip_api_seen_waiting_limit', 'most such alerts'),
    eventsRefused: new Counter({
      name: 'nhip_api_events_refused_total',
      help: 'events of live clients that were refused',
      labelNames: ['why'],
      registers,
    }),
    commandAnswers: new Counter({
      name: 'nhip_api_command_outcomes_total',
      help: 'what came of commands, one for each lamp',
      labelNames: ['outcome'],
      registers,
    }),
    commandsAwaited: gauge('nhip_api_commands_awaited', 'lamps that have not answered a command yet'),
    commandsAwaitedLimit: gauge('nhip_api_commands_awaited_limit', 'most lamps whose answer is awaited at once'),
    lampOverrides: gauge('nhip_api_lamp_overrides', 'lamps that follow a command instead of their schedule'),
    lampOverridesLimit: gauge('nhip_api_lamp_overrides_limit', 'most lamps whose last command is held'),
    lampOrdersWaiting: gauge('nhip_api_lamp_orders_waiting', 'commands of lamps that wait for the store'),
    unmatchedAcknowledgements: gauge(
      'nhip_api_unmatched_acknowledgements',
      'answers of lamps to commands of other processes whose order is not known yet',
    ),
    unmatchedAcknowledgementsLimit: gauge('nhip_api_unmatched_acknowledgements_limit', 'most of these'),
    lampOrderFaults: counter(
      'nhip_api_lamp_orders_store_faults_total',
      'times that the store did not take or give them',
    ),
    questions: gauge('nhip_api_questions_weight', 'weight of the questions that are being answered'),
    questionsLimit: gauge('nhip_api_questions_weight_limit', 'most weight of questions that are answered at once'),
    questionsWaiting: gauge('nhip_api_questions_waiting', 'questions that wait for their turn'),
    questionsWaitingLimit: gauge('nhip_api_questions_waiting_limit', 'most questions that wait for their turn'),
    questionsRefused: new Counter({
      name: 'nhip_api_questions_refused_total',
      help: 'questions refused because too many of the person, or of all, were waiting',
      labelNames: ['why'],
      registers,
    }),
    questionsEnded: new Counter({
      name: 'nhip_api_questions_ended_total',
      help: 'questions given up because the asker went or the time was over',
      labelNames: ['why'],
      registers,
    }),
    connections: gauge('nhip_api_connections', 'connections open, the live feed’s among them'),
    connectionsLimit: gauge('nhip_api_connections_limit', 'most connections open at once'),
    connectionsEnded: new Counter({
      name: 'nhip_api_connections_ended_total',
      help: 'idle connections ended, and where none was idle new ones refused, because an address, or all, had too many',
      labelNames: ['why'],
      registers,
    }),
    roadTiles: gauge('nhip_api_base_map_road_tiles', 'tiles of the base map read for the roads on which sensors stand'),
    roadTilesLimit: gauge('nhip_api_base_map_road_tiles_limit', 'most tiles of the base map read for roads'),
    requests: new Histogram({
      name: 'nhip_api_request_seconds',
      help: 'time to answer an HTTP request',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
      registers,
    }),
  }
}
export type ApiMetrics = ReturnType<typeof apiMetrics>
