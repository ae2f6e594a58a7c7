import { alertActionWords } from '#telemetry/glossary/alert-state.ts'
import { priorityWords } from '#telemetry/glossary/priority.ts'
import { type Language, titlesIn } from '#telemetry/language.ts'
import type { shelfMinutes } from './shelf-times.ts'

const acts = { vi: titlesIn(alertActionWords, 'vi'), en: titlesIn(alertActionWords, 'en') }

const vi = {
  title: {
    acknowledge: (count: string) => `${acts.vi.acknowledge} ${count} cảnh báo`,
    shelve: (count: string) => `${acts.vi.shelve} ${count} cảnh báo`,
  },
  confirm: {
    acknowledge: (count: string) => `${acts.vi.acknowledge} ${count} cảnh báo`,
    shelve: (count: string) => `${acts.vi.shelve} ${count} cảnh báo`,
  },
  more: (count: string) => `và ${count} cảnh báo nữa`,
  shelveFor: `${acts.vi.shelve} trong`,
  minutes: { 15: '15 phút', 60: '1 giờ', 480: '8 giờ' } satisfies Record<(typeof shelfMinutes)[number], string>,
  until: 'Đến lúc',
  shelvingEnds: 'Hết giờ, cảnh báo tự trở lại danh sách nếu vẫn còn.',
  wrongEnd: 'Hãy chọn một thời điểm từ bây giờ đến 7 ngày tới.',
  comment: 'Ghi chú chung (không bắt buộc)',
  reason: (critical: string) => `Lý do (bắt buộc: có ${critical} cảnh báo ${priorityWords[1].vi})`,
  reasonMissing: `Hãy ghi lý do: cảnh báo ${priorityWords[1].vi} không được tạm hoãn khi chưa nêu lý do.`,
  sure: (critical: string, end: string) =>
    `${critical} cảnh báo ${priorityWords[1].vi} sẽ rời danh sách đến ${end}. Bấm lần nữa để tạm hoãn.`,
  again: (count: string, critical: string) =>
    `${acts.vi.shelve} ${count} cảnh báo, có ${critical} ${priorityWords[1].vi}`,
  cancel: 'Hủy',
}

type ActionTexts = typeof vi

const alerts = (count: string) => (count === '1' ? '1 alert' : `${count} alerts`)

const en = {
  title: {
    acknowledge: (count) => `${acts.en.acknowledge} ${alerts(count)}`,
    shelve: (count) => `${acts.en.shelve} ${alerts(count)}`,
  },
  confirm: {
    acknowledge: (count) => `${acts.en.acknowledge} ${alerts(count)}`,
    shelve: (count) => `${acts.en.shelve} ${alerts(count)}`,
  },
  more: (count) => `and ${count} more`,
  shelveFor: `${acts.en.shelve} for`,
  minutes: { 15: '15 minutes', 60: '1 hour', 480: '8 hours' },
  until: 'Until',
  shelvingEnds: 'When the time is over, an alert that still stands returns to the list by itself.',
  wrongEnd: 'Choose a moment between now and 7 days from now.',
  comment: 'Comment for all (optional)',
  reason: (critical) => `Reason (required: ${critical} ${critical === '1' ? 'is' : 'are'} ${priorityWords[1].en})`,
  reasonMissing: `Say why: a ${priorityWords[1].en} alert is not shelved without a reason.`,
  sure: (critical, end) =>
    `${critical} ${priorityWords[1].en} ${critical === '1' ? 'alert leaves' : 'alerts leave'} the list until ${end}. Press again to shelve.`,
  again: (count, critical) => `${acts.en.shelve} ${alerts(count)}, ${critical} ${priorityWords[1].en}`,
  cancel: 'Cancel',
} satisfies ActionTexts

/** Texts of the dialog that acknowledges and shelves. */
export const actionTexts: Readonly<Record<Language, ActionTexts>> = { vi, en }
