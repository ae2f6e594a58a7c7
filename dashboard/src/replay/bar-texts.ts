import { priorityWords } from '#telemetry/glossary/priority.ts'
import type { Language } from '#telemetry/language.ts'

const vi = {
  /** what is not known of the moment shown */
  unknown: {
    both: 'Không có dữ liệu lưu về cảnh báo và kết nối của lúc này.',
    alerts: 'Không có dữ liệu lưu về cảnh báo của lúc này.',
    connections: 'Không có dữ liệu lưu về kết nối của lúc này.',
    some: 'Có thể thiếu cảnh báo phát sinh trước khi bắt đầu lưu.',
    since: (time: string) => `Cảnh báo và kết nối theo lần lưu cuối, lúc ${time}.`,
  },
  /** of the whole day on the scrubber */
  noReadings: 'Không có số liệu nào trong ngày này.',
  day: {
    label: 'Ngày xem lại',
    choose: (date: string) => `Chọn ngày xem lại, đang là ${date}`,
    before: 'Lùi 1 ngày',
    after: 'Tới 1 ngày',
  },
  /** critical alerts that wait in the present */
  criticalNow: (count: string) => `Hiện tại có ${count} cảnh báo ${priorityWords[1].vi} chưa xác nhận`,
}

/** Texts of the bar below the map that only a replay needs. */
type BarTexts = typeof vi

const en = {
  unknown: {
    both: 'Alerts and connections of that time are not kept.',
    alerts: 'Alerts of that time are not kept.',
    connections: 'Connections of that time are not kept.',
    some: 'Alerts raised before the records begin may be missing.',
    since: (time) => `Alerts and connections as last recorded, at ${time}.`,
  },
  noReadings: 'No readings on this day.',
  day: {
    label: 'Day to look back at',
    choose: (date) => `Choose the day to look back at, now ${date}`,
    before: 'Back 1 day',
    after: 'On 1 day',
  },
  criticalNow: (count) => `Unacknowledged ${priorityWords[1].en} alerts now: ${count}`,
} satisfies BarTexts

/** The texts of a language. */
export const barTexts: Readonly<Record<Language, BarTexts>> = { vi, en }
