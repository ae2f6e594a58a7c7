import type { Words } from '../language.ts'

/** States of an alert after ISA-18.2, in Vietnamese and English: unacknowledged, acknowledged, returned to normal, shelved, closed. */
export const alertStateWords = {
  unacknowledged: { vi: 'chưa xác nhận', en: 'unacknowledged' },
  acknowledged: { vi: 'đã xác nhận', en: 'acknowledged' },
  returned: { vi: 'đã kết thúc, chưa xác nhận', en: 'cleared, unacknowledged' },
  shelved: { vi: 'đang tạm hoãn', en: 'shelved' },
  closed: { vi: 'đã đóng', en: 'closed' },
} satisfies Record<string, Words>

/** Steps of an alert's life, in Vietnamese and English. */
export const alertEventWords = {
  raised: { vi: 'bắt đầu', en: 'raised' },
  again: { vi: 'lặp lại', en: 'raised again' },
  changed: { vi: 'nhóm thay đổi', en: 'group changed' },
  commanded: { vi: 'theo lệnh điều khiển', en: 'by command' },
  'command-ended': { vi: 'hết lệnh điều khiển', en: 'command over' },
  cleared: { vi: 'kết thúc', en: 'cleared' },
  seen: { vi: 'được xem lần đầu', en: 'first seen' },
  acknowledged: { vi: 'xác nhận', en: 'acknowledged' },
  assigned: { vi: 'giao', en: 'assigned' },
  unassigned: { vi: 'bỏ giao', en: 'unassigned' },
  shelved: { vi: 'tạm hoãn', en: 'shelved' },
  unshelved: { vi: 'bỏ tạm hoãn', en: 'unshelved' },
  closed: { vi: 'đóng', en: 'closed' },
  carried: { vi: 'vẫn mở', en: 'still open' },
} satisfies Record<string, Words>

/** What an operator does with an alert, in Vietnamese and English: acknowledge, assign, unassign, shelve, unshelve. */
export const alertActionWords = {
  acknowledge: { vi: 'xác nhận', en: 'acknowledge' },
  assign: { vi: 'giao', en: 'assign' },
  unassign: { vi: 'bỏ giao', en: 'unassign' },
  shelve: { vi: 'tạm hoãn', en: 'shelve' },
  unshelve: { vi: 'bỏ tạm hoãn', en: 'unshelve' },
} satisfies Record<string, Words>
