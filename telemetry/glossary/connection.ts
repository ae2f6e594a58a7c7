import type { Words } from '../language.ts'

/** Whether a sensor is connected. */
export const connectionWords = {
  online: { vi: 'đã kết nối', en: 'online' },
  offline: { vi: 'mất kết nối', en: 'offline' },
} satisfies Record<string, Words>
