import type { z } from 'zod'
import type { RequestFault } from '#telemetry/faults/request-faults.ts'
import { withoutHidden } from '#telemetry/plain-text.ts'

/** Keys of one object that its schema does not have. */
export interface UnknownKeys {
  /** where the object is; empty for the whole */
  path: readonly PropertyKey[]
  keys: readonly string[]
  /** the keys that the schema has */
  known: readonly string[]
}

/** most unknown keys that are named, and characters of each */
const named = { keys: 5, characters: 64 } as const

const isObject = (data: unknown): data is Record<string, unknown> =>
  typeof data === 'object' && data !== null && !Array.isArray(data)

const countOf = (found: readonly UnknownKeys[]) => found.reduce((sum, { keys }) => sum + keys.length, 0)

/** What a schema says of itself. */
export function schemaDefinition(schema: z.core.$ZodType): z.core.$ZodTypes['_zod']['def'] {
  return (schema as z.core.$ZodTypes)._zod.def // every schema that zod makes is one of these
}

/** The schema behind what makes it optional, gives it a default, or transforms what goes in or comes out. */
export function unwrapSchema(schema: z.core.$ZodType): z.core.$ZodType {
  const definition = schemaDefinition(schema)
  switch (definition.type) {
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
    case 'nonoptional':
    case 'readonly':
    case 'catch':
      return unwrapSchema(definition.innerType)
    case 'lazy':
      return unwrapSchema(definition.getter())
    case 'pipe':
      // a transform in front is a preprocess: what it gives is what is asked for
      return unwrapSchema(schemaDefinition(definition.in).type === 'transform' ? definition.out : definition.in)
    default:
      return schema
  }
}

/** The options of a union that may be meant: that of the discriminator, or all. */
function optionsFor(
  { discriminator, options }: { discriminator?: string; options: readonly z.core.$ZodType[] },
  data: unknown,
) {
  if (discriminator === undefined || !isObject(data)) return options
  return options.filter((option) => {
    const definition = schemaDefinition(unwrapSchema(option))
    const schema = definition.type === 'object' ? definition.shape[discriminator] : undefined
    return schema === undefined || isTaken(schema, data[discriminator])
  })
}

const isTaken = (schema: z.core.$ZodType, data: unknown) => {
  const result = schema._zod.run({ value: data, issues: [] }, { async: false })
  return !(result instanceof Promise) && result.issues.length === 0
}

/** The keys of an object, at every depth, that a schema does not have. A schema that is loose has them all. */
export function unknownKeys(
  schema: z.core.$ZodType,
  data: unknown,
  path: readonly PropertyKey[] = [],
): readonly UnknownKeys[] {
  const definition = schemaDefinition(unwrapSchema(schema))
  switch (definition.type) {
    case 'object': {
      if (!isObject(data)) return []
      const { shape, catchall } = definition
      const isLoose = catchall !== undefined && schemaDefinition(catchall).type !== 'never'
      const keys = isLoose ? [] : Object.keys(data).filter((key) => !Object.hasOwn(shape, key))
      const inner = Object.entries(shape).flatMap(([key, each]) =>
        Object.hasOwn(data, key) ? unknownKeys(each, data[key], [...path, key]) : [],
      )
      return keys.length > 0 ? [{ path, keys, known: Object.keys(shape) }, ...inner] : inner
    }
    case 'array':
      return Array.isArray(data) ? data.flatMap((each, at) => unknownKeys(definition.element, each, [...path, at])) : []
    case 'record':
      return isObject(data)
        ? Object.entries(data).flatMap(([key, each]) => unknownKeys(definition.valueType, each, [...path, key]))
        : []
    case 'union': {
      const options = optionsFor(definition, data)
      const taken = options.filter((option) => isTaken(option, data))
      const found = (taken.length > 0 ? taken : options).map((option) => unknownKeys(option, data, path))
      return found.toSorted((a, b) => countOf(a) - countOf(b))[0] ?? []
    }
    case 'intersection': {
      const sides = [definition.left, definition.right].map((side) => unknownKeys(side, data, path))
      return commonOf(sides[0] ?? [], sides[1] ?? [])
    }
    default:
      return []
  }
}

/** What neither side of an intersection has. */
function commonOf(left: readonly UnknownKeys[], right: readonly UnknownKeys[]): UnknownKeys[] {
  return left.flatMap(({ path, keys, known }) => {
    const other = right.find((each) => each.path.join('.') === path.join('.'))
    const common = keys.filter((key) => other?.keys.includes(key))
    return common.length > 0 ? [{ path, keys: common, known: [...known, ...(other?.known ?? [])] }] : []
  })
}

/** Names the unknown keys and those that there are. */
export function faultOfUnknown(
  { keys, known }: Pick<UnknownKeys, 'keys' | 'known'>,
  what: 'parameter' | 'key',
  path?: string,
): RequestFault {
  const shown = keys.slice(0, named.keys).map((key) => withoutHidden(key.slice(0, named.characters)) || '""')
  const params = { what, keys: shown, more: Math.max(0, keys.length - named.keys), known: [...known] }
  return { ...(path !== undefined && { path }), code: 'UNKNOWN_KEYS', params }
}
