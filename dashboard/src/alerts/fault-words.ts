import type { Language } from '#telemetry/language.ts'
import { ApiError } from '../live/api-client.ts'

/** What the server said of it; its words come when they are wanted first, for most pages never need them. */
async function detailOf(error: ApiError, language: Language): Promise<string> {
  const words = await import('../live/problem-words.ts').catch((fault: unknown) => console.warn(fault))
  return words ? words.problemWords(language, error) : error.message
}

/** What to say of a request that failed, in plain words; the details go to the console. */
export async function wordsOfFault(
  error: unknown,
  language: Language,
  words: {
    unreachable: string
    unknown: (detail: string) => string
    forbidden: string
    other: (detail: string) => string
  },
): Promise<string> {
  console.warn(error)
  if (!(error instanceof ApiError) || error.status === 0) return words.unreachable
  // it may have happened all the same
  if (error.status >= 500) return words.unknown(await detailOf(error, language))
  if (error.status === 403) return words.forbidden
  return words.other(await detailOf(error, language))
}
