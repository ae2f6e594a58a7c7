import type { Logger } from 'pino'
import type { z } from 'zod'
import type { DocumentCollection, TelemetryStore } from '#storage/store.ts'

/** ms between two looks at what other processes of the api have changed */
const lookMs = 2_000

/** What a mirror holds. */
interface MirrorOptions<Doc extends { id: string }> {
  store: TelemetryStore
  collection: DocumentCollection
  schema: z.ZodType<Doc>
  log: Logger
}

/**
 * A collection of documents held in memory, so that every request can look into it; looked up again every 2 s, because
 * other processes of the api change it too. While the store is away it stays as it was.
 */
export class Mirror<Doc extends { id: string }> {
  readonly #options: MirrorOptions<Doc>
  readonly #listeners: (() => void)[] = []
  #held = new Map<string, Doc>()
  #text = ''
  #loaded = false
  #changes = 0
  #timer: NodeJS.Timeout | undefined
  #closed = false

  constructor(options: MirrorOptions<Doc>) {
    this.#options = options
  }

  /** Looks for the first time, and from then on again and again. Does not reject: a store that is away is asked again. */
  async open(): Promise<void> {
    const { log, collection } = this.#options
    await this.refresh().catch((error) => log.warn({ err: error, collection }, 'cannot be read now; trying again'))
    if (!this.#closed) this.#timer = setTimeout(() => void this.open(), lookMs)
  }

  /** false until the collection has been read once */
  get loaded(): boolean {
    return this.#loaded
  }

  get(id: string): Doc | undefined {
    return this.#held.get(id)
  }

  all(): Doc[] {
    return [...this.#held.values()]
  }

  /** Calls back after each change, whoever made it. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener)
  }

  /** Reads the collection. Rejects with StoreUnavailableError. */
  async refresh(): Promise<void> {
    const { store, collection, schema, log } = this.#options
    const before = this.#changes
    const documents = await store.readDocuments(collection)
    // what was written meanwhile is newer than what was read
    if (before !== this.#changes) return
    const text = JSON.stringify(documents)
    this.#loaded = true
    if (text === this.#text) return
    this.#text = text
    const held = new Map<string, Doc>()
    for (const { id, body } of documents) {
      const parsed = schema.safeParse(body)
      if (parsed.success && parsed.data.id === id) held.set(id, parsed.data)
      else log.error({ collection, id }, 'a document of another shape is left out')
    }
    this.#held = held
    this.#tell()
  }

  /** Writes a document; it counts here once it is durable. Rejects with StoreUnavailableError. */
  async put(document: Doc): Promise<void> {
    const { store, collection } = this.#options
    await store.putDocument(collection, { id: document.id, body: document })
    this.#changes += 1
    this.#text = ''
    this.#held.set(document.id, document)
    this.#tell()
  }

  /** Removes a document. Rejects with StoreUnavailableError. */
  async remove(id: string): Promise<void> {
    const { store, collection } = this.#options
    await store.removeDocument(collection, id)
    this.#changes += 1
    this.#text = ''
    this.#held.delete(id)
    this.#tell()
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }
}
