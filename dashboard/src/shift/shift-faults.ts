import type { Language } from '#telemetry/language.ts'
import { ApiError } from '../live/api-client.ts'
import { problemWords } from '../live/problem-words.ts'
import type { ShiftMessages } from './vi.ts'

/** What to say of a request about the shift log that failed. */
export function faultWords(error: unknown, t: Pick<ShiftMessages, 'failed' | 'refused'>, language: Language): string {
  console.warn(error)
  return error instanceof ApiError && error.problem ? t.refused(problemWords(language, error)) : t.failed
}
