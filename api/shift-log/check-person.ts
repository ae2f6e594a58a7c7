import { ApiProblem } from '../server/problems.ts'
import type { Caller } from '../sign-in/sessions.ts'

/** The name of a person who takes the duty or signs. @throws ApiProblem for a program, which came with a key */
export function checkPerson({ name, account }: Caller): string {
  if (account === undefined) throw new ApiProblem('FORBIDDEN', { code: 'KEY_HAS_NO_DUTY', params: {} })
  return name
}
