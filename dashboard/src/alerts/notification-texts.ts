import { sayDeliveryFault } from '#telemetry/faults/delivery-words.ts'
import { otherReleaseWords } from '#telemetry/glossary/other-release.ts'
import type { Language } from '#telemetry/language.ts'
import type { DeadNotification, NotificationChannel } from '#telemetry/notification.ts'

const vi = {
  explain: 'Những thông báo bị nơi nhận từ chối hoặc thử tám lần vẫn không gửi được. Hãy sửa nơi nhận rồi gửi lại.',
  none: 'Mọi thông báo đều đã gửi được.',
  failed: 'Không tải được danh sách. Dịch vụ cảnh báo có thể không chạy.',
  columns: { at: 'Ngừng gửi lúc', channel: 'Kênh', to: 'Nơi nhận', subject: 'Nội dung', fault: 'Lỗi cuối' },
  channels: { webhook: 'Webhook', email: 'Thư điện tử' } satisfies Record<NotificationChannel, string>,
  attempts: (count: string) => `đã thử ${count} lần`,
  sendAgain: 'Gửi lại',
  sending: 'Đang gửi lại…',
  delivered: (time: string) => `✓ đã gửi lúc ${time}`,
  notDelivered: 'Vẫn chưa gửi được.',
  /** it was not even tried */
  notRequested: 'Chưa gửi lại được: dịch vụ cảnh báo không nhận yêu cầu.',
}

type NotificationTexts = typeof vi

const en = {
  explain:
    'Notifications that the receiver refused, or that did not arrive in eight tries. Mend the receiver, then send them again.',
  none: 'Every notification was delivered.',
  failed: 'The list could not be loaded. The alert service may not be running.',
  columns: { at: 'Given up', channel: 'Channel', to: 'To', subject: 'Subject', fault: 'Last fault' },
  channels: { webhook: 'Webhook', email: 'E-mail' },
  attempts: (count) => (count === '1' ? 'tried once' : `tried ${count} times`),
  sendAgain: 'Send again',
  sending: 'Being sent again…',
  delivered: (time) => `✓ delivered ${time}`,
  notDelivered: 'It was not delivered this time either.',
  notRequested: 'It was not sent: the alert service did not take the request.',
} satisfies NotificationTexts

/** Texts of the page of notifications that could not be delivered. */
export const notificationTexts: Readonly<Record<Language, NotificationTexts>> = { vi, en }

/** What the last try came to, in the words of a language; what another release gave up has an English sentence alone, and is marked. */
export function deliveryFaultWords(
  language: Language,
  { fault, faults }: Pick<DeadNotification, 'fault' | 'faults'>,
): string {
  return faults?.map((one) => sayDeliveryFault(language, one)).join('; ') ?? otherReleaseWords[language](fault)
}
