import { type FileHandle, open } from 'node:fs/promises'
import { type LedgerEntry, ledgerLine } from '#telemetry/ledger.ts'

export interface LedgerOptions {
  /** most lines held while the file is not written; beyond it lines are lost and counted */
  maxHeld?: number
  /** called for each write that failed; its lines are lost and counted */
  onError?: (error: Error) => void
}

/** ms between two writes to the file */
const everyMs = 200
/** lines after which they are written without waiting for that */
const writeFrom = 10_000
const newline = 10

/**
 * The sensors' own account of what they sent and what was acknowledged, appended to a file. A crash loses the lines of the
 * last moment, a disk that is full or too slow loses some too: an acknowledgement that is not in it weakens the audit and
 * never makes a false alarm. Nothing waits for the ledger and nothing ends because of it.
 */
export class Ledger {
  readonly #file: FileHandle
  readonly #maxHeld: number
  readonly #onError: (error: Error) => void
  readonly #timer: NodeJS.Timeout
  #lines: string[] = []
  #lost = 0
  /** whether the file ends in the middle of a line */
  #torn: boolean
  #writing: Promise<void> | undefined

  private constructor(file: FileHandle, torn: boolean, { maxHeld = 100_000, onError = () => {} }: LedgerOptions) {
    this.#file = file
    this.#torn = torn
    this.#maxHeld = maxHeld
    this.#onError = onError
    this.#timer = setInterval(() => this.#flush(), everyMs)
  }

  /** Opens a ledger to append to it; rejects when the file cannot be written. */
  static async open(path: string, options: LedgerOptions = {}): Promise<Ledger> {
    const file = await open(path, 'a+')
    try {
      return new Ledger(file, await endsTorn(file), options)
    } catch (error) {
      await file.close()
      throw error
    }
  }

  /** Lines that could not be written. */
  get lost(): number {
    return this.#lost
  }

  record(entry: LedgerEntry): void {
    if (this.#lines.length >= this.#maxHeld) {
      this.#lost += 1
      return
    }
    this.#lines.push(ledgerLine(entry))
    if (this.#lines.length >= writeFrom) this.#flush()
  }

  #flush(): void {
    if (this.#writing || this.#lines.length === 0) return
    this.#writing = this.#write().finally(() => {
      this.#writing = undefined
    })
  }

  async #write(): Promise<void> {
    const lines = this.#lines
    this.#lines = []
    try {
      await this.#file.appendFile(`${this.#torn ? '\n' : ''}${lines.join('\n')}\n`)
      this.#torn = false
    } catch (error) {
      this.#torn = true
      this.#lost += lines.length
      this.#onError(error as Error) // fs rejects with Error
    }
  }

  /** Writes what is held; what cannot be written is lost and counted. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#writing
    if (this.#lines.length > 0) await this.#write()
    await this.#file.close()
  }
}

/** Whether the last line has no end, as a crash leaves it. A device such as /dev/full has no last line. */
async function endsTorn(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat()
  if (size === 0) return false
  const { bytesRead, buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1)
  return bytesRead === 1 && buffer[0] !== newline
}
