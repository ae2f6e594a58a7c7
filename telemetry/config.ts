import { z } from 'zod'
import { ConfigError } from './errors.ts'

/** A TCP port; 0 takes a free one. */
export const portSchema = z.coerce.number().int().min(0).max(65_535)

/**
 * Reads settings from variables. An empty variable counts as absent.
 * @throws ConfigError that names each wrong variable, what it holds and what it may hold
 */
export function parseConfig<Schema extends z.ZodObject>(
  schema: Schema,
  env: Readonly<Record<string, string | undefined>>,
): z.infer<Schema> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''))
  const parsed = schema.safeParse(given)
  if (parsed.success) return parsed.data
  const faults = parsed.error.issues.map((issue) => {
    const variable = issue.path.join('.')
    const held = given[variable]
    const secret = /TOKEN|PASSWORD|SECRET|^NOTIFY_\w+_URL/.test(variable)
    const found = held === undefined ? 'is missing' : secret ? 'is wrong' : `is "${held}"`
    const meaning = schema.shape[variable]?.description
    return `${variable} ${found}: ${issue.message}${meaning ? ` (${meaning})` : ''}`
  })
  throw new ConfigError(faults.join('; '))
}
