import type { Language } from '#telemetry/language.ts'
import { ApiError } from '../live/api-client.ts'
import { problemWords } from '../live/problem-words.ts'
import { lampTexts } from './texts.ts'

/** Why an order could not be given, and what to do. */
export function commandFaultWords(error: unknown, language: Language): string {
  const t = lampTexts[language].faults
  if (!(error instanceof ApiError) || error.status === 0) return t.unreachable
  if (error.problem?.code === 'BUSY') return t.busy
  if (error.problem?.code === 'UNREACHABLE') return t.broker
  if (error.status === 403) return t.forbidden
  return t.other(problemWords(language, error))
}
