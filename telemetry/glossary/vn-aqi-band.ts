import type { Words } from '../language.ts'

/** Names of the bands of VN_AQI: in Vietnamese those of Decision 1459/QĐ-TCMT, in English those of the index with the same colours. */
export const bandWords = {
  good: { vi: 'Tốt', en: 'Good' },
  moderate: { vi: 'Trung bình', en: 'Moderate' },
  sensitive: { vi: 'Kém', en: 'Unhealthy for sensitive groups' },
  unhealthy: { vi: 'Xấu', en: 'Unhealthy' },
  'very-unhealthy': { vi: 'Rất xấu', en: 'Very unhealthy' },
  hazardous: { vi: 'Nguy hại', en: 'Hazardous' },
} satisfies Record<string, Words>
