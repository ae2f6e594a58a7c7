import type { AuthenticateError } from 'aedes'
import type { ConnectedClient } from '../aedes/aedes-client.ts'
import type { BrokerConnections, FastPathOf } from '../connection/connections.ts'
import type { RateLimitedLog } from '../diagnostics/log-rate-limit.ts'
import type { Refusals } from '../diagnostics/refusals.ts'
import type { BrokerLimits } from '../limits/limits.ts'
import { UserRates } from '../limits/user-rates.ts'
import type { BrokerMetrics } from '../metrics/broker-metrics.ts'
import type { AuthenticatedClients } from './authenticated-clients.ts'
import { type ConnectFault, type ConnectRequest, clientIdFault, willFault } from './connect-fault.ts'
import type { Credentials } from './credentials.ts'
import { connectRefuser, type RefusedConnect } from './refuse-connect.ts'
import type { Passwords } from './service-accounts.ts'
import { SignIn, type SignInAnswer } from './sign-in.ts'

interface AuthenticationOptions {
  /** of the services and of admin */
  passwords: Passwords
  credentials: Credentials
  clients: AuthenticatedClients
  limits: BrokerLimits
  metrics: BrokerMetrics
  /** logs what clients do wrong */
  clientLog: Pick<RateLimitedLog, 'warn'>
  connections: Pick<BrokerConnections, 'peerOf' | 'release'>
  /** records what was refused to whom */
  refusals: Pick<Refusals, 'add'>
  /** Opens the session of a client; says why when it may not have it. */
  openSession(client: ConnectedClient, user: string, role: string): ConnectFault | undefined
  /** Makes the publish fast path of a client. */
  fastPathOf: FastPathOf
}

type Done = (error: AuthenticateError | null, success: boolean | null) => void

const tooFast: ConnectFault = {
  what: 'connections',
  returnCode: 3,
  fault: { code: 'BEYOND_RATE', params: {} },
}

/** Authenticates every client: one that is accepted has an identity, rights, rates and a session. */
export class Authentication {
  /** those that were authenticated */
  readonly clients: AuthenticatedClients
  readonly #options: AuthenticationOptions
  readonly #signIn: SignIn
  readonly #rates: UserRates
  readonly #refuse: (refused: RefusedConnect) => AuthenticateError

  constructor(options: AuthenticationOptions) {
    const { passwords, credentials, clients, limits, metrics } = options
    this.#options = options
    this.clients = clients
    this.#signIn = new SignIn(passwords, credentials, limits, metrics)
    this.#rates = new UserRates(limits)
    this.#refuse = connectRefuser(options)
  }

  /** Checks who a client is, by its CONNECT, and what it asks for there; then its connection is read on. */
  authenticate(client: ConnectedClient, packet: ConnectRequest, done: Done): void {
    const { username, password } = packet
    const answer = this.#signIn.check({ username, password, peer: this.#options.connections.peerOf(client) })
    if (answer instanceof Promise) void answer.then((late) => this.#settle(late, client, packet, done))
    else this.#settle(answer, client, packet, done)
  }

  #settle(answer: SignInAnswer, client: ConnectedClient, packet: ConnectRequest, done: Done): void {
    const fault = answer.ok ? this.#fault(client, packet, answer) : answer.fault
    if (fault) {
      const identity = answer.ok ? answer.identity : undefined
      const isKnown = identity !== undefined || this.#isKnown(packet.username ?? '')
      done(this.#refuse({ fault, client, packet, isKnown, identity }), false)
    } else if (answer.ok) {
      const { connections, fastPathOf } = this.#options
      const { user, role } = answer.identity
      connections.release(client, this.#rates.allowanceOf(client.conn, user, role), fastPathOf)
      done(null, true)
    }
  }

  #isKnown(username: string): boolean {
    const { passwords, credentials } = this.#options
    return credentials.get(username) !== undefined || Object.hasOwn(passwords, username)
  }

  /** Why a client with the right secret is refused what it asks for; undefined when it is accepted. */
  #fault(
    client: ConnectedClient,
    packet: ConnectRequest,
    { identity, credential }: SignInAnswer & { ok: true },
  ): ConnectFault | undefined {
    const { credentials, limits, openSession } = this.#options
    const fault = clientIdFault(packet)
    if (fault) return fault
    if (client.id !== identity.user && credentials.get(client.id))
      return { what: 'client-id', returnCode: 2, fault: { code: 'CLIENT_ID_OF_OTHER_DEVICE', params: {} } }
    const rights = this.clients.add(client, identity, credential)
    const ofWill = willFault(packet, rights, limits)
    if (ofWill) return ofWill
    const willBytes = packet.will?.payload.length ?? 0
    if (!this.#rates.chargeConnect(identity.user, identity.role, willBytes)) return tooFast
    return openSession(client, identity.user, identity.role)
  }
}
