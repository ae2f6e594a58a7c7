import type { Duplex } from 'node:stream'

/** What is called when Aedes asks for bytes. */
export interface AedesInputOwner {
  /** @param received whether it received some */
  aedesAsked(received: boolean): void
}

/**
 * Gives Aedes the bytes of a connection. Aedes listens for `readable` and then calls `read(null)`; both are intercepted, so that it
 * receives what is offered here and nothing else. It asks again by itself once it has handled a whole packet.
 */
export class AedesInput {
  readonly #connection: Duplex
  readonly #owner: AedesInputOwner
  /** makes Aedes listen to the connection, and calls {@link intercept} */
  readonly #attach: (connection: Duplex) => void
  /** Aedes' listener, once it has one */
  #listener: ((this: Duplex) => void) | undefined
  /** what Aedes receives when it asks */
  #ready: Buffer | null = null
  /** whether a packet ends in `#ready`: then Aedes asks again by itself */
  #endsPacket = false
  #isIdle = true

  constructor(connection: Duplex, owner: AedesInputOwner, attach: (connection: Duplex) => void) {
    this.#connection = connection
    this.#owner = owner
    this.#attach = attach
  }

  /** Whether Aedes is done with all that it received. */
  get isIdle(): boolean {
    return this.#isIdle
  }

  /** Takes the place of the connection for Aedes, which has begun to listen to it. */
  intercept(): void {
    const connection = this.#connection
    const [listener] = connection.listeners('readable')
    this.#listener = listener as (this: Duplex) => void // of an event without arguments
    connection.removeAllListeners('readable')
    const read = connection.read.bind(connection)
    // Aedes asks for null; the stream itself for a number or nothing
    connection.read = (size?: number | null) => (size === null ? this.#read() : read(size))
  }

  /** Gives Aedes these bytes. @param endsPacket whether a packet ends in them */
  offer(bytes: Buffer, endsPacket: boolean): void {
    this.#ready = bytes
    this.#endsPacket = endsPacket
    this.#isIdle = false
    if (!this.#listener) this.#attach(this.#connection)
    this.#listener?.call(this.#connection)
  }

  /** From now on Aedes receives nothing. */
  block(): void {
    this.#isIdle = false
  }

  #read(): Buffer | null {
    const bytes = this.#ready
    this.#ready = null
    this.#isIdle = bytes === null || !this.#endsPacket
    this.#owner.aedesAsked(bytes !== null)
    return bytes
  }
}
