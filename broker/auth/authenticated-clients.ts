import type { Duplex } from 'node:stream'
import type { ConnectedClient } from '../aedes/aedes-client.ts'
import type { BrokerMetrics } from '../metrics/broker-metrics.ts'
import { type ClientRights, type Identity, rightsOf } from './authorization.ts'
import type { Credentials } from './credentials.ts'
import type { Credential } from './credentials-file.ts'
import type { LastSeen } from './last-seen.ts'

interface Entry {
  identity: Identity
  credential: Credential | undefined
  rights: ClientRights
}

/** The clients that are authenticated: the identity and rights of each. They are disconnected when their credential is revoked. */
export class AuthenticatedClients {
  readonly #entries = new WeakMap<Duplex, Entry>()
  readonly #connections = new Set<Duplex>()
  readonly #credentials: Credentials
  readonly #lastSeen: LastSeen
  readonly #metrics: BrokerMetrics

  constructor(credentials: Credentials, lastSeen: LastSeen, metrics: BrokerMetrics) {
    this.#credentials = credentials
    this.#lastSeen = lastSeen
    this.#metrics = metrics
  }

  /** Adds a client with its identity, before it is accepted; answers its rights. */
  add({ conn }: Pick<ConnectedClient, 'conn'>, identity: Identity, credential: Credential | undefined): ClientRights {
    const rights = rightsOf(identity, (id) => this.#credentials.get(id) !== undefined)
    this.#entries.set(conn, { identity, credential, rights })
    return rights
  }

  rightsOf({ conn }: Pick<ConnectedClient, 'conn'>): ClientRights | undefined {
    return this.#entries.get(conn)?.rights
  }

  identityOf({ conn }: Pick<ConnectedClient, 'conn'>): Identity | undefined {
    return this.#entries.get(conn)?.identity
  }

  /** The user of a client that speaks for many sensors; undefined for a sensor itself. */
  serviceUserOf({ conn }: Pick<ConnectedClient, 'conn'>): string | undefined {
    const identity = this.#entries.get(conn)?.identity
    return identity?.role === 'sensor' ? undefined : identity?.user
  }

  /** Counts an accepted client until its connection closes. */
  connected({ conn }: Pick<ConnectedClient, 'conn'>): void {
    const entry = this.#entries.get(conn)
    if (conn.destroyed || !entry) return
    const disconnected = entry.credential ? this.#lastSeen.connected(entry.identity.user) : () => {}
    this.#metrics.clients.set(this.#connections.add(conn).size)
    conn.once('close', () => {
      disconnected()
      this.#connections.delete(conn)
      this.#metrics.clients.set(this.#connections.size)
    })
    this.#endIfRevoked(conn, entry) // it may have been since it was checked
  }

  /** Applies changed credentials: a client whose credential is gone or another one is disconnected, so that its will is published. */
  credentialsChanged(): void {
    this.#metrics.credentials.set(this.#credentials.size)
    this.#lastSeen.removeUnknown((id) => this.#credentials.get(id) !== undefined)
    for (const conn of this.#connections) {
      const entry = this.#entries.get(conn)
      if (!entry) continue
      this.#endIfRevoked(conn, entry)
      // a simulated sensor may have become a real one
      if (entry.identity.role === 'simulators') this.add({ conn }, entry.identity, entry.credential)
    }
  }

  #endIfRevoked(conn: Duplex, { identity, credential }: Entry): void {
    if (credential === undefined || this.#credentials.get(identity.user) === credential) return
    this.#metrics.revoked.inc()
    conn.destroy()
  }
}
