import type { IncomingMessage } from 'node:http'
import type { RequestFault } from '#telemetry/faults/request-faults.ts'
import type { Person } from '#telemetry/people.ts'
import type { AuditLog } from '../audit-log/audit-log.ts'
import type { ApiMetrics } from '../metrics.ts'
import { ApiProblem, type ProblemCode } from '../server/problems.ts'
import type { RefusedSignIns } from '../sign-in/refused-sign-ins.ts'
import { cookieName, type Sessions } from '../sign-in/sessions.ts'
import type { LiveClient, LiveSocket } from './live-client.ts'

/** clients at once */
export const maxClients = 1_000

/** clients of one person at once: no single one may take the place of all */
const maxClientsOfPerson = 500

/** What decides who may follow the live feed. */
export interface AdmissionParts {
  sessions: Sessions
  auditLog: AuditLog
  refusedSignIns: RefusedSignIns
  metrics: ApiMetrics
  /** reads the cookies of a request */
  cookies: (header: string) => Record<string, string | undefined>
  /** the address a request comes from, proxies seen through */
  addressOf: (request: IncomingMessage) => string
}

/** Why a client is turned away: the error that socket.io sends it. */
class AdmissionError extends Error {
  /** sent along: the code of a problem document, and why */
  readonly data: { code: ProblemCode; faults: RequestFault[] }

  constructor(message: string, code: ProblemCode, fault: RequestFault) {
    super(message)
    this.data = { code, faults: [fault] }
  }
}

/** By the label of the metric, which is also the message that older clients read. */
const refusals = {
  'too many clients': ['BUSY', { code: 'TOO_MANY_CLIENTS', params: { most: maxClients } }],
  'not signed in': ['UNAUTHENTICATED', { code: 'NOT_SIGNED_IN', params: {} }],
  'too many clients of one person': [
    'TOO_MANY_REQUESTS',
    { code: 'TOO_MANY_OWN_CLIENTS', params: { most: maxClientsOfPerson } },
  ],
  'this needs the right see': ['FORBIDDEN', { code: 'RIGHT_NEEDED', params: { right: 'see' } }],
} as const satisfies Record<string, readonly [ProblemCode, RequestFault]>

/** Admits a connection, with its person, or answers why not. What is refused is counted, a wrong token recorded in the audit log. */
export function admitClient(
  socket: LiveSocket,
  clients: readonly LiveClient[],
  parts: AdmissionParts,
): AdmissionError | undefined {
  const person = personOf(socket, parts) ?? signInOnce(socket, parts)
  const why = refusalOf(person, clients)
  if (person && why === undefined) {
    socket.data.person = person
    return undefined
  }
  const label = why ?? 'not signed in'
  parts.metrics.clientsRefused.inc({ why: label })
  if (!person && socket.handshake.auth.token !== undefined)
    void parts.refusedSignIns.refused({ from: parts.addressOf(socket.request), way: 'live feed' })
  const [code, fault] = refusals[label]
  return new AdmissionError(label, code, fault)
}

/** Who a client is now: by the token it sent along, or else the session of the page's cookie. */
function personOf(socket: LiveSocket, { sessions, cookies }: AdmissionParts): Person | undefined {
  const token: unknown = socket.handshake.auth.token
  const { session } = socket.data
  try {
    if (session !== undefined) return sessions.authenticateCookie(session)
    if (token !== undefined) return typeof token === 'string' ? sessions.authenticateToken(token) : undefined
    return sessions.authenticateCookie(cookies(socket.handshake.headers.cookie ?? '')[cookieName] ?? '')
  } catch (error) {
    if (error instanceof ApiProblem) return undefined // people and keys are not loaded yet
    throw error
  }
}

/** Begins a session for a client that sends the one-time token: it lasts no longer than this connection, for who comes again has no other. */
function signInOnce(socket: LiveSocket, parts: AdmissionParts): Person | undefined {
  const { sessions, auditLog, metrics, addressOf } = parts
  const token: unknown = socket.handshake.auth.token
  const account = typeof token === 'string' ? sessions.redeem(token) : undefined
  if (!account) return undefined
  socket.data.session = sessions.issue(account)
  metrics.signIns.inc({ result: 'ok' })
  const { name } = account
  const from = addressOf(socket.request)
  // not waited for: a connection is accepted or refused at once
  void auditLog.record({ who: name, from, what: 'session.begin', target: name, detail: { way: 'live feed' } })
  return personOf(socket, parts)
}

/** Ends the clients whose session has ended or whose right is gone; the others go on with the rights they have now. */
export function recheckClients(sockets: Iterable<LiveSocket>, parts: AdmissionParts): void {
  for (const socket of sockets) {
    const person = personOf(socket, parts)
    if (person?.rights.includes('see')) socket.data.person = person
    else socket.disconnect(true)
  }
}

/** Why a connection is turned away, or undefined. */
function refusalOf(person: Person | undefined, clients: readonly LiveClient[]): keyof typeof refusals | undefined {
  if (clients.length >= maxClients) return 'too many clients'
  if (!person) return 'not signed in'
  if (clients.filter(({ who }) => who === person.name).length >= maxClientsOfPerson)
    return 'too many clients of one person'
  return person.rights.includes('see') ? undefined : 'this needs the right see'
}
