import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { z } from 'zod'
import { roles } from '#broker/auth/authorization.ts'
import { newSecret } from '#broker/auth/secret.ts'
import type { Passwords } from '#broker/auth/service-accounts.ts'
import { ConfigError } from '#telemetry/errors.ts'
import type { PlatformConfig } from './config.ts'
import { closeUmask, mendModes } from './file-modes.ts'

const fileSchema = z.record(z.enum(roles), z.string().min(16))

/** Makes the data folder (mode 700) when it is missing; closes it, and what the platform keeps in it, to others than its owner. Answers how many files and folders were open. */
export async function openDataFolder(path: string): Promise<number> {
  closeUmask()
  try {
    await mkdir(path, { recursive: true, mode: 0o700 })
    await rm(await mkdtemp(join(path, '.writable-')), { recursive: true })
    return await mendModes(path)
  } catch (error) {
    throw new ConfigError(`DATA_DIR is "${path}": cannot write there (${(error as Error).message})`, error) // fs rejects with Error
  }
}

/** Says that the data folder was open to others. */
export function logMendedPermissions(log: Logger, mended: number): void {
  if (mended > 0) log.info({ mended }, 'DATA_DIR was open to other users: its modes are mended')
}

const fileIn = (folder: string) => join(folder, 'secrets.json')

/** The secrets kept in this data folder; undefined when there are none yet. */
export async function readSecrets(folder: string): Promise<Passwords | undefined> {
  const path = fileIn(folder)
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined // fs rejects with ErrnoException
    throw new ConfigError(`cannot read ${path}: ${(error as Error).message}`, error)
  }
  try {
    return fileSchema.parse(JSON.parse(text))
  } catch (error) {
    throw new ConfigError(`${path} is damaged: remove it and start again, new secrets are made`, error)
  }
}

/** The secret of each role: from the variables, else from `DATA_DIR/secrets.json` (mode 600), made on first start. */
export async function loadSecrets(config: PlatformConfig): Promise<Passwords> {
  let kept = await readSecrets(config.DATA_DIR)
  if (!kept) {
    kept = fileSchema.parse(Object.fromEntries(roles.map((role) => [role, newSecret()])))
    await writeFile(fileIn(config.DATA_DIR), `${JSON.stringify(kept, null, 2)}\n`, { mode: 0o600 })
  }
  return {
    admin: config.ADMIN_TOKEN ?? kept.admin,
    ingest: config.INGEST_PASSWORD ?? kept.ingest,
    alerts: config.ALERTS_PASSWORD ?? kept.alerts,
    api: config.API_PASSWORD ?? kept.api,
    simulators: config.SIMULATORS_PASSWORD ?? kept.simulators,
  }
}

/** Where the broker finds the credentials of devices and people, and notes when each was last in use. */
export function identityFiles(config: Pick<PlatformConfig, 'DATA_DIR' | 'CREDENTIALS_FILE'>) {
  return {
    credentialsPath: config.CREDENTIALS_FILE ?? join(config.DATA_DIR, 'credentials.json'),
    lastSeenPath: join(config.DATA_DIR, 'last-seen.json'),
  }
}
