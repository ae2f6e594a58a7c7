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

/** Who is connected as whom, and what each may do; it ends when the credential does. */
export class AuthenticatedClients {
  readonly #entries = new WeakMap<Duplex, Entry>()
  readonly #connected = new Set<Duplex>()
  readonly #credentials: Credentials
  readonly #lastSeen: LastSeen
  readonly #metrics: BrokerMetrics

  constructor(credentials: Credentials, lastSeen: LastSeen, metrics: BrokerMetrics) {
    this.#credentials = credentials
    this.#lastSeen = lastSeen
    this.#metrics = metrics
  }

  /** Notes who a client is, before it is accepted, and answers what it may do. */
  note({ conn }: Pick<ConnectedClient, 'conn'>, identity: Identity, credential: Credential | undefined): ClientRights {
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
  sharedUserOf({ conn }: Pick<ConnectedClient, 'conn'>): string | undefined {
    const identity = this.#entries.get(conn)?.identity
    return identity?.role === 'sensor' ? undefined : identity?.user
  }

  /** Counts a client that was accepted until its connection closes. */
  accepted({ conn }: Pick<ConnectedClient, 'conn'>): void {
    const entry = this.#entries.get(conn)
    if (conn.destroyed || !entry) return
    const left = entry.credential ? this.#lastSeen.note(entry.identity.user) : () => {}
    this.#metrics.clients.set(this.#connected.add(conn).size)
    conn.once('close', () => {
      left()
      this.#connected.delete(conn)
      this.#metrics.clients.set(this.#connected.size)
    })
    this.#endIfRevoked(conn, entry) // since it was checked
  }

  /** Takes up changed credentials: whose credential is gone or another is disconnected, without farewell, so that its will is published. */
  credentialsChanged(): void {
    this.#metrics.credentials.set(this.#credentials.size)
    this.#lastSeen.keepOnly((id) => this.#credentials.get(id) !== undefined)
    for (const conn of this.#connected) {
      const entry = this.#entries.get(conn)
      if (!entry) continue
      this.#endIfRevoked(conn, entry)
      // a simulated sensor may have become a real one
      if (entry.identity.role === 'simulators') this.note({ conn }, entry.identity, entry.credential)
    }
  }

  #endIfRevoked(conn: Duplex, { identity, credential }: Entry): void {
    if (credential === undefined || this.#credentials.get(identity.user) === credential) return
    this.#metrics.revoked.inc()
    conn.destroy()
  }
}
