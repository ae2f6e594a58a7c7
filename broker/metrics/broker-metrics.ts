import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

/** What the broker counts. */
export function brokerMetrics(registry: Registry) {
  const registers = [registry]
  return {
    clients: new Gauge({ name: 'nhip_broker_clients', help: 'MQTT clients connected', registers }),
    readings: new Counter({
      name: 'nhip_broker_journaled_total',
      help: 'reading messages put in the journal',
      registers,
    }),
    connections: new Gauge({
      name: 'nhip_broker_connections',
      help: 'connections open, with or without a CONNECT',
      registers,
    }),
    sessions: new Gauge({ name: 'nhip_broker_sessions', help: 'client ids in use or kept', registers }),
    credentials: new Gauge({
      name: 'nhip_broker_credentials',
      help: 'credentials of devices and people known',
      registers,
    }),
    certificateExpires: new Gauge({
      name: 'nhip_broker_certificate_expires_seconds',
      help: 'when the certificate of the broker ends, s since 1970; 0 without TLS',
      registers,
    }),
    signInsWaiting: new Gauge({
      name: 'nhip_broker_sign_ins_waiting',
      help: 'secrets that wait to be checked',
      registers,
    }),
    revoked: new Counter({
      name: 'nhip_broker_revoked_total',
      help: 'connections closed because their credential was revoked or changed',
      registers,
    }),
    sessionsExpired: new Counter({
      name: 'nhip_broker_sessions_expired_total',
      help: 'sessions forgotten because their client stayed away (SESSION_EXPIRY_S)',
      registers,
    }),
    sessionsDisplaced: new Counter({
      name: 'nhip_broker_sessions_displaced_total',
      help: 'sessions ended for a newer one of the same user (MAX_SESSIONS_PER_USER)',
      registers,
    }),
    inflight: new Gauge({
      name: 'nhip_broker_inflight_messages',
      help: 'messages of sessions on their way to their client',
      registers,
    }),
    queued: new Gauge({ name: 'nhip_broker_queued_messages', help: 'messages that wait in sessions', registers }),
    delayed: new Counter({
      name: 'nhip_broker_delayed_seconds_total',
      help: 'time for which clients over their rate were not read',
      registers,
    }),
    dropped: new Counter({
      name: 'nhip_broker_dropped_total',
      help: 'QoS 0 messages not sent to clients that do not read',
      registers,
    }),
    refused: new Counter({
      name: 'nhip_broker_refused_total',
      help: 'what the broker refused',
      labelNames: ['what'],
      registers,
    }),
    refusalsKept: new Gauge({
      name: 'nhip_broker_refusals_remembered',
      help: 'sorts of refusals remembered for the page about devices (at most 2,000)',
      registers,
    }),
    refusalsForgotten: new Counter({
      name: 'nhip_broker_refusals_forgotten_total',
      help: 'remembered refusals that made room for newer ones',
      registers,
    }),
    journalWait: new Histogram({
      name: 'nhip_broker_journal_wait_seconds',
      help: 'time from a reading to its place on disk',
      buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5],
      registers,
    }),
  }
}
export type BrokerMetrics = ReturnType<typeof brokerMetrics>
