import type { Words } from '../language.ts'

/** What a rule looks for, and so the cause of its alerts, in Vietnamese and English. */
export const causeWords = {
  threshold: { vi: 'vượt ngưỡng', en: 'beyond a limit' },
  'own-level': { vi: 'đạt mức riêng của cảm biến', en: 'at a level of the sensor’s own' },
  rate: { vi: 'thay đổi nhanh', en: 'changing fast' },
  stuck: { vi: 'giá trị không đổi', en: 'stuck value' },
  silence: { vi: 'mất tín hiệu', en: 'silent' },
  'lamp-dark': { vi: 'đèn không sáng ban đêm', en: 'lamp dark at night' },
  'lamp-burning': { vi: 'đèn sáng ban ngày', en: 'lamp burning by day' },
  'lamp-fault': { vi: 'đèn báo sự cố', en: 'lamp reports a fault' },
  'lamp-power': { vi: 'công suất đèn bất thường', en: 'lamp power far from normal' },
  'vn-aqi': { vi: 'không khí xấu (VN_AQI)', en: 'bad air (VN_AQI)' },
  congestion: { vi: 'ùn tắc', en: 'congestion' },
  clock: { vi: 'đồng hồ sai', en: 'clock wrong' },
  group: { vi: 'nhiều thiết bị liền kề cùng hỏng', en: 'neighbours failing together' },
} satisfies Record<string, Words>
