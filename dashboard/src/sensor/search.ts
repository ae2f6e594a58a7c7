import { kindOf } from '#telemetry/kinds.ts'
import type { SensorState } from '#telemetry/sensor.ts'

/** Lower case without diacritics, đ as d: "Cách Mạng" and "cach mang" become the same. */
export function fold(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
    .replaceAll('đ', 'd')
}

/** What a sensor is found by, folded: its id, its name and the name of its kind, in both languages. */
export function foldedWords({ id, kind, meta }: Pick<SensorState, 'id' | 'kind' | 'meta'>): string {
  const { names } = kindOf(kind)
  return fold([id, meta?.name.vi, meta?.name.en, names.vi, names.en].filter(Boolean).join(' '))
}

/** Whether every word of the query occurs in the folded text; an empty query matches all. */
export function matches(folded: string, query: string): boolean {
  return fold(query)
    .split(/\s+/)
    .every((word) => folded.includes(word))
}
