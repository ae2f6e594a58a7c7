import type { Language } from '#telemetry/language.ts'

const vi = {
  title: 'Chọn ngày xem lại',
  close: 'Đóng',
  before: 'Tháng trước',
  after: 'Tháng sau',
  none: 'không có số liệu',
  /** what the look of a day means */
  legend: 'Gạch ngang: ngày không có số liệu.',
  first: (time: string) => `Số liệu có từ ${time}.`,
  nothing: 'Chưa có số liệu nào.',
  loading: 'Đang xem ngày nào có số liệu…',
  failed: 'Không biết ngày nào có số liệu: máy chủ không trả lời. Vẫn chọn được ngày.',
  today: 'hôm nay',
}

/** Texts of the calendar beside the scrubber. */
type CalendarTexts = typeof vi

const en = {
  title: 'Choose the day to look back at',
  close: 'Close',
  before: 'Month before',
  after: 'Month after',
  none: 'no readings',
  legend: 'Struck through: a day without readings.',
  first: (time) => `Readings begin at ${time}.`,
  nothing: 'There are no readings yet.',
  loading: 'Looking which days have readings…',
  failed: 'Not known which days have readings: the server does not answer. Days can be chosen all the same.',
  today: 'today',
} satisfies CalendarTexts

/** The texts of a language. */
export const calendarTexts: Readonly<Record<Language, CalendarTexts>> = { vi, en }
