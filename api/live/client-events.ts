import type { Logger } from 'pino'
import { z } from 'zod'
import { type EventAnswer, rightOfClientEvent, type Subscription, subscribeSchema } from '#telemetry/live.ts'
import type { Person } from '#telemetry/people.ts'
import type { ApiMetrics } from '../metrics.ts'
import { unknownKeys, wordsFor } from '../server/unknown-keys.ts'
import type { LiveClient, LiveSocket } from './live-client.ts'

/** events a client may send in ten seconds; its answers are the one thing that is not held back for it */
const maxEvents = { count: 50, perMs: 10_000 }

interface EventParts {
  metrics: ApiMetrics
  log: Logger
}

/** A stable word for why an event was refused, and what the client is told. */
interface Refusal {
  why: 'unknown' | 'forbidden' | 'malformed' | 'too many'
  error: string
}

/** Why an event may not be sent by this person, or undefined. */
function refusalOf(event: string, { rights }: Person): Refusal | undefined {
  if (!Object.hasOwn(rightOfClientEvent, event)) return { why: 'unknown', error: 'there is no such event' }
  const right = rightOfClientEvent[event as keyof typeof rightOfClientEvent] // checked just here
  return rights.includes(right) ? undefined : { why: 'forbidden', error: `this needs the right ${right}` }
}

/** Tells the client, by the answer it asked for or else by the event `refused`. */
function refuse(
  socket: LiveSocket,
  event: string,
  args: readonly unknown[],
  { why, error }: Refusal,
  parts: EventParts,
) {
  parts.metrics.eventsRefused.inc({ why })
  const answer: unknown = args.at(-1)
  if (typeof answer === 'function') answer({ ok: false, error } satisfies EventAnswer)
  else socket.emit('refused', { event: event.slice(0, 100), error })
}

/** What a client wants with `subscribe`, and what is wrong with how it says so. */
function subscriptionOf([given, ...further]: readonly unknown[]): {
  wanted: Subscription | undefined
  faults: readonly string[]
} {
  const { data, error } = subscribeSchema.safeParse(given)
  const faults = unknownKeys(subscribeSchema, given).map((each) => wordsFor(each, 'key'))
  if (error) faults.push(z.prettifyError(error))
  // what comes last may be the function that takes the answer
  const isMore = further.some((each, at) => typeof each !== 'function' || at < further.length - 1)
  if (isMore) faults.push('one object is all that is asked with')
  return { wanted: data, faults }
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
      refuse(socket, name, args, { why: 'too many', error: 'too many events' }, parts)
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
  socket.on('error', () => refuse(socket, '', [], { why: 'malformed', error: 'this is no event' }, parts))
  socket.on('subscribe', (...args: unknown[]) => {
    const { wanted, faults } = subscriptionOf(args)
    if (!wanted || faults.length > 0) {
      refuse(socket, 'subscribe', args, { why: 'malformed', error: faults.join('; ').slice(0, 500) }, parts)
      return
    }
    client.subscribe(wanted)
    const answer = args.at(-1)
    if (typeof answer === 'function') answer({ ok: true } satisfies EventAnswer)
  })
}
