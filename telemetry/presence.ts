import { z } from 'zod'
import { idSchema, timestampSchema } from './reading-parts.ts'

/** A sensor has come or gone: its id, when (epoch ms), and whether it is offline since. */
export const presenceChangeSchema = z.tuple([idSchema, timestampSchema, z.boolean()])
export type PresenceChange = z.infer<typeof presenceChangeSchema>

/** Span of the changes that one event holds, ms: its time is that of the earliest. */
export const presenceSpanMs = 5_000

/**
 * Body of an event of the stream `presence`. `changes`: who came and went within {@link presenceSpanMs} from the event's time
 * on. `checkpoint`: everyone who was offline at the event's time, in so many parts, each an event.
 */
export const presenceEventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('changes'), changes: z.array(presenceChangeSchema) }),
  z.object({ type: z.literal('checkpoint'), parts: z.number().int().min(1), offline: z.array(idSchema) }),
])
export type PresenceEvent = z.infer<typeof presenceEventSchema>
