import { afterAll, beforeAll, expect, it } from 'vitest'
import { emailChannel } from '#alerts/notify/email.ts'
import { type Channel, DeliveryError, type Message } from '#alerts/notify/message.ts'
import { webhookChannel } from '#alerts/notify/webhook.ts'
import { deliveryFaultSchema } from '#telemetry/faults/delivery-faults.ts'
import { otherReleaseWords } from '#telemetry/glossary/other-release.ts'
import { languages } from '#telemetry/language.ts'
import { deadNotificationSchema } from '#telemetry/notification.ts'
import { deliveryFaultWords } from '../../dashboard/src/alerts/notification-texts.ts'
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
async function faultOf(channel: Channel): Promise<DeliveryError> {
  const fault: unknown = await channel.deliver(message).catch((error: unknown) => error)
  channel.close()
  if (fault instanceof DeliveryError) return fault
  throw new Error('it was delivered', { cause: fault })
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
    const { message: fault, fault: code } = await faultOf(channel())
    const given = { fault, faults: deliveryFaultSchema.array().parse(JSON.parse(JSON.stringify([code]))) }
    expect(deliveryFaultWords('vi', given)).toMatch(words)
    expect(deliveryFaultWords('en', given)).toBe(fault)
  },
)

it('a notification that an older release gave up has its sentence alone, which is shown as it is, and marked', () => {
  for (const language of languages)
    expect(deliveryFaultWords(language, { fault: 'no connection (ENOTFOUND)' })).toBe(
      otherReleaseWords[language]('no connection (ENOTFOUND)'),
    )
})

it('a code of a newer release is shown by its sentence', () => {
  const { faults } = deadNotificationSchema.pick({ faults: true }).parse({ faults: [{ code: 'NEW', params: {} }] })
  expect(faults).toBeUndefined()
})
