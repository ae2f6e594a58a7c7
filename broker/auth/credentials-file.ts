import { open, readFile, rm, stat } from 'node:fs/promises'
import { setImmediate } from 'node:timers/promises'
import { z } from 'zod'
import { replaceFile } from '#telemetry/durable-files.ts'
import { ConfigError } from '#telemetry/errors.ts'
import { kindSchema } from '#telemetry/kinds.ts'
import { idSchema } from '#telemetry/reading-parts.ts'
import { sleep } from '#telemetry/retry/sleep.ts'
import { roles } from './authorization.ts'
import { isSecretHash } from './secret.ts'
import { reservedDistricts } from './topic-families.ts'

const hash = z.string().refine(isSecretHash, 'is no scrypt hash')
const times = { createdAt: z.iso.datetime(), rotatedAt: z.iso.datetime().optional() }

/** One credential: of a sensor, which has its place for life, or of a person or program with a role. */
export const credentialSchema = z.discriminatedUnion('role', [
  z.object({
    role: z.literal('sensor'),
    district: idSchema.refine((district) => !reservedDistricts.includes(district), 'is a word of the platform'),
    kind: kindSchema,
    /** absent when it signs in by its certificate alone */
    hash: hash.optional(),
    ...times,
  }),
  z.object({ role: z.enum(roles), hash, ...times }),
])
export type Credential = z.infer<typeof credentialSchema>

/** A name for a credential; those of the services are reserved. */
export const credentialIdSchema = idSchema.refine(
  (id) => !roles.some((role) => role === id),
  'is the name of a service',
)

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const outlineSchema = z.object({
  version: z.literal(1),
  /** each is checked by itself */
  credentials: z.custom<object>(isObject, 'is no object'),
})
const entriesSchema = z.object({ credentials: z.record(credentialIdSchema, credentialSchema) })

/** Credentials by id. */
export type CredentialTable = ReadonlyMap<string, Credential>

/** entries that are checked in one go */
const sliceSize = 200
/** ms after which others on the event loop have their turn */
const sliceMs = 10

/** Whether an entry says what is known already: then it was checked, and is no other. */
function isKnown(given: unknown, known: Credential | undefined): known is Credential {
  if (!known || !isObject(given)) return false
  const fields = Object.entries(known)
  return (
    Object.keys(given).length === fields.length && fields.every(([name, value]) => Reflect.get(given, name) === value)
  )
}

/** Checks the text of the file: only what is not known yet, and that by and by. @throws ZodError, SyntaxError */
async function parseCredentials(text: string, known: CredentialTable): Promise<CredentialTable> {
  let since = performance.now()
  const entries = Object.entries(outlineSchema.parse(JSON.parse(text)).credentials)
  const table = new Map<string, Credential>()
  for (let at = 0; at < entries.length; at += sliceSize) {
    if (performance.now() - since > sliceMs) {
      await setImmediate()
      since = performance.now()
    }
    const slice = entries.slice(at, at + sliceSize)
    const fresh = slice.filter(([id, given]) => !isKnown(given, known.get(id)))
    const checked = new Map(Object.entries(entriesSchema.parse({ credentials: Object.fromEntries(fresh) }).credentials))
    for (const [id] of slice) {
      const credential = checked.get(id) ?? known.get(id)
      if (credential) table.set(id, credential)
    }
  }
  return table
}

/**
 * Reads the credentials; undefined when there is no file. One that says the same as in `known` stays the same object.
 * @throws ConfigError when the file is damaged
 */
export async function readCredentials(
  path: string,
  known: CredentialTable = new Map(),
): Promise<CredentialTable | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined // fs rejects with ErrnoException
    throw new ConfigError(`cannot read ${path}: ${(error as Error).message}`, error)
  }
  try {
    return await parseCredentials(text, known)
  } catch (error) {
    const [issue] = error instanceof z.ZodError ? error.issues : []
    const where = issue ? `${issue.path.join('.')}: ${issue.message}` : (error as Error).message // JSON.parse throws SyntaxError
    throw new ConfigError(
      `${path} is damaged (${where}): put a backup in its place, or remove it and add each again`,
      error,
    )
  }
}

/** ms that another command may take, and after which its lock counts as left behind */
const lockMs = 10_000

/** Runs `work` while no other command changes the file. */
async function locked<T>(path: string, work: () => Promise<T>): Promise<T> {
  const lock = `${path}.lock`
  for (;;) {
    try {
      await (await open(lock, 'wx', 0o600)).close()
      break
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
        // fs rejects with ErrnoException
        throw new ConfigError(`cannot write beside ${path}: ${(error as Error).message}`, error)
    }
    const { mtimeMs } = await stat(lock).catch(() => ({ mtimeMs: Date.now() })) // gone meanwhile
    if (Date.now() - mtimeMs > lockMs) await rm(lock, { force: true })
    else await sleep(20)
  }
  try {
    return await work()
  } finally {
    await rm(lock, { force: true })
  }
}

/** Changes the credentials: `change` gets those that are there and edits them. Nothing is written when it throws. */
export function changeCredentials<T>(
  path: string,
  change: (credentials: Map<string, Credential>) => T | Promise<T>,
): Promise<T> {
  return locked(path, async () => {
    const credentials = new Map(await readCredentials(path))
    const answer = await change(credentials)
    const sorted = [...credentials].sort(([a], [b]) => (a < b ? -1 : 1))
    await replaceFile(path, `${JSON.stringify({ version: 1, credentials: Object.fromEntries(sorted) }, null, 2)}\n`)
    return answer
  })
}
