import type { Language } from './i18n/messages.ts'

interface QuarantineTexts {
  explain: string
  none: string
  failed: string
  refusedAt: string
  reason: string
  message: string
  count: string
  /** each kind of fault in a few words; the reason itself names value and limit, in English */
  codes: Readonly<Record<string, string>>
}

const vi: QuarantineTexts = {
  explain: 'Bản tin không hợp lệ: giữ lại cùng lý do, không vào kho số liệu.',
  none: 'Không có bản tin nào bị cách ly.',
  failed: 'Không tải được danh sách; đang thử lại…',
  refusedAt: 'Bị từ chối lúc',
  reason: 'Lý do',
  message: 'Bản tin',
  count: 'Số lần',
  codes: {
    TOPIC: 'Sai chủ đề',
    JSON: 'Không phải JSON',
    SHAPE: 'Sai cấu trúc',
    VALUE: 'Giá trị không hợp lệ',
    FUTURE: 'Thời điểm đo ở tương lai',
    PAST: 'Cũ hơn thời hạn lưu trữ',
    STORE: 'Kho số liệu từ chối',
  },
}

const en: QuarantineTexts = {
  explain: 'Messages that did not validate: kept with the reason, not in the store.',
  none: 'No message is in quarantine.',
  failed: 'The list could not be loaded; trying again…',
  refusedAt: 'Refused at',
  reason: 'Reason',
  message: 'Message',
  count: 'Count',
  codes: {
    TOPIC: 'Wrong topic',
    JSON: 'Not JSON',
    SHAPE: 'Wrong shape',
    VALUE: 'Value not allowed',
    FUTURE: 'Measured in the future',
    PAST: 'Older than is kept',
    STORE: 'Refused by the store',
  },
}

/** Texts of the page of messages that did not validate; they come with it. */
export const quarantineTexts: Readonly<Record<Language, QuarantineTexts>> = { vi, en }
