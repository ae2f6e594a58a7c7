import { once } from 'node:events'
import { SMTPServer } from 'smtp-server'

/** A real SMTP server that keeps what it is given, or refuses with a code. */
export interface MailServer {
  /** with user and password, for nodemailer */
  url: string
  mails: string[]
  /** codes to refuse the next mails with */
  refusals: number[]
  close(): Promise<void>
}

/** Starts one on a free port of loopback. It takes every password; `password` is put into its URL. */
export async function startMailServer(password: string): Promise<MailServer> {
  const mails: string[] = []
  const refusals: number[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, _session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const responseCode = refusals.shift()
        if (responseCode !== undefined) return done(Object.assign(new Error('not now'), { responseCode }))
        mails.push(Buffer.concat(chunks).toString())
        done()
      })
    },
    onAuth: (_auth, _session, done) => done(null, { user: 'nhip' }),
  })
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  const address = server.server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return {
    mails,
    refusals,
    url: `smtp://nhip:${password}@127.0.0.1:${port}`,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}

/** Text of a mail whose body is quoted-printable or base64. */
export function textOfMail(mail: string): string {
  const [head = '', ...body] = mail.split('\r\n\r\n')
  const text = body.join('\r\n\r\n')
  if (/base64/i.test(head)) return Buffer.from(text, 'base64').toString()
  const bytes = text
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number(`0x${hex}`)))
  return Buffer.from(bytes, 'latin1').toString()
}
