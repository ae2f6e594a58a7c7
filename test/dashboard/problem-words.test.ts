import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type ProblemCode, statusOfCode } from '#api/server/problems.ts'
import { personNameSchema } from '#telemetry/accounts.ts'
import { type RequestFault, requestFaultOf } from '#telemetry/faults/request-faults.ts'
import { languages } from '#telemetry/language.ts'
import { plainText } from '#telemetry/plain-text.ts'
import { problemSchema } from '#telemetry/rest.ts'
import { ApiError } from '../../dashboard/src/live/api-client.ts'
import { isRefusedFor, problemWords } from '../../dashboard/src/live/problem-words.ts'

const refused = (code: ProblemCode, detail: string, faults?: RequestFault[]) => {
  const given = { type: 'urn:x', title: 'x', status: statusOfCode[code], detail, instance: '/', code, requestId: 'r' }
  const problem = problemSchema.parse(JSON.parse(JSON.stringify({ ...given, faults })))
  return new ApiError('/people answered', problem.status, { problem })
}

it('what a busy, starting or closed platform answers is said in both languages, with what to do', () => {
  const met = [
    'UNAUTHENTICATED',
    'FORBIDDEN',
    'NOT_FOUND',
    'TOO_LARGE',
    'TOO_MANY_REQUESTS',
    'TOO_MANY_QUESTIONS',
  ] as const
  const later = ['TOO_SLOW', 'STORE_UNAVAILABLE', 'STARTING', 'BUSY', 'INTERNAL'] as const
  for (const code of [...met, ...later]) {
    const [vi, en] = languages.map((language) => problemWords(language, refused(code, 'as the server says')))
    for (const words of [vi, en]) expect(words, code).not.toContain('as the server says')
    expect(vi).not.toBe(en)
  }
})

it.each([
  ['name', personNameSchema],
  ['comment', plainText],
] as const)('whatever is wrong with a %s that somebody typed is said in Vietnamese', (field, schema) => {
  const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 80 }), fc.string({ maxLength: 80 }))
  fc.assert(
    fc.property(text, (typed) => {
      const { error } = schema.safeParse(typed)
      if (!error) return
      const detail = error.issues.map(({ message }) => `${field}: ${message}`).join('; ')
      const faults = error.issues.map((issue) => requestFaultOf(issue, { isThere: true }, field))
      const problem = refused('INVALID_REQUEST', detail, faults)
      expect(detail).toContain(problemWords('en', problem))
      expect(problemWords('vi', problem)).not.toMatch(/must|may/)
      // an older release sends no codes
      for (const language of languages) expect(problemWords(language, refused('INVALID_REQUEST', detail))).toBe(detail)
    }),
    { numRuns: 2_000 },
  )
})

it('a page goes by the reason of a refusal, not by its status', () => {
  const tooMany = refused('CONFLICT', '', [{ code: 'TOO_MANY_KEYS', params: { most: 500 } }])
  expect(isRefusedFor(tooMany, 'KEY_NAME_TAKEN')).toBe(false)
  expect(isRefusedFor(tooMany, 'KEY_NAME_TAKEN', 'TOO_MANY_KEYS')).toBe(true)
  for (const other of [refused('CONFLICT', ''), new ApiError('/keys did not answer', 0), new Error('x')])
    expect(isRefusedFor(other, 'TOO_MANY_KEYS')).toBe(false)
})
