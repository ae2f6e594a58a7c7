import { readFile } from 'node:fs/promises'
import type { Logger } from 'pino'
import { z } from 'zod'
import { replaceFile } from '#telemetry/durable-files.ts'

const schema = z.record(z.string(), z.number())

/** ms between two writings of the file */
const writeEveryMs = 5_000

/** When each credential was last in use, epoch ms; empty when the file is missing or damaged, because nothing depends on it. */
export async function readLastSeen(path: string): Promise<Map<string, number>> {
  try {
    return new Map(Object.entries(schema.parse(JSON.parse(await readFile(path, 'utf8')))))
  } catch {
    return new Map()
  }
}

/** Stores on disk when each credential was last in use, some seconds late. */
export class LastSeen {
  readonly #path: string
  readonly #log: Logger
  readonly #seen: Map<string, number>
  readonly #connections = new Map<string, number>()
  readonly #timer: NodeJS.Timeout
  #dirty = false
  #writing = Promise.resolve()

  private constructor(path: string, seen: Map<string, number>, log: Logger) {
    this.#path = path
    this.#seen = seen
    this.#log = log
    this.#timer = setInterval(() => this.#write(), writeEveryMs)
  }

  static async open(path: string, log: Logger): Promise<LastSeen> {
    return new LastSeen(path, await readLastSeen(path), log)
  }

  /** Records a connection of this credential as in use, until the function it answers is called. */
  connected(id: string): () => void {
    this.#connections.set(id, (this.#connections.get(id) ?? 0) + 1)
    this.#record(id)
    return () => {
      const left = (this.#connections.get(id) ?? 1) - 1
      if (left > 0) this.#connections.set(id, left)
      else this.#connections.delete(id)
      if (this.#seen.has(id)) this.#record(id) // not when it was revoked
    }
  }

  /** Removes credentials that `has` does not know any more. */
  removeUnknown(has: (id: string) => boolean): void {
    for (const id of this.#seen.keys()) if (!has(id)) this.#seen.delete(id)
    this.#dirty = true
  }

  /** Writes what is not written yet. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    this.#write()
    await this.#writing
  }

  #record(id: string): void {
    this.#seen.set(id, Date.now())
    this.#dirty = true
  }

  #write(): void {
    for (const id of this.#connections.keys()) if (this.#seen.has(id)) this.#record(id)
    if (!this.#dirty) return
    this.#dirty = false
    const text = `${JSON.stringify(Object.fromEntries(this.#seen))}\n`
    this.#writing = this.#writing
      .then(() => replaceFile(this.#path, text))
      .catch((error) => this.#log.warn({ err: error }, 'cannot note when devices were last seen'))
  }
}
