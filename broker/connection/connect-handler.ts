import type { Duplex } from 'node:stream'
import type { AuthenticateError } from 'aedes'
import type { AedesBroker, AedesHandlers } from '../aedes/aedes-broker.ts'
import { aedesClient } from '../aedes/aedes-client.ts'
import type { Authentication } from '../auth/authentication.ts'
import { type ConnectRequest, limitKeepalive } from '../auth/connect-fault.ts'
import type { BrokerLimits } from '../limits/limits.ts'
import type { Sessions } from '../sessions/sessions.ts'
import { parseSessionlessConnect } from '../wire/connect-packet.ts'
import type { BrokerConnections } from './connections.ts'
import { SessionlessClient } from './sessionless-client.ts'

interface ConnectHandlerOptions {
  aedes: AedesBroker
  connections: Pick<BrokerConnections, 'attachAedes' | 'passConnect'>
  authentication: Authentication
  sessions: Pick<Sessions, 'isNew'>
  limits: BrokerLimits
}

/**
 * Handles CONNECT packets. Every client is authenticated once. One with a clean session and a client id that nobody uses is accepted here and
 * stays unknown to Aedes until it needs it; every other one, and each that is refused, is given to Aedes with the answer.
 */
export class ConnectHandler implements Pick<AedesHandlers, 'preConnect' | 'authenticate'> {
  readonly #options: ConnectHandlerOptions
  readonly #sessionless = new WeakMap<Duplex, SessionlessClient>()
  /** CONNECTs that Aedes has read, until their clients are authenticated */
  readonly #read = new WeakMap<Duplex, ConnectRequest>()
  /** why clients that are authenticated, and that Aedes has not answered yet, are refused; null when they are accepted */
  readonly #answers = new WeakMap<Duplex, AuthenticateError | null>()

  constructor(options: ConnectHandlerOptions) {
    this.#options = options
  }

  /** Handles a whole CONNECT; false when it is not for a clean session, or wrong, and Aedes must read it. */
  acceptConnect(connect: Buffer, connection: Duplex): boolean {
    const { aedes, connections, authentication, sessions, limits } = this.#options
    const packet = parseSessionlessConnect(connect)
    if (!packet) return false
    const keepalive = limitKeepalive(packet.keepalive, limits)
    const client = new SessionlessClient(connection, packet, keepalive, aedes, connections.attachAedes)
    this.#sessionless.set(connection, client)
    authentication.authenticate(client, packet, (error, success) => {
      if (client.closed || aedes.closed) return
      if (success && sessions.isNew(client)) {
        client.accept()
        authentication.clients.connected(client)
        return
      }
      this.#answers.set(connection, error)
      connections.passConnect(connection, connect)
    })
    return true
  }

  /** Makes the client of this connection one of Aedes'. */
  attachAedes(connection: Duplex): void {
    const client = this.#sessionless.get(connection)
    if (client) client.registerWithAedes()
    else this.#options.connections.attachAedes(connection)
  }

  /** The id of a client that sent a CONNECT without a session. */
  clientIdOf(connection: Duplex): string | undefined {
    return this.#sessionless.get(connection)?.id
  }

  /** Aedes' handler of a CONNECT that it has read. */
  readonly preConnect: AedesHandlers['preConnect'] = (client, packet, done) => {
    packet.keepalive = limitKeepalive(packet.keepalive ?? 0, this.#options.limits)
    this.#read.set(client.conn, packet)
    done(null, true)
  }

  /** Aedes' handler that says who may connect. */
  readonly authenticate: AedesHandlers['authenticate'] = (client, _username, _password, done) => {
    const { conn } = client
    const packet = this.#read.get(conn)
    this.#read.delete(conn) // it holds the password
    const answer = this.#answers.get(conn)
    if (answer !== undefined) done(answer, answer === null)
    else if (packet) this.#options.authentication.authenticate(aedesClient(client), packet, done)
  }
}
