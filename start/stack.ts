import { type Closable, closeAll } from '#telemetry/concurrency/close-all.ts'

/** What has been started, to be closed in the opposite order: downstream starts first, upstream stops first. */
export class Stack {
  readonly #open: Closable[] = []

  /** Waits for something to start and remembers it. */
  async add<T extends { close(): Promise<void> }>(starting: Promise<T>): Promise<T> {
    const started = await starting
    this.#open.push(started)
    return started
  }

  /** Closes all, last started first. What fails to close does not keep the others open; the first fault is thrown at the end. */
  async close(): Promise<void> {
    await closeAll(this.#open)
  }
}
