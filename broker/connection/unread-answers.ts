import type { Duplex } from 'node:stream'

/** packets that are read of a client while it reads nothing: Aedes writes most of its answers without asking whether there is room */
const maxUnreadAnswers = 1_000

/** Counts the packets of a client that does not read the answers to them. */
export class UnreadAnswers {
  readonly #connection: Duplex
  /** packets since the connection last accepted all that was written */
  #unread = 0
  #isTooMany = false

  constructor(connection: Duplex) {
    this.#connection = connection
  }

  /** Whether nothing more may be read of the client until it reads. */
  get isTooMany(): boolean {
    return this.#isTooMany
  }

  /** Counts packets that were read; true when they have just become too many. */
  add(packets: number): boolean {
    this.#unread = this.#connection.writableNeedDrain ? this.#unread + packets : 0
    if (this.#unread <= maxUnreadAnswers || this.#isTooMany) return false
    this.#isTooMany = true
    return true
  }

  /** The client has read them. */
  reset(): void {
    this.#unread = 0
    this.#isTooMany = false
  }
}
