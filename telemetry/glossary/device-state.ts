import type { Words } from '../language.ts'

/** What a device says of a value it sends, in Vietnamese and English. */
export const deviceStateWords = {
  measuring: { vi: 'đang đo', en: 'measuring' },
  calibrating: { vi: 'đang hiệu chuẩn', en: 'calibrating' },
  error: { vi: 'lỗi', en: 'error' },
  maintenance: { vi: 'đang bảo trì', en: 'under maintenance' },
} satisfies Record<string, Words>
