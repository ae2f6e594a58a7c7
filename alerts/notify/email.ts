import type { Transporter } from 'nodemailer'
import { type Channel, DeliveryError } from './message.ts'

/** Where e-mail goes out, and to whom. */
export interface EmailOptions {
  /** smtp://user:password@host:587, or smtps:// for TLS from the start */
  url: string
  from: string
  /** addresses, with commas in between */
  to: string
}

const timeoutMs = 15_000
/** characters of what a mail server says that are kept */
const maxSaid = 280

/** Sends messages over SMTP. The message's id is its Message-ID, so that one sent twice shows once in most mailboxes. */
export function emailChannel({ url, from, to }: EmailOptions): Channel {
  const host = new URL(url).hostname
  // loaded with the first message: most starts send none
  const open = async () => {
    const { createTransport } = await import('nodemailer')
    return createTransport({
      url,
      connectionTimeout: timeoutMs,
      greetingTimeout: timeoutMs,
      socketTimeout: timeoutMs,
      disableFileAccess: true,
      disableUrlAccess: true,
    })
  }
  let transport: Promise<Transporter> | undefined
  return {
    name: 'email',
    to,
    async deliver({ id, subject, text }) {
      try {
        transport ??= open()
        await (await transport).sendMail({ from, to, subject, text, messageId: `<${id}@${host}>` })
      } catch (error) {
        throw deliveryFault(error)
      }
    },
    close() {
      void transport?.then((opened) => opened.close())
    },
  }
}

/** A reply of 5xx is final; everything else may pass. The words of nodemailer may hold addresses, never the password. */
function deliveryFault(error: unknown): DeliveryError {
  const { code, responseCode, response } = error as { code?: string; responseCode?: number; response?: string } // nodemailer's
  if (responseCode === undefined)
    return new DeliveryError({ code: 'NO_MAIL_SERVER', params: { error: code } }, true, error)
  const said = (response ?? String(responseCode)).slice(0, maxSaid)
  return new DeliveryError({ code: 'MAIL_REFUSED', params: { said } }, responseCode < 500, error)
}
