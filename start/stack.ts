/** What has been started, to be closed in the opposite order: downstream starts first, upstream stops first. */
export class Stack {
  readonly #open: { close(): Promise<void> }[] = []

  /** Waits for something to start and remembers it. */
  async add<T extends { close(): Promise<void> }>(starting: Promise<T>): Promise<T> {
    const started = await starting
    this.#open.push(started)
    return started
  }

  /** Closes all, last started first. What fails to close does not keep the others open; the first fault is thrown at the end. */
  async close(): Promise<void> {
    const faults: unknown[] = []
    for (let part = this.#open.pop(); part; part = this.#open.pop())
      await part.close().catch((error) => faults.push(error))
    if (faults.length > 0) throw faults[0]
  }
}
