import { ApiError } from '../api-client.ts'

/** What to say of a request that failed, in plain words; the details go to the console. */
export function wordsOfFault(
  error: unknown,
  words: { unreachable: string; forbidden: string; other: (detail: string) => string },
): string {
  console.warn(error)
  if (!(error instanceof ApiError) || error.status === 0 || error.status >= 500) return words.unreachable
  if (error.status === 401 || error.status === 403) return words.forbidden
  return words.other(error.problem?.detail ?? error.message)
}
