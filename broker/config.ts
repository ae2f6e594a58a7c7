import { z } from 'zod'
import { portSchema } from '#telemetry/config.ts'
import { webSettings } from '#telemetry/web-settings.ts'

const count = (least: number, most: number, normal: number) =>
  z.coerce.number().int().min(least).max(most).default(normal)

/** Settings of the broker. */
export const brokerConfig = z.object({
  HOST: z.string().default('127.0.0.1').describe('address of every listener'),
  MQTT_PORT: portSchema.default(1883).describe('port of MQTT over TCP; 0 takes a free one'),
  MQTT_WS_PORT: portSchema.default(8083).describe('port of MQTT over WebSocket; 0 takes a free one'),
  MQTTS_PORT: portSchema.default(8883).describe('port of MQTT over TLS, with TLS_CERT; 0 takes a free one'),
  MQTT_WSS_PORT: portSchema
    .default(8084)
    .describe('port of MQTT over WebSocket with TLS, with TLS_CERT; 0 takes a free one'),
  ...webSettings,
  MAX_PACKET_BYTES: z.coerce
    .number()
    .int()
    .min(1_024)
    .max(16_777_216)
    .default(262_144)
    .describe('largest MQTT packet a client may send, bytes; the platform’s own services always 262144'),
  MAX_CONNECTIONS: count(1, 1_000_000, 10_000).describe(
    'most connections to the broker at once; a new one then takes the place of the oldest without a CONNECT, of the address with most such',
  ),
  MAX_CONNECTIONS_PER_USER: count(1, 1_000_000, 100).describe(
    'most connections of one device at once; more are answered with return code 3',
  ),
  MAX_CONNECTIONS_PER_SERVICE: count(1, 1_000_000, 5_000).describe(
    'the same of a service, of the simulators or of a person with a role',
  ),
  MAX_CONNECTIONS_PER_ADDRESS: count(1, 1_000_000, 5_000).describe(
    'most connections of one address (IPv6: one /64) at once; a new one then takes the place of its oldest without a CONNECT',
  ),
  CONNECTS_PER_SECOND: count(1, 100_000, 500).describe(
    'new connections a second of one address, on average over 10 s; more take the place of those that have sent nothing for 1 s, or are closed',
  ),
  CONNECT_TIMEOUT_S: count(1, 300, 10).describe(
    'time from opening a connection to its whole CONNECT, handshakes of TLS and WebSocket included, s',
  ),
  FAILED_SIGN_INS_PER_ADDRESS: count(1, 1_000_000, 100).describe(
    'failed sign-ins a minute of one address; more are refused unchecked, but for the platform’s own services',
  ),
  FAILED_SIGN_INS_PER_ID: count(1, 1_000_000, 10).describe(
    'failed sign-ins a minute at one id; then addresses that failed at it are refused unchecked, no other',
  ),
  MAX_SIGN_INS_WAITING: count(1, 1_000_000, 5_000).describe(
    'secrets that wait to be checked; more are answered "unavailable"',
  ),
  KEEPALIVE_MAX_S: count(1, 65_535, 1_200).describe(
    'longest keep-alive a client is held to, s, also one with a longer one or none: 1.5 times as long without a packet ends it',
  ),
  SLOW_CONSUMER_TIMEOUT_S: count(1, 3_600, 10).describe('time a client may take nothing of what waits for it, s'),
  MAX_UNSENT_BYTES: count(65_536, 1_073_741_824, 8_388_608).describe(
    'bytes that wait in memory for one client to read; beyond it QoS 0 is dropped and QoS 1 and 2 close it',
  ),
  MESSAGES_PER_SECOND: count(1, 1_000_000, 100).describe(
    'packets a second of all connections of one sensor, on average over 2 s, each filter of a SUBSCRIBE among them; more are read later',
  ),
  BYTES_PER_SECOND: count(1_024, 1_073_741_824, 262_144).describe(
    'bytes a second of all connections of one sensor, on average over 2 s; more are read later',
  ),
  SERVICE_MESSAGES_PER_SECOND: count(1, 1_000_000, 50_000).describe(
    'the same of one connection of a service or of admin',
  ),
  SERVICE_BYTES_PER_SECOND: count(1_024, 1_073_741_824, 33_554_432).describe(
    'the same of one connection of a service or of admin',
  ),
  MAX_TOPIC_LENGTH: count(16, 65_535, 256).describe('longest topic or filter, characters'),
  MAX_TOPIC_LEVELS: count(6, 100, 10).describe('most levels of a topic or filter'),
  MAX_SUBSCRIPTIONS: count(1, 10_000, 100).describe('most subscriptions of one client; more are answered 0x80'),
  MAX_SUBSCRIPTIONS_PER_USER: count(1, 10_000_000, 10_000).describe(
    'most subscriptions of all clients and kept sessions of one user; more are answered 0x80',
  ),
  MAX_SUBSCRIPTIONS_IN_ALL: count(1, 10_000_000, 100_000).describe('most subscriptions of all users together'),
  MAX_RETAINED: count(1, 10_000_000, 100_000).describe('most retained messages; more are delivered, not retained'),
  MAX_RETAINED_BYTES: count(1_024, 17_179_869_184, 67_108_864).describe(
    'most bytes of retained messages, topics included',
  ),
  MAX_RETAINED_PER_USER: count(1, 10_000_000, 20_000).describe(
    'most retained messages that one user has published; more are delivered, not retained',
  ),
  MAX_RETAINED_BYTES_PER_USER: count(1_024, 17_179_869_184, 16_777_216).describe(
    'most bytes of retained messages that one user has published, topics included',
  ),
  MAX_SESSIONS: count(1, 1_000_000, 10_000).describe('most sessions that outlive their connection (clean session off)'),
  MAX_SESSIONS_PER_USER: count(1, 1_000_000, 100).describe(
    'the same of one device or person; beyond it the one that was left longest ago ends',
  ),
  SESSION_EXPIRY_S: count(1, 31_536_000, 86_400).describe('time a session without a connection is kept, s'),
  MAX_SESSION_QUEUE: count(1, 1_000_000, 10_000).describe('messages that wait in one session; more are dropped'),
  MAX_SESSION_QUEUE_BYTES: count(1_024, 1_073_741_824, 16_777_216).describe(
    'bytes that wait in one session; more are dropped',
  ),
  MAX_INFLIGHT: count(1, 65_535, 1_000).describe(
    'QoS 1 and 2 messages of a session on their way to the client, and QoS 2 messages of a client half-way in',
  ),
})
