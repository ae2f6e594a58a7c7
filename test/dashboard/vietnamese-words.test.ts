import { expect, it } from 'vitest'
import { causeWords } from '#telemetry/glossary/alert-cause.ts'
import { alertActionWords, alertEventWords } from '#telemetry/glossary/alert-state.ts'
import { feedWords } from '#telemetry/glossary/connection.ts'
import { freshnessWords } from '#telemetry/glossary/freshness.ts'
import { priorityWords } from '#telemetry/glossary/priority.ts'
import { qualityMeaningWords, qualityPartWords } from '#telemetry/glossary/quality-part.ts'
import { titlesIn, wordsIn } from '#telemetry/language.ts'
import { valueInfo } from '#telemetry/values.ts'
import { adminVi } from '../../dashboard/src/admin/vi.ts'
import { actionTexts } from '../../dashboard/src/alerts/action-texts.ts'
import { notificationTexts } from '../../dashboard/src/alerts/notification-texts.ts'
import { hysteresis } from '../../dashboard/src/alerts/rule-field.ts'
import { ruleTexts } from '../../dashboard/src/alerts/rule-texts.ts'
import { vi } from '../../dashboard/src/i18n/vi.ts'
import { lampTexts } from '../../dashboard/src/lamps/texts.ts'
import { panelTexts } from '../../dashboard/src/sensor/texts.ts'

it.each<[thing: string, said: unknown, words: unknown]>([
  ['priorities', Object.values(titlesIn(priorityWords, 'vi')), ['Nghiêm trọng', 'Cảnh báo', 'Thông tin']],
  [
    'freshness',
    Object.values(titlesIn(freshnessWords, 'vi')).slice(0, 3),
    ['Đang cập nhật', 'Chậm cập nhật', 'Mất kết nối'],
  ],
  ['the filter of states', [vi.filter.states.fresh, vi.filter.states.stale], ['Đang cập nhật', 'Chậm cập nhật']],
  ['a lost feed', feedWords.lost.vi, 'mất kết nối'],
  ['the quarantine', vi.sections.quarantine, 'Bản tin bị từ chối'],
  ['shelving', [alertActionWords.shelve.vi, alertActionWords.unshelve.vi], ['tạm hoãn', 'bỏ tạm hoãn']],
  ['the end of an alert', alertEventWords.cleared.vi, 'kết thúc'],
  ['a lamp that is dark', causeWords['lamp-dark'].vi, 'đèn không sáng ban đêm'],
  ['a stuck value', causeWords.stuck.vi, 'giá trị không đổi'],
  ['burning hours', valueInfo('lighting', 'lampHours')?.vi, 'Số giờ sáng'],
  ['an age in the table', vi.table.age, 'Đo cách đây'],
  ['the deadband', hysteresis('size', '0').label.vi, 'Chỉ kết thúc khi trở lại quá ngưỡng thêm'],
  ['what a rule does', ruleTexts.vi.dryRun.would('3'), 'Quy tắc này sẽ phát 3 cảnh báo'],
  ['the end of tries', notificationTexts.vi.columns.at, 'Ngừng gửi lúc'],
  ['an order without end', lampTexts.vi.durations.always, 'đến khi có lệnh mới'],
  ['lamps back to their schedule', lampTexts.vi.confirm.automatic('3'), 'Cho 3 đèn chạy theo lịch?'],
  ['keys of programs', vi.sections.keys, 'Khóa API'],
  ['a device without meta', panelTexts.vi.noMetadata, 'Thiết bị chưa gửi thông tin mô tả.'],
  [
    'a way out without doing it',
    [actionTexts.vi.cancel, ruleTexts.vi.cancel, lampTexts.vi.cancel, adminVi.people.no],
    ['Hủy', 'Hủy', 'Hủy', 'Hủy'],
  ],
  ['the parts of the data quality', Object.values(wordsIn(qualityPartWords, 'vi')), ['đúng', 'đủ', 'sạch', 'sống']],
  ['what these mean', Object.values(wordsIn(qualityMeaningWords, 'vi')), ['hợp lệ', 'đầy đủ', 'hợp lý', 'kịp thời']],
])('is said in Vietnamese as a control room says it: %s', (_thing, said, words) => {
  expect(said).toEqual(words)
})

it('a sensor that is late is not told by the word of a former district', () => {
  for (const { vi } of Object.values(freshnessWords)) expect(vi).not.toContain('cũ')
  expect(vi.staleValue).not.toContain('cũ')
})
