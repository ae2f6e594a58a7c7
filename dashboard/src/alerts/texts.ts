import type { AlertState } from '#telemetry/alert.ts'
import type { Cause } from '#telemetry/alert-condition.ts'
import type { Priority } from '#telemetry/alert-rule.ts'
import type { Language } from '#telemetry/language.ts'

/** Texts of the alerts beside the map. Counts, times and ages come formatted. */
export interface AlertTexts {
  title: string
  unacknowledged: string
  watched: string
  shelved: string
  priorities: Record<Priority, string>
  causes: Record<Cause, string>
  states: Record<AlertState, string>
  none: (sensors: string) => string
  noneSome: string
  loading: string
  notWatching: string
  isLive: string
  acknowledge: string
  acknowledgeAll: (count: string) => string
  shelve: string
  unshelve: string
  select: string
  selectAll: string
  selected: (count: string) => string
  clear: string
  cleared: (age: string) => string
  by: (who: string, age: string) => string
  times: (count: string) => string
  sensors: (count: string) => string
  alike: (count: string) => string
  open: string
  fold: string
  more: (count: string) => string
  until: (time: string) => string
  history: string
  rules: string
  sound: { on: string; off: string }
  announced: (names: string, more: number) => string
  failed: {
    unreachable: string
    /** the server had a fault: it may have been recorded all the same */
    unknown: (detail: string) => string
    forbidden: string
    other: (detail: string) => string
  }
  unchanged: string
  limit: (limit: string) => string
}

const vi: AlertTexts = {
  title: 'Cảnh báo',
  unacknowledged: 'chưa xác nhận',
  watched: 'Đang theo dõi',
  shelved: 'Đang gác lại',
  priorities: { 1: 'Nghiêm trọng', 2: 'Chú ý', 3: 'Lưu ý' },
  causes: {
    threshold: 'Vượt ngưỡng',
    rate: 'Biến động nhanh',
    stuck: 'Giá trị đứng yên',
    silence: 'Mất tín hiệu',
    'lamp-dark': 'Đèn tối ban đêm',
    'lamp-burning': 'Đèn sáng ban ngày',
    'vn-aqi': 'VN_AQI',
    congestion: 'Ùn tắc',
    clock: 'Đồng hồ sai',
    group: 'Hỏng cả cụm',
  },
  states: {
    unacknowledged: 'Chưa xác nhận',
    acknowledged: 'Đã xác nhận',
    returned: 'Đã hết, chưa xác nhận',
    shelved: 'Đang gác lại',
    closed: 'Đã đóng',
  },
  none: (sensors) => `Không có cảnh báo: cả ${sensors} cảm biến bình thường.`,
  noneSome: 'Không có cảnh báo nào.',
  loading: 'Đang tải cảnh báo…',
  notWatching: 'Dịch vụ cảnh báo không trả lời: danh sách có thể đã cũ. Hãy báo kỹ sư vận hành.',
  isLive: 'Cảnh báo ở đây luôn là hiện tại, không theo đoạn phát lại.',
  acknowledge: 'Xác nhận',
  acknowledgeAll: (count) => `Xác nhận ${count}`,
  shelve: 'Gác lại…',
  unshelve: 'Bỏ gác',
  select: 'Chọn',
  selectAll: 'Chọn tất cả',
  selected: (count) => `Đã chọn ${count}`,
  clear: 'Bỏ chọn',
  cleared: (age) => `đã hết ${age}`,
  by: (who, age) => `${who} xác nhận ${age}`,
  times: (count) => `${count} lần`,
  sensors: (count) => `${count} cảm biến`,
  alike: (count) => `${count} cảnh báo`,
  open: 'Mở nhóm',
  fold: 'Gập nhóm',
  more: (count) => `Hiện thêm ${count}`,
  until: (time) => `đến ${time}`,
  history: 'Lịch sử',
  rules: 'Quy tắc',
  sound: { on: 'Bật âm báo', off: 'Tắt âm báo' },
  announced: (names, more) => `Cảnh báo nghiêm trọng mới: ${names}${more > 0 ? ` và ${more} cảnh báo khác` : ''}`,
  failed: {
    unreachable: 'Máy chủ không trả lời: chưa rõ đã ghi hay chưa. Hãy xem lại danh sách rồi thử lại.',
    unknown: (detail) => `Chưa rõ đã ghi hay chưa: ${detail}. Hãy xem lại danh sách.`,
    forbidden: 'Tài khoản này không có quyền xử lý cảnh báo.',
    other: (detail) => `Không ghi được: ${detail}`,
  },
  unchanged: 'Có người đã xử lý trước.',
  limit: (limit) => `ngưỡng ${limit}`,
}

const en: AlertTexts = {
  title: 'Alerts',
  unacknowledged: 'unacknowledged',
  watched: 'Being watched',
  shelved: 'Shelved',
  priorities: { 1: 'Critical', 2: 'Warning', 3: 'Notice' },
  causes: {
    threshold: 'Beyond a limit',
    rate: 'Changes fast',
    stuck: 'Stuck value',
    silence: 'Silent',
    'lamp-dark': 'Lamp dark at night',
    'lamp-burning': 'Lamp on by day',
    'vn-aqi': 'VN_AQI',
    congestion: 'Congestion',
    clock: 'Wrong clock',
    group: 'Neighbours failing',
  },
  states: {
    unacknowledged: 'Unacknowledged',
    acknowledged: 'Acknowledged',
    returned: 'Over, unacknowledged',
    shelved: 'Shelved',
    closed: 'Closed',
  },
  none: (sensors) => `No alerts: all ${sensors} sensors are normal.`,
  noneSome: 'No alerts.',
  loading: 'Loading alerts…',
  notWatching: 'The alert service does not answer: the list may be old. Tell the engineer on duty.',
  isLive: 'Alerts here are always those of now, not of the replay.',
  acknowledge: 'Acknowledge',
  acknowledgeAll: (count) => `Acknowledge ${count}`,
  shelve: 'Shelve…',
  unshelve: 'Unshelve',
  select: 'Select',
  selectAll: 'Select all',
  selected: (count) => `${count} selected`,
  clear: 'Clear',
  cleared: (age) => `over ${age}`,
  by: (who, age) => `acknowledged by ${who} ${age}`,
  times: (count) => `${count} times`,
  sensors: (count) => (count === '1' ? '1 sensor' : `${count} sensors`),
  alike: (count) => `${count} alerts`,
  open: 'Show all of them',
  fold: 'Fold',
  more: (count) => `Show ${count} more`,
  until: (time) => `until ${time}`,
  history: 'History',
  rules: 'Rules',
  sound: { on: 'Switch the sound on', off: 'Switch the sound off' },
  announced: (names, more) => `New critical alerts: ${names}${more > 0 ? ` and ${more} more` : ''}`,
  failed: {
    unreachable:
      'The server did not answer: it is not known whether this was recorded. Look at the list, then try again.',
    unknown: (detail) => `Not known whether it was recorded: ${detail}. Look at the list.`,
    forbidden: 'This account may not handle alerts.',
    other: (detail) => `Not recorded: ${detail}`,
  },
  unchanged: 'Somebody else was faster.',
  limit: (limit) => `limit ${limit}`,
}

/** The texts of a language. */
export const alertTexts: Readonly<Record<Language, AlertTexts>> = { vi, en }
