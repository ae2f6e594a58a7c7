import type { Words } from '../language.ts'

/** Whether a sensor is connected, in Vietnamese and English: online, offline. */
export const connectionWords = {
  online: { vi: 'đã kết nối', en: 'online' },
  offline: { vi: 'mất kết nối', en: 'offline' },
} satisfies Record<string, Words>

/** Whether a page follows the live feed, in Vietnamese and English. */
export const feedWords = {
  connecting: { vi: 'đang kết nối', en: 'connecting' },
  live: { vi: 'trực tiếp', en: 'live' },
  lost: { vi: 'mất kết nối', en: 'disconnected' },
} satisfies Record<string, Words>
