import { unwatchFile, watchFile } from 'node:fs'
import type { Logger } from 'pino'
import { type Credential, type CredentialTable, readCredentials } from './credentials-file.ts'

/** Told of a change, with the ids whose holder is not the one of before: revoked, or revoked and added anew. */
type Changed = (ended: ReadonlySet<string>) => void

/** ms between two looks at the file; it is asked for, not listened to, for that works on every file system */
const lookEveryMs = 200

/**
 * The credentials as they stand in the file, read again whenever it changes. A credential that did not change stays the
 * same object. When a file that was there is damaged or gone, those known stay and the log says so: an accident is no revocation.
 */
export class Credentials {
  readonly #path: string
  readonly #log: Logger
  readonly #changed: Changed
  #table: CredentialTable
  #reading = Promise.resolve()

  private constructor(path: string, table: CredentialTable, changed: Changed, log: Logger) {
    this.#path = path
    this.#table = table
    this.#changed = changed
    this.#log = log
    watchFile(path, { interval: lookEveryMs, persistent: false }, this.#look)
  }

  /**
   * Reads the file and watches it; none is as good as an empty one. `changed` is called after each change.
   * @throws ConfigError when the file is damaged
   */
  static async open(path: string, changed: Changed, log: Logger): Promise<Credentials> {
    return new Credentials(path, (await readCredentials(path)) ?? new Map(), changed, log)
  }

  get(id: string): Credential | undefined {
    return this.#table.get(id)
  }

  get size(): number {
    return this.#table.size
  }

  close(): void {
    unwatchFile(this.#path, this.#look)
  }

  readonly #look = () => {
    this.#reading = this.#reading.then(() => this.#read())
  }

  async #read(): Promise<void> {
    try {
      const found = await readCredentials(this.#path, this.#table)
      if (!found) {
        if (this.#table.size > 0)
          this.#log.error(`${this.#path} is gone: the credentials it held stay valid until it is back`)
        return
      }
      const before = this.#table
      this.#table = found
      const ended = [...before].filter(([id, { createdAt }]) => this.#table.get(id)?.createdAt !== createdAt)
      this.#changed(new Set(ended.map(([id]) => id)))
    } catch (error) {
      this.#log.error({ err: error }, 'the credentials cannot be read: those known stay valid')
    }
  }
}
