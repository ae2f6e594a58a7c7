import { randomUUID } from 'node:crypto'
import type { Duplex } from 'node:stream'
import type { Client } from 'aedes'
import { generate } from 'mqtt-packet'
import type { AedesBroker } from '../aedes/aedes-broker.ts'
import { type AedesClient, aedesClient, type ConnectedClient } from '../aedes/aedes-client.ts'
import type { SessionlessConnect } from '../wire/connect-packet.ts'

/** CONNACK (MQTT 3.1.1, section 3.2): accepted, no session present. */
const accepted = generate({ cmd: 'connack', returnCode: 0, sessionPresent: false })

/** As Aedes says it; shared by all clients, for a closure for each costs more. */
function endSilent(connection: Duplex): void {
  connection.destroy(new Error('keep alive timeout'))
}

/**
 * A client whose id nobody uses and that asks for a clean session: nothing that Aedes would look up for it (subscriptions, waiting
 * messages, a stored will) exists, and its readings take the fast path. So it is registered with Aedes only when it sends something
 * else, or leaves a will: making Aedes' client and looking things up costs more than all the rest of a connect.
 */
export class SessionlessClient implements ConnectedClient {
  readonly id: string
  readonly conn: Duplex
  readonly clean = true
  #accepted = false
  // nothing else of its CONNECT is stored: it contains the password
  /** ms of silence after which it is ended */
  readonly #keepaliveMs: number
  readonly #will: SessionlessConnect['will']
  readonly #aedes: AedesBroker
  readonly #attachAedes: (connection: Duplex) => Client
  #silence: NodeJS.Timeout | null = null
  /** its client in Aedes */
  #known: AedesClient | undefined

  /**
   * @param keepalive s that it is held to
   * @param attachAedes makes Aedes listen to a connection and gives its client
   */
  constructor(
    conn: Duplex,
    { clientId, will }: SessionlessConnect,
    keepalive: number,
    aedes: AedesBroker,
    attachAedes: (connection: Duplex) => Client,
  ) {
    this.id = clientId || `aedes_${randomUUID()}`
    this.conn = conn
    this.#keepaliveMs = keepalive * 1_500 + 1
    this.#will = will
    this.#aedes = aedes
    this.#attachAedes = attachAedes
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

  /** Accepts it: CONNACK, keep-alive, and its place among Aedes' clients. */
  accept(): void {
    this.#silence = setTimeout(endSilent, this.#keepaliveMs, this.conn)
    this.#aedes.clients[this.id] = this
    this.#aedes.connectedClients += 1
    this.#accepted = true
    this.conn.write(accepted)
    this.conn.once('close', () => this.close())
  }

  /** Closes it, as Aedes closes a client: its will is published unless it sent DISCONNECT, which only Aedes reads. */
  close(done?: () => void): void {
    if (this.#known || (this.#accepted && this.#will)) {
      this.registerWithAedes().close(done)
      return
    }
    if (this.#accepted) {
      this.#accepted = false
      if (this.#silence) clearTimeout(this.#silence)
      this.#aedes.connectedClients -= 1
      delete this.#aedes.clients[this.id]
      this.conn.destroy()
    }
    done?.()
  }

  waitForDrain(done: () => void): void {
    this.registerWithAedes().waitForDrain(done)
  }

  /**
   * Makes it a client of Aedes: as if Aedes had accepted it, but its will is not stored, because the store dies with the process; or one
   * for Aedes to accept or refuse, if it was not accepted here.
   */
  registerWithAedes(): AedesClient {
    if (this.#known) return this.#known
    const client = aedesClient(this.#attachAedes(this.conn))
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
    this.#aedes.clients[this.id] = client
    client.emit('connected')
    return client
  }
}
