import { readFile } from 'node:fs/promises'
import type { Logger } from 'pino'
import { z } from 'zod'
import { replaceFile } from '#telemetry/durable-files.ts'

const schema = z.record(z.string(), z.number())

/** ms between two writings of the file */
const writeEveryMs = 5_000

/** When each credential was last in use, epoch ms; nothing when the file is missing or damaged, for it is only told, not relied on. */
export async function readLastSeen(path: string): Promise<Map<string, number>> {
  try {
    return new Map(Object.entries(schema.parse(JSON.parse(await readFile(path, 'utf8')))))
  } catch {
    return new Map()
  }
}

/** Remembers on disk when each credential was last in use, some seconds late. */
export class LastSeen {
  readonly #path: string
  readonly #log: Logger
  readonly #seen: Map<string, number>
  readonly #connected = new Map<string, number>()
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

  /** Notes a client of this credential until the function it answers is called. */
  note(id: string): () => void {
    this.#connected.set(id, (this.#connected.get(id) ?? 0) + 1)
    this.#see(id)
    return () => {
      const left = (this.#connected.get(id) ?? 1) - 1
      if (left > 0) this.#connected.set(id, left)
      else this.#connected.delete(id)
      if (this.#seen.has(id)) this.#see(id) // not when it was revoked
    }
  }

  /** Forgets those that `has` does not know any more. */
  keepOnly(has: (id: string) => boolean): void {
    for (const id of this.#seen.keys()) if (!has(id)) this.#seen.delete(id)
    this.#dirty = true
  }

  /** Writes what is left to note. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    this.#write()
    await this.#writing
  }

  #see(id: string): void {
    this.#seen.set(id, Date.now())
    this.#dirty = true
  }

  #write(): void {
    for (const id of this.#connected.keys()) if (this.#seen.has(id)) this.#see(id)
    if (!this.#dirty) return
    this.#dirty = false
    const text = `${JSON.stringify(Object.fromEntries(this.#seen))}\n`
    this.#writing = this.#writing
      .then(() => replaceFile(this.#path, text))
      .catch((error) => this.#log.warn({ err: error }, 'cannot note when devices were last seen'))
  }
}
