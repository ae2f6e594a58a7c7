import type { RequestFault } from '#telemetry/faults/request-faults.ts'

/** What kind of refusal it is, as a problem document names it. */
type RefusalCode =
  | 'INVALID_REQUEST'
  | 'UNKNOWN_VALUE'
  | 'NOT_NUMERIC'
  | 'EMPTY_SPAN'
  | 'UNKNOWN_SENSOR'
  | 'TOO_MUCH_ASKED'

/** A question that cannot be answered as it was asked: the fault says what to ask instead. */
export class QuestionRefusal extends Error {
  readonly code: RefusalCode
  readonly fault: RequestFault

  constructor(code: RefusalCode, fault: RequestFault) {
    super(`a question about the past is refused: ${fault.code}`)
    this.name = 'QuestionRefusal'
    this.code = code
    this.fault = fault
  }
}

/** ids that a refusal names */
export const maxNamed = 10

/** Some ids, as a refusal names them, and how many more there are. */
export function nameSome(ids: readonly string[]): { ids: string[]; more: number } {
  return { ids: ids.slice(0, maxNamed), more: Math.max(0, ids.length - maxNamed) }
}
