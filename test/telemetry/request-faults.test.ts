import { expect, it } from 'vitest'
import { z } from 'zod'
import {
  type RequestFault,
  requestFaultOf,
  requestFaultSchema,
  requestFaults,
} from '#telemetry/faults/request-faults.ts'
import { sayRequestFault } from '#telemetry/faults/request-words.ts'
import { languages } from '#telemetry/language.ts'

/** A value that a schema of params takes. */
function sampleOf(schema: z.ZodType): unknown {
  if (schema instanceof z.ZodObject)
    return Object.fromEntries(Object.entries(schema.shape).map(([name, each]) => [name, sampleOf(each as z.ZodType)]))
  if (schema instanceof z.ZodArray) return ['a', 'b']
  if (schema instanceof z.ZodNumber) return 7
  if (schema instanceof z.ZodEnum) return schema.options[0]
  return schema instanceof z.ZodOptional ? undefined : 'x'
}

const every = Object.entries(requestFaults).map(
  ([code, params]) => requestFaultSchema.parse({ code, params: sampleOf(params) }) as RequestFault,
)

/** what somebody else said is not translated */
const asSaid: ReadonlySet<string> = new Set(['INVALID', 'SAID'])

it.each(every)('$code has words in both languages', (fault) => {
  const [vi, en] = languages.map((language) => sayRequestFault(language, fault))
  expect(`${vi} ${en}`).not.toMatch(/undefined|\[object/)
  if (!asSaid.has(fault.code)) expect(vi).not.toBe(en)
})

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
