import type { NotifyOptions } from '../config.ts'
import { emailChannel } from './email.ts'
import type { Route } from './notifier.ts'
import { webhookChannel } from './webhook.ts'

/** The channels that are set up. */
export function routesOf({ webhook, email }: NotifyOptions): Route[] {
  return [
    ...(webhook ? [{ channel: webhookChannel(webhook), priority: webhook.priority }] : []),
    ...(email ? [{ channel: emailChannel(email), priority: email.priority }] : []),
  ]
}
