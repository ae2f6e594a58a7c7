import type { Logger } from 'pino'
import type { z } from 'zod'
import type { DocumentCollection, StoredDocument, TelemetryStore } from '#storage/store.ts'
import { RepeatedTask } from '#telemetry/retry/repeated-task.ts'

/** ms between two looks at what other processes of the api have changed */
const pollMs = 2_000
/** between two of them that fail */
const backoff = { firstMs: 1_000, longestMs: pollMs }

/** What is cached. */
interface DocumentCacheOptions<Doc extends { id: string }> {
  store: TelemetryStore
  collection: DocumentCollection
  schema: z.ZodType<Doc>
  log: Logger
}

/**
 * A collection of documents held in memory, so that every request can look into it; looked up again every 2 s, because
 * other processes of the api change it too. While the store is away it stays as it was.
 */
export class DocumentCache<Doc extends { id: string }> {
  readonly #options: DocumentCacheOptions<Doc>
  readonly #listeners: (() => void)[] = []
  #held = new Map<string, Doc>()
  #text = ''
  #loaded = false
  /** looks into the store so far, and the latest of them whose answer is held */
  #reads = 0
  #newestRead = 0
  /** of each look under way: ids that were written or removed meanwhile */
  readonly #changedIn = new Set<Set<string>>()
  readonly #polling: RepeatedTask

  constructor(options: DocumentCacheOptions<Doc>) {
    this.#options = options
    const { log, collection } = options
    this.#polling = new RepeatedTask({
      task: () => this.refresh(),
      everyMs: pollMs,
      backoff,
      onFault: ({ error }) => log.warn({ err: error, collection }, 'cannot be read now; trying again'),
    })
  }

  /** Looks for the first time, and from then on again and again. Does not reject: a store that is away is asked again. */
  open(): Promise<void> {
    return this.#polling.run()
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

  /** Calls back after each change, also by another process. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener)
  }

  /** Reads the collection: all that was in the store when this was called is known then. Rejects with StoreUnavailableError. */
  async refresh(): Promise<void> {
    const { store, collection } = this.#options
    const look = ++this.#reads
    const changed = new Set<string>()
    this.#changedIn.add(changed)
    try {
      const documents = await store.readDocuments(collection)
      // a look that began later knows more
      if (look < this.#newestRead) return
      this.#newestRead = look
      this.#replace(documents, changed)
    } finally {
      this.#changedIn.delete(changed)
    }
  }

  /** Holds what was read, but of what was changed meanwhile, that. */
  #replace(documents: readonly StoredDocument[], changed: ReadonlySet<string>): void {
    const { collection, schema, log } = this.#options
    const text = JSON.stringify(documents)
    this.#loaded = true
    if (text === this.#text) return
    this.#text = changed.size > 0 ? '' : text
    const held = new Map<string, Doc>()
    for (const { id, body } of documents) {
      if (changed.has(id)) continue
      const parsed = schema.safeParse(body)
      if (parsed.success && parsed.data.id === id) held.set(id, parsed.data)
      else log.error({ collection, id }, 'a document of another shape is left out')
    }
    for (const id of changed) {
      const document = this.#held.get(id)
      if (document) held.set(id, document)
    }
    this.#held = held
    this.#notifyListeners()
  }

  /** Writes a document; it counts here once it is durable. Rejects with StoreUnavailableError. */
  async put(document: Doc): Promise<void> {
    const { store, collection } = this.#options
    await store.putDocument(collection, { id: document.id, body: document })
    this.#markChanged(document.id)
    this.#held.set(document.id, document)
    this.#notifyListeners()
  }

  /** Removes a document. Rejects with StoreUnavailableError. */
  async remove(id: string): Promise<void> {
    const { store, collection } = this.#options
    await store.removeDocument(collection, id)
    this.#markChanged(id)
    this.#held.delete(id)
    this.#notifyListeners()
  }

  close(): void {
    void this.#polling.close()
  }

  #markChanged(id: string): void {
    this.#text = ''
    for (const changed of this.#changedIn) changed.add(id)
  }

  #notifyListeners(): void {
    for (const listener of this.#listeners) listener()
  }
}
