import type { Language } from '#telemetry/language.ts'
import type { shelfMinutes } from './shelf-times.ts'

interface ActionTexts {
  title: Record<'acknowledge' | 'shelve', (count: string) => string>
  go: Record<'acknowledge' | 'shelve', (count: string) => string>
  more: (count: string) => string
  how: string
  minutes: Record<(typeof shelfMinutes)[number], string>
  until: string
  returns: string
  wrongEnd: string
  comment: string
  cancel: string
}

const vi: ActionTexts = {
  title: { acknowledge: (count) => `Xác nhận ${count} cảnh báo`, shelve: (count) => `Gác lại ${count} cảnh báo` },
  go: { acknowledge: (count) => `Xác nhận ${count}`, shelve: (count) => `Gác lại ${count}` },
  more: (count) => `và ${count} cảnh báo nữa`,
  how: 'Gác lại trong',
  minutes: { 15: '15 phút', 60: '1 giờ', 480: '8 giờ' },
  until: 'Đến lúc',
  returns: 'Hết giờ, cảnh báo tự trở lại danh sách nếu vẫn còn.',
  wrongEnd: 'Hãy chọn một thời điểm từ bây giờ đến 7 ngày tới.',
  comment: 'Ghi chú chung (không bắt buộc)',
  cancel: 'Thôi',
}

const en: ActionTexts = {
  title: {
    acknowledge: (count) => (count === '1' ? 'Acknowledge 1 alert' : `Acknowledge ${count} alerts`),
    shelve: (count) => (count === '1' ? 'Shelve 1 alert' : `Shelve ${count} alerts`),
  },
  go: { acknowledge: (count) => `Acknowledge ${count}`, shelve: (count) => `Shelve ${count}` },
  more: (count) => `and ${count} more`,
  how: 'Shelve for',
  minutes: { 15: '15 minutes', 60: '1 hour', 480: '8 hours' },
  until: 'Until',
  returns: 'When the time is over, an alert that still stands returns to the list by itself.',
  wrongEnd: 'Choose a moment between now and 7 days from now.',
  comment: 'Comment for all (optional)',
  cancel: 'Cancel',
}

/** Texts of the dialog that acknowledges and shelves. */
export const actionTexts: Readonly<Record<Language, ActionTexts>> = { vi, en }
