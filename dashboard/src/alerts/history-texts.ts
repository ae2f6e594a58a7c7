import { alertEventWords } from '#telemetry/glossary/alert-state.ts'
import { capitalized, type Language, titlesIn } from '#telemetry/language.ts'

const vi = {
  span: 'Khoảng thời gian',
  spans: { '1': '24 giờ qua', '7': '7 ngày qua', '30': '30 ngày qua', own: 'Tự chọn…' },
  from: 'Từ',
  to: 'Đến hết',
  emptySpan: 'Hãy chọn thời điểm đầu trước thời điểm cuối.',
  priority: 'Mức',
  kind: 'Loại',
  district: 'Khu vực',
  cause: 'Nguyên nhân',
  handledBy: 'Người xử lý',
  all: 'Tất cả',
  columns: {
    alert: 'Cảnh báo',
    place: 'Nơi',
    raised: capitalized(alertEventWords.raised.vi),
    cleared: capitalized(alertEventWords.cleared.vi),
    acknowledged: 'Người xử lý',
    comment: 'Ghi chú',
  },
  active: 'đang diễn ra',
  unhandled: 'chưa ai',
  none: 'Không có cảnh báo nào trong khoảng thời gian này.',
  noneFiltered: 'Không có cảnh báo nào khớp bộ lọc. Hãy bỏ bớt điều kiện.',
  failed: 'Không tải được lịch sử cảnh báo. Máy chủ có thể đang bận.',
  shown: (shown: string, total: string) => `${shown} / ${total} cảnh báo`,
  partial: 'Khoảng thời gian này quá nhiều sự kiện nên danh sách chưa đủ. Hãy chọn khoảng ngắn hơn.',
  more: 'Tải thêm',
  timeline: 'Diễn biến',
  events: titlesIn(alertEventWords, 'vi'),
}

type HistoryTexts = typeof vi

const en = {
  span: 'Time',
  spans: { '1': 'Last 24 hours', '7': 'Last 7 days', '30': 'Last 30 days', own: 'From … to …' },
  from: 'From',
  to: 'Up to and including',
  emptySpan: 'The beginning must be before the end.',
  priority: 'Priority',
  kind: 'Kind',
  district: 'District',
  cause: 'Cause',
  handledBy: 'Handled by',
  all: 'All',
  columns: {
    alert: 'Alert',
    place: 'Place',
    raised: capitalized(alertEventWords.raised.en),
    cleared: capitalized(alertEventWords.cleared.en),
    acknowledged: 'Handled by',
    comment: 'Comment',
  },
  active: 'still active',
  unhandled: 'nobody yet',
  none: 'No alerts in this time.',
  noneFiltered: 'No alert passes the filters. Widen one of them.',
  failed: 'The history of alerts could not be loaded. The server may be busy.',
  shown: (shown, total) => `${shown} of ${total} alerts`,
  partial: 'There are too many events in this time, so the list is not complete. Choose a shorter time.',
  more: 'Load more',
  timeline: 'What happened',
  events: titlesIn(alertEventWords, 'en'),
} satisfies HistoryTexts

/** Texts of the history of alerts. */
export const historyTexts: Readonly<Record<Language, HistoryTexts>> = { vi, en }
