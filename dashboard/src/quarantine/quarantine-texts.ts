import type { Language } from '#telemetry/language.ts'

const vi = {
  explain:
    'Bản tin, hoặc giá trị trong bản tin, không hợp lệ: giữ lại cùng lý do. Phần sai không vào kho số liệu; hãy sửa thiết bị theo lý do.',
  none: 'Không có bản tin nào bị từ chối.',
  failed: 'Không tải được danh sách; đang thử lại…',
  refusedAt: 'Bị từ chối lúc',
  reason: 'Lý do',
  message: 'Bản tin',
  count: 'Số lần',
  /** of a message of which only some values are wrong */
  partial: 'Các giá trị khác của bản tin đã được lưu.',
  /** a message without a byte */
  empty: '(bản tin rỗng)',
  /** each kind of fault in a few words; the reason itself names value and limit */
  codes: {
    TOPIC: 'Sai chủ đề',
    JSON: 'Không phải JSON',
    SHAPE: 'Sai cấu trúc',
    VALUE: 'Giá trị không hợp lệ',
    PLACE: 'Vị trí không hợp lệ',
    FUTURE: 'Thời điểm đo muộn hơn lúc nhận',
    PAST: 'Cũ hơn thời hạn lưu trữ',
    STORE: 'Kho số liệu từ chối',
    FAULT: 'Nền tảng không xử lý được',
    NOT_KEPT: 'Bị từ chối, không giữ lại',
  },
}

type QuarantineTexts = typeof vi

const en = {
  explain:
    'Messages, or values of them, that did not validate: kept with the reason. What is wrong is not in the store; mend the device by the reason.',
  none: 'No message is in quarantine.',
  failed: 'The list could not be loaded; trying again…',
  refusedAt: 'Refused at',
  reason: 'Reason',
  message: 'Message',
  count: 'Count',
  partial: 'Its other values are stored.',
  empty: '(an empty message)',
  codes: {
    TOPIC: 'Wrong topic',
    JSON: 'Not JSON',
    SHAPE: 'Wrong shape',
    VALUE: 'Value not allowed',
    PLACE: 'Position not allowed',
    FUTURE: 'Measured later than its arrival',
    PAST: 'Older than is kept',
    STORE: 'Refused by the store',
    FAULT: 'The platform could not handle it',
    NOT_KEPT: 'Refused, not kept',
  },
} satisfies QuarantineTexts

/** Texts of the page of messages that did not validate; they come with it. */
export const quarantineTexts: Readonly<Record<Language, QuarantineTexts>> = { vi, en }
