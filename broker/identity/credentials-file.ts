import { open, readFile, rename, rm, stat } from 'node:fs/promises'
import { z } from 'zod'
import { ConfigError } from '#telemetry/errors.ts'
import { kindSchema } from '#telemetry/kinds.ts'
import { idSchema } from '#telemetry/reading.ts'
import { roles } from './rights.ts'
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

/** A name for a credential; those of the services are taken. */
export const credentialIdSchema = idSchema.refine(
  (id) => !roles.some((role) => role === id),
  'is the name of a service',
)

const fileSchema = z.object({ version: z.literal(1), credentials: z.record(credentialIdSchema, credentialSchema) })

/** Credentials by id. */
export type CredentialTable = ReadonlyMap<string, Credential>

/**
 * Reads the credentials; undefined when there is no file.
 * @throws ConfigError when the file is damaged
 */
export async function readCredentials(path: string): Promise<CredentialTable | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined // fs rejects with ErrnoException
    throw new ConfigError(`cannot read ${path}: ${(error as Error).message}`, error)
  }
  try {
    return new Map(Object.entries(fileSchema.parse(JSON.parse(text)).credentials))
  } catch (error) {
    const [issue] = error instanceof z.ZodError ? error.issues : []
    const where = issue ? `${issue.path.join('.')}: ${issue.message}` : (error as Error).message // JSON.parse throws SyntaxError
    throw new ConfigError(
      `${path} is damaged (${where}): put a backup in its place, or remove it and add each again`,
      error,
    )
  }
}

/** Writes a file of mode 600 so that a reader finds the old one or the whole new one, also after the power failed. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const beside = `${path}.${process.pid}.new`
  const file = await open(beside, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(beside, path)
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
    else await new Promise((resolve) => setTimeout(resolve, 20))
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
