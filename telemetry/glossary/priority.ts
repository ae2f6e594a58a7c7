import type { Words } from '../language.ts'

/** Priorities of an alert, in Vietnamese and English: critical, warning, notice; a sensor's level has the word of the same rank. */
export const priorityWords = {
  1: { vi: 'nghiêm trọng', en: 'critical' },
  2: { vi: 'cảnh báo', en: 'warning' },
  3: { vi: 'thông tin', en: 'notice' },
} satisfies Record<number, Words>

/** The sign that stands before a priority where there are letters alone: shape tells it without colour. */
export const priorityMarks = { 1: '◆', 2: '▲', 3: '■' } as const satisfies Record<keyof typeof priorityWords, string>

/** What the words of each priority are kept under. */
export const priorityNames = { 1: 'critical', 2: 'warning', 3: 'notice' } as const satisfies Record<
  keyof typeof priorityWords,
  string
>

/** The severity of a sensor: one severity of one thing, so the words are those of the priorities. */
export const levelWords = {
  normal: { vi: 'bình thường', en: 'normal' },
  notice: priorityWords[3],
  warning: priorityWords[2],
  critical: priorityWords[1],
} satisfies Record<string, Words>
