import { expect, it } from 'vitest'
import { z } from 'zod'
import { requestFaultOf } from '#telemetry/faults/request-faults.ts'

it.each([
  [z.object({ a: z.number().min(3) }), { a: 1 }, { path: 'a', code: 'TOO_SMALL', params: { least: 3 } }],
  [z.object({ a: z.string().max(3) }), { a: 'long' }, { path: 'a', code: 'TOO_LONG', params: { most: 3 } }],
  [z.object({ a: z.enum(['x', 'y']) }), { a: 'z' }, { path: 'a', code: 'NOT_ONE_OF', params: { choices: ['x', 'y'] } }],
  [z.object({ a: z.number() }), { a: 's' }, { path: 'a', code: 'WRONG_TYPE', params: { expected: 'number' } }],
  [z.object({ a: z.email() }), { a: 's' }, { path: 'a', code: 'INVALID', params: { said: 'Invalid email address' } }],
])('what Zod says of a field is a code with params, and what was sent is not repeated', (schema, given, fault) => {
  const [issue] = schema.safeParse(given).error?.issues ?? []
  expect(issue && requestFaultOf(issue, { isThere: true }, 'a')).toEqual(fault)
})

it('a field that is not there is missing', () => {
  const [issue] = z.object({ a: z.number() }).safeParse({}).error?.issues ?? []
  expect(issue && requestFaultOf(issue, { isThere: false }, 'a')).toEqual({ path: 'a', code: 'MISSING', params: {} })
})
