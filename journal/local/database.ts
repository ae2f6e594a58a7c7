import { ClassicLevel } from 'classic-level'
import { ConfigError, InUseError } from '#telemetry/errors.ts'

/** The LevelDB of the journal: keys and values are bytes. */
export type Database = ClassicLevel<Uint8Array, Uint8Array>

const formatVersion = '1'
const versionKey = Buffer.from('a:version')

/** Not open yet. */
export function createDatabase(path: string): Database {
  return new ClassicLevel(path, { keyEncoding: 'view', valueEncoding: 'view', writeBufferSize: 16_777_216 })
}

/**
 * Opens it, and marks a new one with the version of its format.
 * @throws ConfigError when the folder is in use, cannot be written, or holds another version's data
 */
export async function openDatabase(db: Database, path: string): Promise<void> {
  try {
    await db.open()
  } catch (error) {
    const cause = (error as Error).cause as { code?: string; message?: string } | undefined // abstract-level wraps what LevelDB said
    if (cause?.code === 'LEVEL_LOCKED')
      throw new InUseError(
        `DATA_DIR: another process uses the journal in "${path}"; stop it or choose another folder`,
        error,
      )
    throw new ConfigError(`DATA_DIR: the journal in "${path}" cannot be opened (${cause?.message ?? error})`, error)
  }
  const found = await db.get(versionKey)
  if (!found) await db.put(versionKey, Buffer.from(formatVersion), { sync: true })
  else if (Buffer.from(found).toString() !== formatVersion) {
    await db.close()
    throw new ConfigError(
      `DATA_DIR: the journal in "${path}" has version ${Buffer.from(found).toString()}, this release reads ${formatVersion}; use the release that wrote it, or another DATA_DIR`,
    )
  }
}
