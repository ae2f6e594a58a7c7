import { type FileHandle, open } from 'node:fs/promises'
import { type LedgerEntry, ledgerLine } from '#telemetry/ledger.ts'

/** ms between two writes to the file */
const everyMs = 200
/** lines held between two writes; beyond it they are written at once */
const maxHeld = 10_000

/**
 * The sensors' own account of what they sent and what was acknowledged, appended to a file. A crash loses the lines of the
 * last moment: an acknowledgement that is not in it weakens the audit and never makes a false alarm.
 */
export class Ledger {
  readonly #file: FileHandle
  readonly #timer: NodeJS.Timeout
  #lines: string[] = []
  #writing: Promise<void> = Promise.resolve()

  private constructor(file: FileHandle) {
    this.#file = file
    this.#timer = setInterval(() => this.#flush(), everyMs)
  }

  /** Opens a ledger to append to it; rejects when the file cannot be written. */
  static async open(path: string): Promise<Ledger> {
    return new Ledger(await open(path, 'a'))
  }

  note(entry: LedgerEntry): void {
    this.#lines.push(ledgerLine(entry))
    if (this.#lines.length >= maxHeld) this.#flush()
  }

  #flush(): void {
    if (this.#lines.length === 0) return
    const text = `${this.#lines.join('\n')}\n`
    this.#lines = []
    this.#writing = this.#writing.then(() => this.#file.appendFile(text))
  }

  /** Writes what is held. Rejects when something could not be written. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    this.#flush()
    await this.#writing
    await this.#file.close()
  }
}
