import { z } from 'zod'
import { ConfigError } from './errors.ts'

/** A TCP port; 0 takes a free one. */
export const portSchema = z.coerce.number().int().min(0).max(65_535)

const either = (choices: readonly string[]) =>
  choices.length < 2 ? choices.join('') : `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`

/** An address with one of these schemes, such as `https`. */
export function addressSchema(...schemes: [string, ...string[]]) {
  const protocol = new RegExp(`^(${schemes.join('|')})$`)
  return z.url({ protocol, error: `must be an address that begins with ${either(schemes.map((s) => `${s}://`))}` })
}

/** What of a setting's JSON Schema tells what it may hold. */
const boundsSchema = z.object({
  type: z.string().optional(),
  enum: z.array(z.string()).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
})

function rangeOf(least: number | undefined, most: number | undefined): string {
  const open = most === undefined || most === Number.MAX_SAFE_INTEGER
  if (least === undefined) return open ? '' : ` of at most ${most}`
  return open ? ` of at least ${least}` : ` from ${least} to ${most}`
}

/** What a setting may hold, for who sets it. */
function mayHold(setting: z.core.$ZodType): string {
  const schema = boundsSchema.parse(z.toJSONSchema(setting, { io: 'input', unrepresentable: 'any' }))
  const { type, minimum, maximum, minLength, maxLength } = schema
  if (schema.enum) return `must be ${either(schema.enum.map((choice) => `"${choice}"`))}`
  if (type === 'integer') return `must be a whole number${rangeOf(minimum, maximum)}`
  if (type === 'number') return `must be a number${rangeOf(minimum, maximum)}`
  return minLength || maxLength ? `must be a text with a length${rangeOf(minLength, maxLength)}` : 'must be a text'
}

/** What a variable holds, unless it is or has a secret in it. */
function found(variable: string, held: string | undefined): string {
  if (held === undefined) return 'is missing'
  const secret = /TOKEN|PASSWORD|SECRET|^NOTIFY_\w+_URL/.test(variable) || held.includes('@')
  return secret ? 'is wrong' : `is ${JSON.stringify(held)}`
}

/**
 * Reads settings from variables. A blank variable counts as absent; line ends behind a value, which files of secrets have, are
 * no part of it.
 * @throws ConfigError that names each wrong variable, what it holds and what it may hold
 */
export function parseConfig<Schema extends z.ZodObject>(
  schema: Schema,
  env: Readonly<Record<string, string | undefined>>,
): z.infer<Schema> {
  const given = Object.fromEntries(
    Object.entries(env)
      .filter(([, value]) => value !== undefined && value.trim() !== '')
      .map(([variable, value]) => [variable, value?.replace(/[\r\n]+$/, '')]),
  )
  const parsed = schema.safeParse(given)
  if (parsed.success) return parsed.data
  const faults = new Map<string, string>()
  for (const { path, code, message } of parsed.error.issues) {
    const variable = String(path[0])
    const setting = schema.shape[variable]
    // those two are said in words of our own where the setting is described
    const may = !setting || code === 'custom' || code === 'invalid_format' ? message : mayHold(setting)
    const meaning = setting?.description
    const fault = `${variable} ${found(variable, given[variable])}: ${may}${meaning ? ` (${meaning})` : ''}`
    if (!faults.has(variable)) faults.set(variable, fault)
  }
  throw new ConfigError([...faults.values()].join('; '))
}
