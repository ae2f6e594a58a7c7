import type { AlertState } from '#telemetry/alert.ts'
import type { Language } from '#telemetry/language.ts'

type Part = 'correct' | 'complete' | 'clean' | 'live'

/** Texts of what a sensor's panel shows beyond its newest values. */
export interface PanelTexts {
  chart: string
  chartValue: string
  range: string
  ranges: Record<'1h' | '24h' | '7d' | '30d', string>
  /** what one point of the line is */
  points: Record<'raw' | '1m' | '5m' | '15m' | '1h' | '1d', string>
  /** a bucket of which only a part is there, from and to */
  partial: string
  span: (from: string, to: string) => string
  /** over how many seconds the vehicles that the line shows per hour were counted, such as `5 s` */
  counted: (periods: string) => string
  /** a period from a moment on, and one that nobody noted before a moment */
  since: (period: string, moment: string) => string
  assumedBefore: (moment: string) => string
  live: string
  empty: string
  failed: string
  limits: string
  quality: string
  parts: Record<Part, string>
  explain: Record<Part, string>
  hour: (hour: string, score: string) => string
  worst: (score: string, hour: string) => string
  qualityFailed: string
  alerts: string
  noAlerts: string
  alertsFailed: string
  alertStates: Record<AlertState, string>
  neighbours: string
  metadata: string
  noMetadata: string
  model: string
  period: string
  ward: string
  road: string
  position: string
}

const vi: PanelTexts = {
  chart: 'Diễn biến',
  chartValue: 'Đại lượng',
  range: 'Khoảng thời gian',
  ranges: { '1h': '1 giờ', '24h': '24 giờ', '7d': '7 ngày', '30d': '30 ngày' },
  points: {
    raw: 'từng số đo',
    '1m': 'trung bình 1 phút',
    '5m': 'trung bình 5 phút',
    '15m': 'trung bình 15 phút',
    '1h': 'trung bình giờ',
    '1d': 'trung bình ngày',
  },
  partial: 'chưa trọn',
  span: (from, to) => `${from} đến ${to}`,
  counted: (periods) => `Xe mỗi giờ, đếm trong ${periods}.`,
  since: (period, moment) => `${period} từ ${moment}`,
  assumedBefore: (moment) => `trước ${moment} là giả định`,
  live: 'trực tiếp',
  empty: 'Không có số liệu trong khoảng này.',
  failed: 'Không tải được lịch sử.',
  limits: 'Ngưỡng',
  quality: 'Chất lượng dữ liệu',
  parts: { correct: 'đúng', complete: 'đủ', clean: 'sạch', live: 'sống' },
  explain: {
    correct: 'Bản tin hợp lệ trên tổng số bản tin đã đến',
    complete: 'Số đo nhận được trên số đo phải có theo chu kỳ',
    clean: 'Số đo hợp lý trên tổng số đo',
    live: 'Phần thời gian mà số đo mới nhất không cũ quá ba chu kỳ',
  },
  hour: (hour, score) => `${hour}: ${score} (theo phần thấp nhất)`,
  worst: (score, hour) => `24 giờ qua, thấp nhất ${score} lúc ${hour}`,
  qualityFailed: 'Không tải được chất lượng dữ liệu; đang thử lại…',
  alerts: 'Cảnh báo trong 24 giờ',
  noAlerts: 'Không có cảnh báo.',
  alertsFailed: 'Không tải được cảnh báo; đang thử lại…',
  alertStates: {
    unacknowledged: 'chưa xác nhận',
    acknowledged: 'đã xác nhận',
    returned: 'đã hết, chưa xác nhận',
    shelved: 'đang gác lại',
    closed: 'đã đóng',
  },
  neighbours: 'Cùng loại gần đây nhất',
  metadata: 'Thông tin thiết bị',
  noMetadata: 'Cảm biến chưa tự giới thiệu.',
  model: 'Kiểu máy',
  period: 'Chu kỳ',
  ward: 'Phường',
  road: 'Đường',
  position: 'Vị trí (vĩ độ; kinh độ)',
}

const en: PanelTexts = {
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
  live: 'live',
  empty: 'No readings in this time.',
  failed: 'The history could not be loaded.',
  limits: 'Limits',
  quality: 'Data quality',
  parts: { correct: 'correct', complete: 'complete', clean: 'clean', live: 'live' },
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
  alertStates: {
    unacknowledged: 'not acknowledged',
    acknowledged: 'acknowledged',
    returned: 'over, not acknowledged',
    shelved: 'shelved',
    closed: 'closed',
  },
  neighbours: 'Nearest of its kind',
  metadata: 'Device',
  noMetadata: 'The sensor has not introduced itself yet.',
  model: 'Model',
  period: 'Period',
  ward: 'Ward',
  road: 'Road',
  position: 'Position (latitude; longitude)',
}

/** The texts of each language; they come with the panel and not with the page. */
export const panelTexts: Readonly<Record<Language, PanelTexts>> = { vi, en }
