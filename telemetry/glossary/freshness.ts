import type { Words } from '../language.ts'
import { connectionWords } from './connection.ts'

/** How current a sensor's newest reading is, in Vietnamese and English: fresh, stale, offline, waiting for the first. */
export const freshnessWords = {
  fresh: { vi: 'đang cập nhật', en: 'fresh' },
  /** silent for more than three of its periods */
  stale: { vi: 'chậm cập nhật', en: 'stale' },
  offline: connectionWords.offline,
  waiting: { vi: 'chưa có số liệu', en: 'no reading yet' },
} satisfies Record<string, Words>
