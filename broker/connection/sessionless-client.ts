import { randomUUID } from 'node:crypto'
import type { Duplex } from 'node:stream'
import type { Aedes, Client } from 'aedes'
import { type AedesClient, aedesClient, type ConnectedClient } from '../aedes/aedes-client.ts'
import type { SessionlessConnect } from '../wire/connect-packet.ts'

/** CONNACK (MQTT 3.1.1, section 3.2): accepted, no session present. */
const accepted = Buffer.from([0x20, 2, 0, 0])

/** As Aedes says it; shared by all clients, for a closure for each costs more. */
function endSilent(connection: Duplex): void {
  connection.destroy(new Error('keep alive timeout'))
}

/** What is used of Aedes' list of clients, which its types leave out. */
interface Registry {
  clients: Record<string, { close(done?: () => void): void }>
  connectedClients: number
}

/**
 * A client whose id nobody uses and that wants no session: all that Aedes would look up for it (subscriptions and
 * messages that wait, a will that was kept) is not there, and readings go past Aedes too. So Aedes gets to know it only when it
 * sends something else, or leaves a will: making Aedes' client and looking things up costs more than all the rest of a connect.
 */
export class SessionlessClient implements ConnectedClient {
  readonly id: string
  readonly conn: Duplex
  readonly clean = true
  #accepted = false
  // no more is kept of its CONNECT, which holds its password
  /** ms of silence after which it is ended */
  readonly #keepaliveMs: number
  readonly #will: SessionlessConnect['will']
  readonly #broker: Aedes & Registry
  readonly #handle: (connection: Duplex) => Client
  #silence: NodeJS.Timeout | null = null
  /** what Aedes has made of it */
  #known: AedesClient | undefined

  /**
   * @param keepalive s that it is held to
   * @param handle gives a connection to Aedes, ready for its packets
   */
  constructor(
    conn: Duplex,
    { clientId, will }: SessionlessConnect,
    keepalive: number,
    broker: Aedes,
    handle: (connection: Duplex) => Client,
  ) {
    this.id = clientId || `aedes_${randomUUID()}`
    this.conn = conn
    this.#keepaliveMs = keepalive * 1_500 + 1
    this.#will = will
    this.#broker = broker as Aedes & Registry // held by the broker's tests
    this.#handle = handle
  }

  get connected(): boolean {
    return this.#known ? this.#known.connected : this.#accepted
  }

  get closed(): boolean {
    return this.conn.destroyed
  }

  get _keepaliveTimer(): NodeJS.Timeout | null {
    return this.#known ? this.#known._keepaliveTimer : this.#silence
  }

  /** Lets it in. */
  accept(): void {
    this.#silence = setTimeout(endSilent, this.#keepaliveMs, this.conn)
    this.#broker.clients[this.id] = this
    this.#broker.connectedClients += 1
    this.#accepted = true
    this.conn.write(accepted)
    this.conn.once('close', () => this.close())
  }

  /** Ends it, as Aedes ends a client: its will is published unless it took its leave, which only Aedes hears. */
  close(done?: () => void): void {
    if (this.#known || (this.#accepted && this.#will)) {
      this.registerWithAedes().close(done)
      return
    }
    if (this.#accepted) {
      this.#accepted = false
      if (this.#silence) clearTimeout(this.#silence)
      this.#broker.connectedClients -= 1
      delete this.#broker.clients[this.id]
      this.conn.destroy()
    }
    done?.()
  }

  waitForDrain(done: () => void): void {
    this.registerWithAedes().waitForDrain(done)
  }

  /**
   * Makes it a client of Aedes: as if Aedes had accepted it, its will not put in the store, which dies with the process; or one
   * for Aedes to accept or refuse, if it was not let in here.
   */
  registerWithAedes(): AedesClient {
    if (this.#known) return this.#known
    const client = aedesClient(this.#handle(this.conn))
    this.#known = client
    if (!this.#accepted) return client
    if (client._connectTimer) clearTimeout(client._connectTimer)
    client._connectTimer = null
    client.id = this.id
    client.clean = true
    client.version = 4
    client._parser.settings = { protocolVersion: 4 }
    client.will = this.#will ?? null
    client._authorized = true
    if (this.#silence) client._keepaliveInterval = this.#keepaliveMs
    client._keepaliveTimer = this.#silence
    client.connackSent = true
    client.connected = true
    this.#broker.clients[this.id] = client
    client.emit('connected')
    return client
  }
}
