import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { faultOfUnknown, unknownKeys } from '#api/server/unknown-keys.ts'
import { sayRequestFault } from '#telemetry/faults/request-words.ts'

const wordsFor = (keys: string[], known: string[], what: 'parameter' | 'key') =>
  sayRequestFault('en', faultOfUnknown({ keys, known }, what))

/** A schema, something that fits it, and where the objects in that are. */
interface Sample {
  schema: z.ZodType
  data: unknown
  objects: (string | number)[][]
}

const under = (key: string | number, { objects }: Sample) => objects.map((path) => [key, ...path])
const wrappers: ((schema: z.ZodType) => z.ZodType)[] = [
  (schema) => schema,
  (schema) => schema.optional(),
  (schema) => schema.nullable().default(null),
  (schema) => schema.readonly(),
  (schema) => schema.refine(() => true),
  (schema) => schema.transform((given) => [given]),
  (schema) => z.preprocess((given) => given, schema),
  (schema) => z.lazy(() => schema),
  (schema) => z.union([z.string(), schema]),
]
const key = fc.constantFrom('a', 'b', 'constructor', 'toString')
const { tree } = fc.letrec<{ tree: Sample; bare: Sample }>((tie) => ({
  tree: fc
    .record({ bare: tie('bare'), wrap: fc.constantFrom(...wrappers) })
    .map(({ bare, wrap }) => ({ ...bare, schema: wrap(bare.schema) })),
  bare: fc.oneof(
    { maxDepth: 4 },
    fc.constant<Sample>({ schema: z.number(), data: 5, objects: [] }),
    fc.dictionary(key, tie('tree'), { maxKeys: 3 }).map((parts) => ({
      schema: z.object(Object.fromEntries(Object.entries(parts).map(([name, { schema }]) => [name, schema]))),
      data: Object.fromEntries(Object.entries(parts).map(([name, { data }]) => [name, data])),
      objects: [[], ...Object.entries(parts).flatMap(([name, part]) => under(name, part))],
    })),
    tie('tree').map((part) => ({ schema: z.array(part.schema), data: [part.data], objects: under(0, part) })),
    tie('tree').map((part) => ({
      schema: z.record(z.string(), part.schema),
      data: { any: part.data },
      objects: under('any', part),
    })),
    tie('tree').map((part) => ({
      schema: z.discriminatedUnion('type', [
        z.object({ type: z.literal('other'), strange: z.number() }),
        z.object({ type: z.literal('this'), part: part.schema }),
      ]),
      data: { type: 'this', part: part.data },
      objects: [[], ...under('part', part)],
    })),
    tie('tree').map((part) => ({
      schema: z.intersection(z.object({ left: z.number() }), z.object({ right: part.schema })),
      data: { left: 1, right: part.data },
      objects: [[]],
    })),
  ),
}))

/** The same data with one more key in the object at a path. */
function planted(data: unknown, [at, ...rest]: readonly (string | number)[]): unknown {
  if (at === undefined) return { ...(data as object), strange: 1 } // a path leads to objects
  if (Array.isArray(data)) return data.map((each, index) => (index === at ? planted(each, rest) : each))
  return Object.fromEntries(
    Object.entries(data as object).map(([name, each]) => [name, name === at ? planted(each, rest) : each]),
  )
}

describe('unknown keys', () => {
  it('are none in what fits, and are found in every object of it, whatever wraps its schema', () => {
    fc.assert(
      fc.property(tree, ({ schema, data, objects }) => {
        expect(unknownKeys(schema, data)).toEqual([])
        for (const path of objects)
          expect(unknownKeys(schema, planted(data, path))).toMatchObject([{ path, keys: ['strange'] }])
      }),
    )
  })

  it('are looked for in whatever is sent, without fail', () => {
    fc.assert(fc.property(tree, fc.jsonValue(), ({ schema }, data) => void unknownKeys(schema, data)))
  })

  it('of a loose object are its own', () => {
    expect(unknownKeys(z.looseObject({ a: z.object({}) }), { b: 1, a: { c: 1 } })).toMatchObject([{ path: ['a'] }])
    expect(unknownKeys(z.strictObject({}), { b: 1 })).toHaveLength(1)
  })

  it('are named with those that there are', () => {
    expect(wordsFor(['b', 'c'], ['a'], 'key')).toBe('unknown keys b, c; known are a')
    expect(wordsFor(['b'], [], 'parameter')).toBe('unknown parameter b; there are no parameters here')
  })
})
