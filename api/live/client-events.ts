import type { Logger } from 'pino'
import { z } from 'zod'
import { type RequestFault, requestFaultOf } from '#telemetry/faults/request-faults.ts'
import { sayRequestFault } from '#telemetry/faults/request-words.ts'
import {
  type ClientEvents,
  type EventAnswer,
  rightOfClientEvent,
  seenSchema,
  subscribeSchema,
} from '#telemetry/live.ts'
import type { Person } from '#telemetry/people.ts'
import type { SeenReports } from '../alerts-client/seen-reports.ts'
import type { ApiMetrics } from '../metrics.ts'
import { hasValueAt } from '../server/strict-validation.ts'
import { faultOfUnknown, unknownKeys } from '../server/unknown-keys.ts'
import type { LiveClient, LiveSocket } from './live-client.ts'

/** events a client may send in ten seconds; its answers are the one thing that is not held back for it */
const maxEvents = { count: 50, perMs: 10_000 }

/** faults that are reported of one event, and characters of the sentences */
const [maxFaults, maxSaid] = [20, 500]

interface EventParts {
  seenReports: Pick<SeenReports, 'report'>
  metrics: ApiMetrics
  log: Logger
}

/** A stable word for why an event was refused, and what is answered. */
interface Refusal {
  why: 'unknown' | 'forbidden' | 'malformed' | 'too many'
  faults: RequestFault[]
  /** an English sentence; that of the faults unless it is given */
  error?: string
}

/** Why an event may not be sent by this person, or undefined. */
function refusalOf(event: string, { rights }: Person): Refusal | undefined {
  if (!Object.hasOwn(rightOfClientEvent, event))
    return { why: 'unknown', faults: [{ code: 'NO_SUCH_EVENT', params: {} }] }
  const right = rightOfClientEvent[event as keyof typeof rightOfClientEvent] // checked just here
  return rights.includes(right)
    ? undefined
    : { why: 'forbidden', faults: [{ code: 'RIGHT_NEEDED', params: { right } }] }
}

/** Answers the client, by the answer it asked for or else by the event `refused`. */
function refuse(
  socket: LiveSocket,
  event: string,
  args: readonly unknown[],
  { why, faults, error = faults.map((fault) => sayRequestFault('en', fault)).join('; ') }: Refusal,
  parts: EventParts,
) {
  parts.metrics.eventsRefused.inc({ why })
  const answer: unknown = args.at(-1)
  if (typeof answer === 'function') answer({ ok: false, error, faults } satisfies EventAnswer)
  else socket.emit('refused', { event: event.slice(0, 100), error, faults })
}

/** What a client says with an event, and what is wrong with how it says so. */
function dataOf<T>(
  schema: z.ZodType<T>,
  [given, ...further]: readonly unknown[],
): { data: T | undefined; faults: RequestFault[]; error: string } {
  const { data, error } = schema.safeParse(given)
  const faults = unknownKeys(schema, given).map((each) => faultOfUnknown(each, 'key'))
  const said = faults.map((fault) => sayRequestFault('en', fault))
  for (const issue of error?.issues ?? [])
    faults.push(
      requestFaultOf(
        issue,
        { isThere: issue.path.length === 0 || hasValueAt(given, issue.path) },
        issue.path.join('.'),
      ),
    )
  if (error) said.push(z.prettifyError(error))
  // what comes last may be the function that takes the answer
  const isMore = further.some((each, at) => typeof each !== 'function' || at < further.length - 1)
  if (isMore) {
    const fault: RequestFault = { code: 'ONE_OBJECT_ONLY', params: {} }
    faults.push(fault)
    said.push(sayRequestFault('en', fault))
  }
  return { data, faults, error: said.join('; ').slice(0, maxSaid) }
}

/** Takes the events of a client: checks its right to each, bounds how many it sends, answers those it cannot take. */
export function handleClientEvents(socket: LiveSocket, client: LiveClient, parts: EventParts): void {
  let sent = 0
  let since = performance.now()
  socket.use(([event, ...args], next) => {
    const name = String(event)
    if (performance.now() - since > maxEvents.perMs) {
      sent = 0
      since = performance.now()
    }
    sent += 1
    if (sent > maxEvents.count) {
      refuse(socket, name, args, { why: 'too many', faults: [{ code: 'TOO_MANY_EVENTS', params: {} }] }, parts)
      parts.log.warn(
        { client: socket.id, who: socket.data.person.name },
        'live client sends too many events: disconnected',
      )
      socket.disconnect(true)
      return
    }
    const refusal = refusalOf(name, socket.data.person)
    if (refusal) refuse(socket, name, args, refusal, parts)
    else next()
  })
  // bytes that are no event at all: the connection is closed after the answer
  socket.on('error', () =>
    refuse(socket, '', [], { why: 'malformed', faults: [{ code: 'NO_EVENT', params: {} }] }, parts),
  )
  /** Takes an event whose data fits its schema, and answers it when that is asked for. */
  const on = <T>(event: keyof ClientEvents, schema: z.ZodType<T>, handle: (data: T) => void) =>
    socket.on(event, (...args: unknown[]) => {
      const { data, faults, error } = dataOf(schema, args)
      if (data === undefined || faults.length > 0) {
        refuse(socket, event, args, { why: 'malformed', faults: faults.slice(0, maxFaults), error }, parts)
        return
      }
      handle(data)
      const answer = args.at(-1)
      if (typeof answer === 'function') answer({ ok: true } satisfies EventAnswer)
    })
  on('subscribe', subscribeSchema, (wanted) => client.subscribe(wanted))
  on('seen', seenSchema, ({ ids }) => {
    const { name, role } = socket.data.person
    // a program that came with a key is no person, and has no screen
    if (role !== undefined) parts.seenReports.report(ids, name)
  })
}
