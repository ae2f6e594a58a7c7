import { causeWords } from '#telemetry/glossary/alert-cause.ts'
import { alertActionWords, alertEventWords, alertStateWords } from '#telemetry/glossary/alert-state.ts'
import { priorityWords } from '#telemetry/glossary/priority.ts'
import { capitalized, type Language, titlesIn } from '#telemetry/language.ts'

const acts = { vi: titlesIn(alertActionWords, 'vi'), en: titlesIn(alertActionWords, 'en') }

const vi = {
  title: 'Cảnh báo',
  unacknowledged: alertStateWords.unacknowledged.vi,
  acknowledged: 'Đang theo dõi',
  shelved: capitalized(alertStateWords.shelved.vi),
  priorities: titlesIn(priorityWords, 'vi'),
  causes: titlesIn(causeWords, 'vi'),
  none: (sensors: string) => `Không có cảnh báo: cả ${sensors} cảm biến bình thường.`,
  noneSome: 'Không có cảnh báo nào.',
  /** while the list shows one severity alone */
  only: (severity: string) => `Chỉ mức ${severity.toLowerCase()}`,
  noneOf: (severity: string) => `Không có cảnh báo nào ở mức ${severity.toLowerCase()}.`,
  all: 'Hiện tất cả',
  loading: 'Đang tải cảnh báo…',
  notWatching: 'Dịch vụ cảnh báo không trả lời: danh sách có thể đã cũ. Hãy báo kỹ sư vận hành.',
  ofMoment: (time: string) => `Cảnh báo lúc ${time}, chỉ để xem. Nhấn L để về hiện tại và xử lý.`,
  /** why a button of an alert cannot be pressed */
  liveOnly: 'Đang phát lại: chỉ xử lý được cảnh báo hiện tại. Nhấn L để về hiện tại.',
  notKept: 'Không có dữ liệu lưu về cảnh báo của lúc này.',
  someKept: 'Có thể thiếu cảnh báo phát sinh trước khi bắt đầu lưu.',
  acknowledge: acts.vi.acknowledge,
  acknowledgeAll: (count: string) => `${acts.vi.acknowledge} ${count} cảnh báo`,
  shelve: `${acts.vi.shelve}…`,
  assign: `${acts.vi.assign}…`,
  assignee: {
    label: 'Giao cho',
    all: 'Tất cả',
    mine: 'Của tôi',
    nobody: 'Chưa giao cho ai',
    none: 'Không có cảnh báo nào được giao như vậy.',
    hidden: (count: string) => `Bộ lọc đang ẩn ${count} cảnh báo chưa xác nhận.`,
  },
  unshelve: acts.vi.unshelve,
  select: 'Chọn',
  selectAll: 'Chọn tất cả',
  selected: (count: string) => `Đã chọn ${count} cảnh báo`,
  clearSelection: 'Bỏ chọn',
  cleared: (age: string) => `đã ${alertEventWords.cleared.vi} ${age}`,
  acknowledgedBy: (who: string, age: string) => `${who} ${alertActionWords.acknowledge.vi} ${age}`,
  occurrences: (count: string) => `xảy ra ${count} lần`,
  sensors: (count: string) => `${count} cảm biến`,
  alertsInGroup: (count: string) => `${count} cảnh báo`,
  more: (count: string) => `Hiện thêm ${count}`,
  until: (time: string) => `đến ${time}`,
  history: 'Lịch sử',
  rules: 'Quy tắc',
  sound: { on: 'Bật âm báo', off: 'Tắt âm báo' },
  announced: (names: string, more: number) =>
    `Cảnh báo ${priorityWords[1].vi} mới: ${names}${more > 0 ? ` và ${more} cảnh báo khác` : ''}`,
  failed: {
    unreachable: 'Máy chủ không trả lời: chưa rõ đã ghi hay chưa. Hãy xem lại danh sách rồi thử lại.',
    /** the server had a fault: it may have been recorded all the same */
    unknown: (detail: string) => `Chưa rõ đã ghi hay chưa: ${detail}. Hãy xem lại danh sách.`,
    forbidden: 'Tài khoản này không có quyền xử lý cảnh báo.',
    other: (detail: string) => `Không ghi được: ${detail}`,
  },
  unchanged: 'Có người đã xử lý trước.',
}

/** Texts of the alerts beside the map. Counts, times and ages come formatted. */
export type AlertTexts = typeof vi

const en = {
  title: 'Alerts',
  unacknowledged: alertStateWords.unacknowledged.en,
  acknowledged: 'Being watched',
  shelved: capitalized(alertStateWords.shelved.en),
  priorities: titlesIn(priorityWords, 'en'),
  causes: titlesIn(causeWords, 'en'),
  none: (sensors) => `No alerts: all ${sensors} sensors are normal.`,
  noneSome: 'No alerts.',
  only: (severity) => `${severity} alone`,
  noneOf: (severity) => `No alerts of severity ${severity.toLowerCase()}.`,
  all: 'Show all',
  loading: 'Loading alerts…',
  notWatching: 'The alert service does not answer: the list may be old. Tell the engineer on duty.',
  ofMoment: (time) => `Alerts of ${time}, to look at only. Press L to go back to now and handle alerts.`,
  liveOnly: 'Replay: only alerts of now can be handled. Press L to go back to now.',
  notKept: 'Alerts of that time are not kept.',
  someKept: 'Alerts raised before the records begin may be missing.',
  acknowledge: acts.en.acknowledge,
  acknowledgeAll: (count) => `${acts.en.acknowledge} ${count} alerts`,
  shelve: `${acts.en.shelve}…`,
  assign: `${acts.en.assign}…`,
  assignee: {
    label: 'Assigned to',
    all: 'All',
    mine: 'Mine',
    nobody: 'Nobody yet',
    none: 'No open alerts are assigned so.',
    hidden: (count) => `${count} unacknowledged ${count === '1' ? 'alert is' : 'alerts are'} hidden by this filter.`,
  },
  unshelve: acts.en.unshelve,
  select: 'Select',
  selectAll: 'Select all',
  selected: (count) => (count === '1' ? '1 alert selected' : `${count} alerts selected`),
  clearSelection: 'Clear',
  cleared: (age) => `${alertEventWords.cleared.en} ${age}`,
  acknowledgedBy: (who, age) => `${alertStateWords.acknowledged.en} by ${who} ${age}`,
  occurrences: (count) => `raised ${count} times`,
  sensors: (count) => (count === '1' ? '1 sensor' : `${count} sensors`),
  alertsInGroup: (count) => `${count} alerts`,
  more: (count) => `Show ${count} more`,
  until: (time) => `until ${time}`,
  history: 'History',
  rules: 'Rules',
  sound: { on: 'Switch the sound on', off: 'Switch the sound off' },
  announced: (names, more) => `New ${priorityWords[1].en} alerts: ${names}${more > 0 ? ` and ${more} more` : ''}`,
  failed: {
    unreachable:
      'The server did not answer: it is not known whether this was recorded. Look at the list, then try again.',
    unknown: (detail) => `Not known whether it was recorded: ${detail}. Look at the list.`,
    forbidden: 'This account may not handle alerts.',
    other: (detail) => `Not recorded: ${detail}`,
  },
  unchanged: 'Somebody else was faster.',
} satisfies AlertTexts

/** The texts of a language. */
export const alertTexts: Readonly<Record<Language, AlertTexts>> = { vi, en }
