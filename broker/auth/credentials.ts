import { unwatchFile, watchFile } from 'node:fs'
import pLimit from 'p-limit'
import type { Logger } from 'pino'
import { type Credential, type CredentialTable, readCredentials } from './credentials-file.ts'

/** Called after a change, with the ids that were revoked, or revoked and added again: their holder is another one. */
type CredentialsChanged = (ended: ReadonlySet<string>) => void

/** ms between two checks of the file; polled, because that works on every file system */
const checkEveryMs = 200

/**
 * The credentials as they stand in the file, read again whenever it changes. A credential that did not change stays the
 * same object. When a file that was there is damaged or gone, those known stay and the log says so: an accident is no revocation.
 */
export class Credentials {
  readonly #path: string
  readonly #log: Logger
  #changed: CredentialsChanged = () => {}
  #table: CredentialTable
  readonly #oneAtATime = pLimit(1)

  private constructor(path: string, table: CredentialTable, log: Logger) {
    this.#path = path
    this.#table = table
    this.#log = log
    watchFile(path, { interval: checkEveryMs, persistent: false }, this.#reload)
  }

  /**
   * Reads the file and watches it; a missing one counts as empty.
   * @throws ConfigError when the file is damaged
   */
  static async open(path: string, log: Logger): Promise<Credentials> {
    return new Credentials(path, (await readCredentials(path)) ?? new Map(), log)
  }

  /** Calls this after each change from now on, in place of what was called before. */
  onChange(changed: CredentialsChanged): void {
    this.#changed = changed
  }

  get(id: string): Credential | undefined {
    return this.#table.get(id)
  }

  get size(): number {
    return this.#table.size
  }

  close(): void {
    unwatchFile(this.#path, this.#reload)
  }

  readonly #reload = () => {
    void this.#oneAtATime(() => this.#read())
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
