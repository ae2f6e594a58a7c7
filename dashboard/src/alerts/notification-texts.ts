import type { Language } from '#telemetry/language.ts'
import type { notificationChannels } from '#telemetry/notification.ts'

interface NotificationTexts {
  explain: string
  none: string
  failed: string
  columns: { at: string; channel: string; to: string; subject: string; fault: string }
  channels: Record<(typeof notificationChannels)[number], string>
  /** what the last try came to; faults of other words are shown as they came */
  faults: readonly [pattern: RegExp, words: string][]
  attempts: (count: string) => string
  again: string
  underWay: string
  delivered: (time: string) => string
  notDelivered: string
  /** it was not even tried */
  notAsked: string
}

const vi: NotificationTexts = {
  explain: 'Những thông báo bị nơi nhận từ chối hoặc thử tám lần vẫn không gửi được. Hãy sửa nơi nhận rồi gửi lại.',
  none: 'Mọi thông báo đều đã gửi được.',
  failed: 'Không tải được danh sách. Dịch vụ cảnh báo có thể không chạy.',
  columns: { at: 'Bỏ cuộc lúc', channel: 'Kênh', to: 'Nơi nhận', subject: 'Nội dung', fault: 'Lỗi cuối' },
  channels: { webhook: 'Webhook', email: 'Thư điện tử' },
  faults: [
    [/^the receiver answered HTTP (\d+)$/, 'nơi nhận trả lời HTTP $1'],
    [/^the receiver did not answer in time$/, 'nơi nhận không trả lời kịp'],
    [/^no connection \((.+)\)$/, 'không kết nối được ($1)'],
    [/^no connection to the mail server \((.+)\)$/, 'không kết nối được với máy chủ thư ($1)'],
    [/^the mail server answered (.+)$/, 'máy chủ thư trả lời: $1'],
    [/^(\d+) messages wait already$/, 'đã có $1 thông báo đang chờ'],
  ],
  attempts: (count) => `đã thử ${count} lần`,
  again: 'Gửi lại',
  underWay: 'Đang gửi lại…',
  delivered: (time) => `✓ đã gửi lúc ${time}`,
  notDelivered: 'Vẫn chưa gửi được.',
  notAsked: 'Chưa gửi lại được: dịch vụ cảnh báo không nhận yêu cầu.',
}

const en: NotificationTexts = {
  explain:
    'Notifications that the receiver refused, or that did not arrive in eight tries. Mend the receiver, then send them again.',
  none: 'Every notification was delivered.',
  failed: 'The list could not be loaded. The alert service may not be running.',
  columns: { at: 'Given up', channel: 'Channel', to: 'To', subject: 'Subject', fault: 'Last fault' },
  channels: { webhook: 'Webhook', email: 'E-mail' },
  faults: [],
  attempts: (count) => (count === '1' ? 'tried once' : `tried ${count} times`),
  again: 'Send again',
  underWay: 'Being sent again…',
  delivered: (time) => `✓ delivered ${time}`,
  notDelivered: 'It was not delivered this time either.',
  notAsked: 'It was not sent: the alert service did not take the request.',
}

/** Texts of the page of notifications that could not be delivered. */
export const notificationTexts: Readonly<Record<Language, NotificationTexts>> = { vi, en }

/** What a try came to, in the words of a language. */
export function faultWords(language: Language, fault: string): string {
  const [pattern, words] = notificationTexts[language].faults.find(([one]) => one.test(fault)) ?? []
  return pattern && words !== undefined ? fault.replace(pattern, words) : fault
}
