import type { Language } from '#telemetry/language.ts'
import { ApiError } from '../live/api-client.ts'
import { problemWords } from '../live/problem-words.ts'

/** What to say of a request that failed, in plain words; the details go to the console. */
export function wordsOfFault(
  error: unknown,
  language: Language,
  words: {
    unreachable: string
    unknown: (detail: string) => string
    forbidden: string
    other: (detail: string) => string
  },
): string {
  console.warn(error)
  if (!(error instanceof ApiError) || error.status === 0) return words.unreachable
  // it may have happened all the same
  if (error.status >= 500) return words.unknown(problemWords(language, error))
  if (error.status === 403) return words.forbidden
  return words.other(problemWords(language, error))
}
