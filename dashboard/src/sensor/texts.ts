import { alertStateWords } from '#telemetry/glossary/alert-state.ts'
import { feedWords } from '#telemetry/glossary/connection.ts'
import { qualityMeaningWords, qualityPartWords } from '#telemetry/glossary/quality-part.ts'
import { type Language, wordsIn } from '#telemetry/language.ts'

const vi = {
  chart: 'Diễn biến',
  chartValue: 'Đại lượng',
  range: 'Khoảng thời gian',
  ranges: { '1h': '1 giờ', '24h': '24 giờ', '7d': '7 ngày', '30d': '30 ngày' },
  /** what one point of the line is */
  points: {
    raw: 'từng số đo',
    '1m': 'trung bình 1 phút',
    '5m': 'trung bình 5 phút',
    '15m': 'trung bình 15 phút',
    '1h': 'trung bình giờ',
    '1d': 'trung bình ngày',
  },
  /** a bucket of which only a part is there, from and to */
  partial: 'chưa trọn',
  span: (from: string, to: string) => `${from} đến ${to}`,
  /** over how many seconds the vehicles that the line shows per hour were counted, such as `5 s` */
  counted: (periods: string) => `Xe mỗi giờ, đếm trong ${periods}.`,
  /** a period from a moment on, and one that nobody noted before a moment */
  since: (period: string, moment: string) => `${period} từ ${moment}`,
  assumedBefore: (moment: string) => `trước ${moment} là giả định`,
  live: feedWords.live.vi,
  empty: 'Không có số liệu trong khoảng này.',
  failed: 'Không tải được lịch sử.',
  limits: 'Ngưỡng',
  quality: 'Chất lượng dữ liệu',
  parts: wordsIn(qualityPartWords, 'vi'),
  /** what each part means, in one plain word */
  meanings: wordsIn(qualityMeaningWords, 'vi'),
  explain: {
    correct: 'Bản tin hợp lệ trên tổng số bản tin đã đến',
    complete: 'Số đo nhận được trên số đo phải có theo chu kỳ',
    clean: 'Số đo hợp lý trên tổng số đo',
    live: 'Phần thời gian mà số đo mới nhất không cũ quá ba chu kỳ',
  } satisfies Record<keyof typeof qualityPartWords, string>,
  hour: (hour: string, score: string) => `${hour}: ${score} (theo phần thấp nhất)`,
  worst: (score: string, hour: string) => `24 giờ qua, thấp nhất ${score} lúc ${hour}`,
  qualityFailed: 'Không tải được chất lượng dữ liệu; đang thử lại…',
  alerts: 'Cảnh báo trong 24 giờ',
  noAlerts: 'Không có cảnh báo.',
  alertsFailed: 'Không tải được cảnh báo; đang thử lại…',
  alertStates: wordsIn(alertStateWords, 'vi'),
  assignedTo: (name: string) => `giao cho ${name}`,
  neighbours: 'Cùng loại gần đây nhất',
  metadata: 'Thông tin thiết bị',
  noMetadata: 'Thiết bị chưa gửi thông tin mô tả.',
  model: 'Kiểu máy',
  period: 'Chu kỳ',
  ward: 'Phường',
  road: 'Đường',
  position: 'Vị trí (vĩ độ; kinh độ)',
}

/** Texts of what a sensor's panel shows beyond its newest values. */
export type PanelTexts = typeof vi

const en = {
  chart: 'History',
  chartValue: 'Value',
  range: 'Length',
  ranges: { '1h': '1 h', '24h': '24 h', '7d': '7 d', '30d': '30 d' },
  points: {
    raw: 'each reading',
    '1m': '1-minute mean',
    '5m': '5-minute mean',
    '15m': '15-minute mean',
    '1h': 'hourly mean',
    '1d': 'daily mean',
  },
  partial: 'partial',
  span: (from, to) => `${from} to ${to}`,
  counted: (periods) => `Vehicles per hour, counted in ${periods}.`,
  since: (period, moment) => `${period} from ${moment}`,
  assumedBefore: (moment) => `assumed before ${moment}`,
  live: feedWords.live.en,
  empty: 'No readings in this time.',
  failed: 'The history could not be loaded.',
  limits: 'Limits',
  quality: 'Data quality',
  parts: wordsIn(qualityPartWords, 'en'),
  meanings: wordsIn(qualityMeaningWords, 'en'),
  explain: {
    correct: 'Messages that validated, of all that came',
    complete: 'Readings that came, of those its period promises',
    clean: 'Plausible readings, of all readings',
    live: 'Part of the time in which the newest reading was not older than three periods',
  },
  hour: (hour, score) => `${hour}: ${score} (the least of the four)`,
  worst: (score, hour) => `Last 24 hours, at worst ${score} at ${hour}`,
  qualityFailed: 'The data quality could not be loaded; trying again…',
  alerts: 'Alerts of 24 hours',
  noAlerts: 'No alerts.',
  alertsFailed: 'The alerts could not be loaded; trying again…',
  alertStates: wordsIn(alertStateWords, 'en'),
  assignedTo: (name) => `assigned to ${name}`,
  neighbours: 'Nearest of its kind',
  metadata: 'Device',
  noMetadata: 'The device has not sent its description yet.',
  model: 'Model',
  period: 'Period',
  ward: 'Ward',
  road: 'Road',
  position: 'Position (latitude; longitude)',
} satisfies PanelTexts

/** The texts of each language; they come with the panel and not with the page. */
export const panelTexts: Readonly<Record<Language, PanelTexts>> = { vi, en }
