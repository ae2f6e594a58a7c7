import type { AuthenticateError } from 'aedes'
import type { Logger } from 'pino'
import type { ConnectedClient } from '../aedes/aedes-client.ts'
import { type ConnectFault, type ConnectRequest, connectFault } from '../connection/connect-fault.ts'
import type { BrokerConnections, FastPathOf } from '../connection/connections.ts'
import type { RateLimitedLog } from '../diagnostics/log-rate-limit.ts'
import { nearestTopic } from '../diagnostics/nearest-topic.ts'
import { plain, shown, shownUser } from '../diagnostics/refusal-words.ts'
import type { Refusals } from '../diagnostics/refusals.ts'
import type { BrokerLimits } from '../limits/limits.ts'
import { UserRates } from '../limits/user-rates.ts'
import type { BrokerMetrics } from '../metrics/broker-metrics.ts'
import { AuthenticatedClients } from './authenticated-clients.ts'
import type { Identity } from './authorization.ts'
import { Credentials } from './credentials.ts'
import { LastSeen } from './last-seen.ts'
import type { Passwords } from './service-accounts.ts'
import { SignIn, type SignInAnswer } from './sign-in.ts'

/** Whom the broker knows. */
export interface AuthenticationFiles {
  /** of the services and of admin */
  passwords: Passwords
  /** file of the credentials of devices and people, watched */
  credentialsPath: string
  /** file that tells when each of them was last in use */
  lastSeenPath: string
}

export interface AuthenticationOptions extends AuthenticationFiles {
  limits: BrokerLimits
  metrics: BrokerMetrics
  log: Logger
  /** logs what clients do wrong */
  said: Pick<RateLimitedLog, 'warn'>
  reception: BrokerConnections
  /** remembers who was refused what */
  refusals: Pick<Refusals, 'add'>
  /** Ends the sessions of users who are no more. */
  forget(users: ReadonlySet<string>): void
  /** Gives a client its session; says why when it may not have it. */
  claim(client: ConnectedClient, user: string, role: string): ConnectFault | undefined
  /** The short way of its readings. */
  fastPathOf: FastPathOf
}

type Done = (error: AuthenticateError | null, success: boolean | null) => void

/** Through which every client comes in. */
export interface Authentication {
  /** those inside */
  signedIn: AuthenticatedClients
  /** Checks who a client is, by its CONNECT, and what it asks for there. */
  enter(client: ConnectedClient, packet: ConnectRequest, done: Done): void
  close(): Promise<void>
}

/** ms between two logged refusals of clients that are refused unchecked: it must stay cheap */
const logBlockedEveryMs = 1_000

const tooFast: ConnectFault = {
  what: 'connections',
  returnCode: 3,
  message: 'its connections and wills are beyond its rate (MESSAGES_PER_SECOND, BYTES_PER_SECOND)',
}

/** Who was refused what. */
interface RefusedConnect {
  fault: ConnectFault
  client: ConnectedClient
  packet: ConnectRequest
  /** whether there is such a user */
  isKnown: boolean
  /** who it is, where its secret was right */
  identity: Identity | undefined
}

function refuser({ metrics, said, reception, refusals }: AuthenticationOptions) {
  let loggedAt = Number.NEGATIVE_INFINITY
  return ({ fault, client, packet, isKnown, identity }: RefusedConnect): AuthenticateError => {
    const { what, returnCode, message } = fault
    const user = identity?.user ?? packet.username
    const topic = what === 'will' ? packet.will?.topic : undefined
    const nearest = topic !== undefined && identity ? nearestTopic(identity, 'publish', topic) : undefined
    const { address } = reception.peerOf(client)
    refusals.add({ code: what, address, client: client.id, user, isKnown, topic, nearest })
    metrics.refused.inc({ what })
    const now = performance.now()
    if (what !== 'blocked' || now - loggedAt > logBlockedEveryMs) {
      if (what === 'blocked') loggedAt = now
      const username = shownUser(user, isKnown)
      const told = { client: plain(client.id, shown.id), username, address, topic }
      said.warn(isKnown ? username : address, told, `refused: ${message}`)
    }
    return Object.assign(new Error(message), { returnCode })
  }
}

/**
 * Opens the door: whoever passes it has proved who it is, has its rights, its rates and its session.
 * @throws ConfigError when the file of credentials is damaged
 */
export async function openAuthentication(options: AuthenticationOptions): Promise<Authentication> {
  const { passwords, credentialsPath, lastSeenPath, limits, metrics, log, reception, claim, fastPathOf } = options
  const lastSeen = await LastSeen.open(lastSeenPath, log)
  const changed = (ended: ReadonlySet<string>) => {
    signedIn.credentialsChanged()
    options.forget(ended)
  }
  const credentials = await Credentials.open(credentialsPath, changed, log).catch(async (error) => {
    await lastSeen.close()
    throw error
  })
  const signIn = new SignIn(passwords, credentials, limits, metrics)
  const signedIn = new AuthenticatedClients(credentials, lastSeen, metrics)
  signedIn.credentialsChanged()
  const refuse = refuser(options)
  const rates = new UserRates(limits)

  /** Why somebody may not have what it asks for; undefined when it is in. */
  const faultOf = (
    client: ConnectedClient,
    packet: ConnectRequest,
    { identity, credential }: SignInAnswer & { ok: true },
  ): ConnectFault | undefined => {
    const fault = connectFault(packet, limits)
    if (fault) return fault
    if (client.id !== identity.user && credentials.get(client.id))
      return { what: 'client-id', returnCode: 2, message: 'the client id is the name of another device' }
    const rights = signedIn.note(client, identity, credential)
    if (packet.will && !rights.mayPublish(packet.will.topic))
      return { what: 'will', returnCode: 5, message: 'the will: no right to publish there' }
    if (!rates.takeConnect(identity.user, identity.role, packet.will?.payload.length ?? 0)) return tooFast
    return claim(client, identity.user, identity.role)
  }
  const settle = (answer: SignInAnswer, client: ConnectedClient, packet: ConnectRequest, done: Done): void => {
    const fault = answer.ok ? faultOf(client, packet, answer) : answer.fault
    if (fault) {
      const { username = '' } = packet
      const identity = answer.ok ? answer.identity : undefined
      const isKnown =
        identity !== undefined || credentials.get(username) !== undefined || Object.hasOwn(passwords, username)
      done(refuse({ fault, client, packet, isKnown, identity }), false)
    } else if (answer.ok) {
      const { user, role } = answer.identity
      reception.release(client, rates.of(client.conn, user, role), fastPathOf)
      done(null, true)
    }
  }
  return {
    signedIn,
    enter(client, packet, done) {
      const { username, password } = packet
      const answer = signIn.ask({ username, password, peer: reception.peerOf(client) })
      if (answer instanceof Promise) void answer.then((late) => settle(late, client, packet, done))
      else settle(answer, client, packet, done)
    },
    async close() {
      credentials.close()
      await lastSeen.close()
    },
  }
}
