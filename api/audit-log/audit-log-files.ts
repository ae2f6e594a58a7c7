import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import pLimit from 'p-limit'
import type { Logger } from 'pino'
import { type AuditEntry, auditEntrySchema } from '#telemetry/audit-log.ts'
import { syncFolder, writeSynced } from '#telemetry/durable-files.ts'
import { ConfigError } from '#telemetry/errors.ts'
import { jsonOf } from '#telemetry/json.ts'

const ending = '.jsonl'

/** A file of entries that were kept together. */
interface WaitingFile {
  path: string
  /** entries that the store does not have yet */
  left: number
  /** it holds a line that nobody can read: it is put aside instead of removed */
  damaged: boolean
}

/** Entries that are kept together. */
interface Group {
  entries: AuditEntry[]
  kept: Promise<void>
}

/**
 * Entries of the audit log on disk until the store has them. What is recorded while a file is being written shares the next one,
 * and a file goes when the store has all of its entries. Files are whole and have names of their own, so that one process
 * may take up what another has left in the same folder: at the worst both send the store the same entry.
 */
export class AuditLogFiles {
  readonly #folder: string
  readonly #log: Logger
  readonly #fileOf = new Map<string, WaitingFile>()
  #next: Group | undefined
  readonly #oneAtATime = pLimit(1)

  private constructor(folder: string, log: Logger) {
    this.#folder = folder
    this.#log = log
  }

  /**
   * Opens the folder (mode 700), which is made when missing. Answers the entries that a former process left, oldest first.
   * @throws ConfigError when it cannot be read or made
   */
  static async open(folder: string, log: Logger): Promise<{ files: AuditLogFiles; left: AuditEntry[] }> {
    const files = new AuditLogFiles(folder, log)
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const left: AuditEntry[] = []
      for (const name of await readdir(folder))
        if (name.endsWith(ending)) left.push(...(await files.#read(join(folder, name))))
      return { files, left: left.sort((a, b) => a.at - b.at) }
    } catch (error) {
      throw new ConfigError(`cannot keep the audit log in ${folder}: ${(error as Error).message}`, error) // fs rejects with Error
    }
  }

  /** Keeps an entry; on disk when it resolves. Rejects when the disk does not take it. */
  store(entry: AuditEntry): Promise<void> {
    if (this.#next) {
      this.#next.entries.push(entry)
      return this.#next.kept
    }
    const entries = [entry]
    const kept = this.#oneAtATime(() => {
      this.#next = undefined
      return this.#write(entries)
    })
    this.#next = { entries, kept }
    return kept
  }

  /** Lets go of entries that the store has. */
  async remove(entries: readonly AuditEntry[]): Promise<void> {
    for (const { id } of entries) {
      const file = this.#fileOf.get(id)
      this.#fileOf.delete(id)
      if (!file || --file.left > 0) continue
      const { path, damaged } = file
      await (damaged ? rename(path, `${path}.damaged`) : rm(path, { force: true })).catch((error) =>
        this.#log.warn(
          { err: error },
          'a file of the audit log stays: the store is told of it again at the next start',
        ),
      )
    }
  }

  async #write(entries: readonly AuditEntry[]): Promise<void> {
    const path = join(this.#folder, `${randomUUID()}${ending}`)
    try {
      await writeSynced(path, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''), 'wx')
      await syncFolder(this.#folder)
    } catch (error) {
      await rm(path, { force: true }).catch(() => {}) // the first error is the one to report
      throw error
    }
    this.#remember(path, entries, false)
  }

  /** The entries of a file. A last line without its end was being written when the process was killed: nobody was answered that it is stored. */
  async #read(path: string): Promise<AuditEntry[]> {
    const lines = (await readFile(path, 'utf8')).split('\n')
    if (lines.pop() !== '') this.#log.warn({ path }, 'the last entry of this file of the audit log is torn: left out')
    const entries = lines.flatMap((line) => auditEntrySchema.safeParse(jsonOf(line)).data ?? [])
    const damaged = entries.length < lines.length
    if (damaged) this.#log.error({ path }, 'this file of the audit log is damaged: what can be read of it is taken')
    if (entries.length > 0) this.#remember(path, entries, damaged)
    else if (!damaged) await rm(path, { force: true })
    return entries
  }

  #remember(path: string, entries: readonly AuditEntry[], damaged: boolean): void {
    const file = { path, left: entries.length, damaged }
    for (const { id } of entries) this.#fileOf.set(id, file)
  }
}
