import type { Words } from '../language.ts'

/** The four parts of a sensor's data quality, in Vietnamese and English: the names of the score, as Vietnam's data authorities use them. */
export const qualityPartWords = {
  correct: { vi: 'đúng', en: 'correct' },
  complete: { vi: 'đủ', en: 'complete' },
  clean: { vi: 'sạch', en: 'clean' },
  live: { vi: 'sống', en: 'live' },
} satisfies Record<string, Words>

/** What each part of the data quality means, in one plain word; shown beside its name. */
export const qualityMeaningWords = {
  correct: { vi: 'hợp lệ', en: 'valid' },
  complete: { vi: 'đầy đủ', en: 'none missing' },
  clean: { vi: 'hợp lý', en: 'plausible' },
  live: { vi: 'kịp thời', en: 'in time' },
} satisfies Record<keyof typeof qualityPartWords, Words>
