import { afterAll, beforeAll, expect, it } from 'vitest'
import { emailChannel } from '#alerts/notify/email.ts'
import type { Channel, Message } from '#alerts/notify/message.ts'
import { webhookChannel } from '#alerts/notify/webhook.ts'
import { faultWords } from '../../dashboard/src/alerts/notification-texts.ts'
import { type AnsweringServer, startAnsweringServer } from '../support/answering-server.ts'
import { type MailServer, startMailServer } from '../support/mail-server.ts'

const secret = 'a-secret-of-this-test'
const addresses = { from: 'nhip@city.example', to: 'duty@city.example' }
const message: Message = { id: '1', channel: 'webhook', at: 0, subject: 'Thử', text: 'Thử', alerts: [], total: 0 }

let hook: AnsweringServer
let mail: MailServer
/** addresses at which nobody listens any more */
let closed: { hook: string; mail: string }

beforeAll(async () => {
  const [goneHook, goneMail] = await Promise.all([startAnsweringServer(() => undefined), startMailServer(secret)])
  closed = { hook: goneHook.url, mail: goneMail.url }
  await Promise.all([goneHook.close(), goneMail.close()])
  hook = await startAnsweringServer(({ path }) => (path === '/silent' ? undefined : { status: 410 }))
  mail = await startMailServer(secret)
})
afterAll(async () => {
  await hook.close()
  await mail.close()
})

/** What a delivery came to. */
async function faultOf(channel: Channel): Promise<string> {
  const fault = await channel.deliver(message).then(
    () => 'delivered',
    (error: Error) => error.message,
  )
  channel.close()
  return fault
}

it.each<[string, () => Channel, RegExp]>([
  ['a refusal', () => webhookChannel({ url: hook.url, secret }), /^nơi nhận trả lời HTTP 410$/],
  [
    'silence',
    () => webhookChannel({ url: `${hook.url}/silent`, secret, timeoutMs: 50 }),
    /^nơi nhận không trả lời kịp$/,
  ],
  ['a closed port', () => webhookChannel({ url: closed.hook, secret }), /^không kết nối được \(ECONNREFUSED\)$/],
  ['a mail server away', () => emailChannel({ url: closed.mail, ...addresses }), /^không kết nối được với máy chủ thư/],
  ['a mail refused', () => emailChannel({ url: mail.url, ...addresses }), /^máy chủ thư trả lời: .*550/],
])(
  'a notification that was not delivered for %s is explained in Vietnamese, and in English as it was kept',
  async (_why, channel, words) => {
    mail.refusals.push(550)
    const fault = await faultOf(channel())
    expect(faultWords('vi', fault)).toMatch(words)
    expect(faultWords('en', fault)).toBe(fault)
  },
)
