/** A reader that is restarted when the connection is lost, and when it is back. */
export interface Restartable {
  restart(): void
  close(): Promise<void>
}

/** The readers, shared consumers and subscriptions of a journal that are open. */
export class ActiveReaders {
  readonly #open = new Set<Restartable>()

  add<Reader extends Restartable>(reader: Reader): Reader {
    this.#open.add(reader)
    return reader
  }

  close(reader: Restartable): Promise<void> {
    this.#open.delete(reader)
    return reader.close()
  }

  restartAll(): void {
    for (const reader of this.#open) reader.restart()
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#open].map((reader) => reader.close()))
  }
}
