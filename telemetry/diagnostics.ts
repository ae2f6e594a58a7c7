import { z } from 'zod'
import { clockFaultSchema } from './clock.ts'
import { brokerFaultSchema } from './faults/broker-faults.ts'
import { knownFaults } from './faults/fault-table.ts'
import { messageFaultSchema } from './faults/message-faults.ts'
import { kindSchema } from './kinds.ts'
import { idSchema, timestampSchema } from './reading-parts.ts'
import { connectionSchema } from './sensor.ts'

/** Why the broker refused something that a device tried. */
export const refusalCodes = [
  /** wrong user name or password */
  'credentials',
  /** too many failed sign-ins before: refused unchecked */
  'blocked',
  /** too many sign-ins wait */
  'sign-ins',
  /** the client id is another's, too long, or missing with a session to keep */
  'client-id',
  /** the last will has a topic that is wrong, or not its own */
  'will',
  /** too many kept sessions */
  'sessions',
  /** too many connections of this user or address, or too many new ones */
  'connections',
  /** no TLS handshake, or a certificate that is not trusted */
  'tls',
  /** nothing came in time */
  'connect-timeout',
  /** a topic that is malformed */
  'topic',
  /** a topic to which it may not publish */
  'publish',
  /** a filter to which it may not subscribe, or one too many */
  'subscribe',
] as const
export type RefusalCode = (typeof refusalCodes)[number]

/** Something that the broker refused, and how often. */
export const brokerRefusalSchema = z.object({
  code: z.enum(refusalCodes),
  /** why the last time; absent from an older release, and where the code says all or a newer release has sent what is not known here */
  faults: knownFaults(brokerFaultSchema),
  /** the last time, epoch ms */
  at: timestampSchema,
  count: z.number().int().min(1),
  address: z.string().max(64),
  /** the client id of the last time; empty when there was none */
  client: z.string().max(64),
  /** the user name; the beginning alone of one that is not known, for it may be a password */
  user: z.string().max(65),
  /** whether there is such a user */
  isKnown: z.boolean(),
  /** topic or filter that was asked for */
  topic: z.string().max(256).optional(),
  /** the topic of its own that is most like it */
  nearest: z.string().max(256).optional(),
})
export type BrokerRefusal = z.infer<typeof brokerRefusalSchema>

/**
 * What a broker publishes on `city/v1/diagnostics/refusals`, at most once a second: those that are new or have come again; none,
 * about once a minute, to say that it is there. It passes on what other brokers and bridges with the same journal tell.
 */
export const refusalBatchSchema = z.object({
  /** of the process */
  broker: z.string().max(64),
  /** host of the outside broker that a bridge brings readings of: what that one refuses nobody tells */
  outside: z.string().max(261).optional(),
  refusals: z.array(brokerRefusalSchema).max(500),
})
export type RefusalBatch = z.infer<typeof refusalBatchSchema>

/** Query of `GET /api/v1/devices/diagnosis`. */
export const diagnosisQuery = z.object({
  /** part of a client id, user name, address, topic or sensor; everything when it is empty */
  search: z.string().trim().max(100).default(''),
})

/** Answer of `GET /api/v1/devices/diagnosis`: what is known of devices that are not, or not rightly, here; each list newest first. */
export const diagnosisResponse = z.object({
  now: timestampSchema,
  /** brokers whose refusals these are */
  brokers: z.number().int(),
  /** hosts of outside brokers whose readings a bridge brings: what they refuse is in their own logs */
  outside: z.array(z.string()),
  refusals: z.array(brokerRefusalSchema),
  /** what was refused of readings, meta and status */
  messages: z.array(
    z.object({
      ...{ ts: timestampSchema, topic: z.string(), code: z.string(), reason: z.string() },
      /** what else is wrong with the same message */
      more: z.array(z.string()).optional(),
      /** the same as codes; absent in entries of older releases */
      faults: knownFaults(messageFaultSchema),
      count: z.number().int(),
    }),
  ),
  /** those that the search finds; without one, those with a wrong clock */
  sensors: z.array(
    z.object({
      id: idSchema,
      district: idSchema,
      kind: kindSchema,
      /** whether it has told its place and period */
      hasMeta: z.boolean(),
      connection: connectionSchema.optional(),
      /** when its last reading arrived, also one of a wrong clock, epoch ms, or was measured where that is not known; absent when there is none */
      lastSeenAt: timestampSchema.optional(),
      clock: clockFaultSchema.optional(),
    }),
  ),
  /** true when a list has more than the answer holds: search more narrowly */
  truncated: z.boolean(),
})
export type DiagnosisResponse = z.infer<typeof diagnosisResponse>
