import { createHmac } from 'node:crypto'
import { type Channel, DeliveryError, type Message } from './message.ts'

/** Where messages are posted. */
export interface WebhookOptions {
  url: string
  /** signs what is sent */
  secret: string
  /** ms that the receiver has */
  timeoutMs?: number
}

const defaultTimeoutMs = 10_000

/** The signature of a message: HMAC-SHA-256 over time (epoch s), a dot and the body, in hex. */
export function signatureOf(secret: string, timestamp: number, body: string): string {
  return createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')
}

/**
 * Posts messages as JSON. `X-Nhip-Signature` is `t={epoch s},v1={signature}`; `X-Nhip-Delivery` is the message's id, which stays
 * the same when it is tried again. Any answer of 2xx is a delivery; a redirect is not followed.
 */
export function webhookChannel({ url, secret, timeoutMs = defaultTimeoutMs }: WebhookOptions): Channel {
  return {
    name: 'webhook',
    to: new URL(url).host,
    async deliver(message) {
      const body = bodyOf(message)
      const timestamp = Math.floor(Date.now() / 1_000)
      const headers = {
        'content-type': 'application/json',
        'user-agent': 'nhip',
        'x-nhip-delivery': message.id,
        'x-nhip-signature': `t=${timestamp},v1=${signatureOf(secret, timestamp, body)}`,
      }
      const signal = AbortSignal.timeout(timeoutMs)
      const answer = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'manual' }).catch(unreachable)
      await answer.body?.cancel()
      if (answer.ok) return
      const mayHelp = answer.status >= 500 || [408, 425, 429].includes(answer.status)
      throw new DeliveryError({ code: 'HTTP_STATUS', params: { status: answer.status } }, mayHelp)
    },
    close() {},
  }
}

function bodyOf({ id, at, subject, text, alerts, total }: Message): string {
  return JSON.stringify({ id, at: new Date(at).toISOString(), subject, text, total, alerts })
}

/** Of a network fault only its code is told, never its words: an address may hold a secret. */
function unreachable(error: unknown): never {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  const late = error instanceof Error && error.name === 'TimeoutError'
  if (late) throw new DeliveryError({ code: 'TIMEOUT', params: {} }, true)
  throw new DeliveryError({ code: 'NO_CONNECTION', params: code === undefined ? {} : { error: String(code) } }, true)
}
