import { z } from 'zod'
import type { Priority } from '#telemetry/alert-rule.ts'
import { addressSchema } from '#telemetry/config.ts'
import { ConfigError } from '#telemetry/errors.ts'
import { type Language, languages } from '#telemetry/language.ts'
import { timeZoneSetting } from '#telemetry/time-zone.ts'

const priority = z.coerce
  .number()
  .int()
  .min(1)
  .max(3)
  .pipe(z.union([z.literal(1), z.literal(2), z.literal(3)]))

/** Settings of alerts. */
export const alertsConfig = z.object({
  MQTT_URL: z.string().default('mqtt://127.0.0.1:1883').describe('the broker'),
  ALERTS_PASSWORD: z.string().min(16).optional().describe('password of the MQTT user alerts'),
  TIME_ZONE: timeZoneSetting,
  NOTIFY_LANGUAGE: z.enum(languages).default('vi').describe('language of webhooks and e-mails about alerts'),
  NOTIFY_WEBHOOK_URL: addressSchema('http', 'https').optional().describe('where new alerts are posted as signed JSON'),
  NOTIFY_WEBHOOK_SECRET: z
    .string()
    .min(16)
    .optional()
    .describe('signs what is posted to NOTIFY_WEBHOOK_URL, at least 16 characters'),
  NOTIFY_WEBHOOK_PRIORITY: priority
    .default(2)
    .describe('least urgent priority that is posted: 1 critical, 2 warning, 3 notice'),
  NOTIFY_SMTP_URL: addressSchema('smtp', 'smtps')
    .optional()
    .describe('mail server, as smtps://user:password@host, for e-mail about new alerts'),
  NOTIFY_EMAIL_FROM: z.string().optional().describe('sender of e-mail about alerts'),
  NOTIFY_EMAIL_TO: z.string().optional().describe('receivers of e-mail about alerts, with commas in between'),
  NOTIFY_EMAIL_PRIORITY: priority.default(1).describe('least urgent priority that is mailed'),
})

/** How people outside are told of alerts. */
export interface NotifyOptions {
  language: Language
  /** in which times are told, of the IANA database */
  timeZone: string
  webhook?: { url: string; secret: string; priority: Priority }
  email?: { url: string; from: string; to: string; priority: Priority }
}

/**
 * Reads the settings of notifications.
 * @throws ConfigError when one of a group is there without the others
 */
export function notifyOptions(config: Omit<z.infer<typeof alertsConfig>, 'MQTT_URL'>): NotifyOptions {
  const { NOTIFY_WEBHOOK_URL, NOTIFY_WEBHOOK_SECRET, NOTIFY_SMTP_URL, NOTIFY_EMAIL_FROM, NOTIFY_EMAIL_TO } = config
  const missing = (name: string, by: string) => new ConfigError(`${name} is missing: ${by} needs it`)
  const options: NotifyOptions = { language: config.NOTIFY_LANGUAGE, timeZone: config.TIME_ZONE }
  if (NOTIFY_WEBHOOK_URL !== undefined) {
    if (NOTIFY_WEBHOOK_SECRET === undefined) throw missing('NOTIFY_WEBHOOK_SECRET', 'NOTIFY_WEBHOOK_URL')
    const priority = config.NOTIFY_WEBHOOK_PRIORITY
    options.webhook = { url: NOTIFY_WEBHOOK_URL, secret: NOTIFY_WEBHOOK_SECRET, priority }
  }
  if (NOTIFY_SMTP_URL !== undefined) {
    if (NOTIFY_EMAIL_FROM === undefined) throw missing('NOTIFY_EMAIL_FROM', 'NOTIFY_SMTP_URL')
    if (NOTIFY_EMAIL_TO === undefined) throw missing('NOTIFY_EMAIL_TO', 'NOTIFY_SMTP_URL')
    const priority = config.NOTIFY_EMAIL_PRIORITY
    options.email = { url: NOTIFY_SMTP_URL, from: NOTIFY_EMAIL_FROM, to: NOTIFY_EMAIL_TO, priority }
  }
  return options
}
