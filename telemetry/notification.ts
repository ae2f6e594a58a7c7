import { z } from 'zod'
import { alertIdSchema } from './alert.ts'
import { deliveryFaultSchema } from './faults/delivery-faults.ts'
import { knownFaults } from './faults/fault-table.ts'
import { timestampSchema } from './reading-parts.ts'

/** Ways out of the platform. */
export const notificationChannels = ['webhook', 'email'] as const
export const notificationChannelSchema = z.enum(notificationChannels)
export type NotificationChannel = z.infer<typeof notificationChannelSchema>

/** A message to the outside that was given up, kept for a month whether or not it was delivered after all. */
export const deadNotificationSchema = z.object({
  id: z.string().min(1).max(64),
  channel: notificationChannelSchema,
  /** host of the webhook, or the addresses of the e-mail */
  to: z.string(),
  /** what it says, in the language it was written in */
  subject: z.string(),
  /** the alerts it tells of */
  alerts: z.array(alertIdSchema),
  /** when it was made, epoch ms */
  at: timestampSchema,
  /** when it was given up, epoch ms */
  diedAt: timestampSchema,
  attempts: z.number().int().min(1),
  /** what the last try came to, as an English sentence */
  fault: z.string(),
  /** the same as a code; absent in what an older release gave up, and where a newer one has written a code that is not known here */
  faults: knownFaults(deliveryFaultSchema),
  /** since when it is being tried again, epoch ms; absent when it is not */
  replayedAt: timestampSchema.optional(),
  /** when a replay delivered it after all, epoch ms; absent as long as it is not */
  deliveredAt: timestampSchema.optional(),
})
export type DeadNotification = z.infer<typeof deadNotificationSchema>
