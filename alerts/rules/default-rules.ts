import type { z } from 'zod'
import { type AlertRuleDraft, alertRuleDraftSchema } from '#telemetry/alert-rule.ts'

type Given = z.input<typeof alertRuleDraftSchema>

/**
 * The rules of a new installation. Sources: congestion index by TomTom and HERE; VN_AQI by Decision 1459/QĐ-TCMT; supply voltage
 * 230 V ± 10 % by EN 50160; the alarms of TALQ 2.7. How long each must last is an own choice, so that an ordinary day does not
 * drown the operator: a rush hour is no alert, a road that stands for 10 minutes is one.
 */
const given: Readonly<Record<string, Given>> = {
  'road-jammed': {
    name: { vi: 'Ùn tắc kéo dài', en: 'Road jammed' },
    priority: 2,
    scope: { kind: 'traffic' },
    condition: { type: 'congestion', index: 2, hysteresis: 0.3, forSeconds: 600 },
  },
  'air-very-unhealthy': {
    name: { vi: 'Không khí rất xấu', en: 'Air very unhealthy' },
    priority: 1,
    scope: { kind: 'air-quality' },
    condition: { type: 'vn-aqi', band: 'very-unhealthy' },
  },
  'air-unhealthy': {
    name: { vi: 'Không khí xấu', en: 'Air unhealthy' },
    priority: 2,
    scope: { kind: 'air-quality' },
    condition: { type: 'vn-aqi', band: 'unhealthy' },
  },
  'pm25-very-high': {
    name: { vi: 'Bụi PM2.5 rất cao', en: 'PM2.5 very high' },
    priority: 2,
    scope: { kind: 'air-quality' },
    condition: { type: 'threshold', value: 'pm25', above: 150, hysteresis: 20, forSeconds: 600 },
  },
  'pm25-rising': {
    name: { vi: 'Bụi PM2.5 tăng nhanh', en: 'PM2.5 rising fast' },
    priority: 3,
    scope: { kind: 'air-quality' },
    condition: { type: 'rate', value: 'pm25', direction: 'up', change: 60, withinSeconds: 1_800 },
  },
  'lamp-dark': {
    name: { vi: 'Đèn không sáng ban đêm', en: 'Lamp dark at night' },
    priority: 2,
    scope: { kind: 'lighting' },
    condition: { type: 'lamp-dark', forSeconds: 600 },
  },
  'lamp-burning': {
    name: { vi: 'Đèn sáng ban ngày', en: 'Lamp burning by day' },
    priority: 3,
    scope: { kind: 'lighting' },
    condition: { type: 'lamp-burning', forSeconds: 1_800 },
  },
  'supply-voltage': {
    name: { vi: 'Điện áp ngoài 230 V ± 10 %', en: 'Supply outside 230 V ± 10 %' },
    priority: 2,
    scope: { kind: 'lighting' },
    condition: { type: 'threshold', value: 'voltage', above: 253, below: 207, hysteresis: 3, forSeconds: 300 },
  },
  'cabinet-failing': {
    name: { vi: 'Nhiều đèn liền kề cùng hỏng (tủ điện)', en: 'Neighbouring lamps failing together (cabinet)' },
    priority: 1,
    scope: { kind: 'lighting' },
    condition: {
      type: 'group',
      failures: ['silence', 'offline', 'lamp-dark', 'lamp-fault'],
      atLeast: 4,
      withinMetres: 400,
      forSeconds: 120,
    },
  },
  'traffic-silent': {
    name: { vi: 'Bộ đếm xe mất tín hiệu', en: 'Traffic counter silent' },
    priority: 3,
    scope: { kind: 'traffic' },
    condition: { type: 'silence', periods: 3, minSeconds: 60 },
  },
  'lamp-silent': {
    name: { vi: 'Đèn mất tín hiệu', en: 'Lamp silent' },
    priority: 3,
    scope: { kind: 'lighting' },
    condition: { type: 'silence', periods: 3, minSeconds: 120 },
  },
  'air-station-silent': {
    name: { vi: 'Trạm không khí mất tín hiệu', en: 'Air station silent' },
    priority: 2,
    scope: { kind: 'air-quality' },
    condition: { type: 'silence', periods: 3, minSeconds: 60 },
  },
  'speed-stuck': {
    name: { vi: 'Bộ đếm xe báo tốc độ không đổi', en: 'Traffic counter reports one speed' },
    priority: 3,
    scope: { kind: 'traffic' },
    condition: { type: 'stuck', value: 'averageVehicleSpeed', forSeconds: 3_600 },
  },
  'pm25-stuck': {
    name: { vi: 'Trạm không khí báo PM2.5 không đổi', en: 'Air station reports one PM2.5' },
    priority: 3,
    scope: { kind: 'air-quality' },
    condition: { type: 'stuck', value: 'pm25', forSeconds: 7_200 },
  },
  'traffic-clock': {
    name: { vi: 'Đồng hồ bộ đếm xe sai giờ', en: 'Traffic counter has a wrong clock' },
    priority: 2,
    scope: { kind: 'traffic' },
    condition: { type: 'clock' },
  },
  'lamp-clock': {
    name: { vi: 'Đồng hồ đèn sai giờ', en: 'Lamp has a wrong clock' },
    priority: 2,
    scope: { kind: 'lighting' },
    condition: { type: 'clock' },
  },
  'air-station-clock': {
    name: { vi: 'Đồng hồ trạm không khí sai giờ', en: 'Air station has a wrong clock' },
    priority: 2,
    scope: { kind: 'air-quality' },
    condition: { type: 'clock' },
  },
}

/** Id and content of each default rule. */
export function defaultRules(): [id: string, rule: AlertRuleDraft][] {
  return Object.entries(given).map(([id, rule]) => [id, alertRuleDraftSchema.parse(rule)])
}
