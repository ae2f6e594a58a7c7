import type { EventStream, StoredEvent } from './store.ts'

/** Where in a body of a stream stands what the event is about, and how many alike it stands for. */
interface Places {
  /** names from the outermost on; the first of these places that holds something counts */
  subject: readonly (readonly string[])[]
  /** 1 where it says nothing */
  amount?: readonly string[]
}

/**
 * The streams whose events can be asked for by what they are about: an alert's steps by its id, and its checkpoints by the word
 * `checkpoint`; messages in quarantine by their topic; the audit log by who did it, a person together with all their keys;
 * how often a sensor reports, where it belongs, and what people decided about its readings, by the sensor; the points of a file by its correction; entries of the shift log by their type; the orders of lamps by the lamp, and their
 * checkpoints by a mark.
 */
export const subjectPlaces: Partial<Record<EventStream, Places>> = {
  alert: { subject: [['alert', 'id'], ['type']] },
  quarantine: { subject: [['topic']], amount: ['count'] },
  audit: { subject: [['who']] },
  period: { subject: [['sensor']] },
  placement: { subject: [['sensor']] },
  shift: { subject: [['type']] },
  correction: { subject: [['sensor']] },
  'correction-file': { subject: [['correction']] },
  'lamp-order': { subject: [['sensor'], ['checkpoint']] },
}

function at(body: unknown, place: readonly string[]): unknown {
  let found = body
  for (const name of place) {
    if (typeof found !== 'object' || found === null) return undefined
    found = (found as Readonly<Record<string, unknown>>)[name] // an object that is not null
  }
  return found
}

/** The person whose name, or whose key's name (`person/key`), this is. */
export function ownerOf(who: string): string {
  return who.split('/', 1)[0] ?? ''
}

/** What an event is about; empty when its stream has no subjects. */
export function subjectOf({ stream, body }: Pick<StoredEvent, 'stream' | 'body'>): string {
  const found = (subjectPlaces[stream]?.subject ?? []).map((place) => at(body, place))
  const subject = found.find((each) => typeof each === 'string') ?? ''
  return stream === 'audit' ? ownerOf(subject) : subject
}

/** How many alike an event stands for. */
export function amountOf({ stream, body }: Pick<StoredEvent, 'stream' | 'body'>): number {
  const amount = at(body, subjectPlaces[stream]?.amount ?? ['-'])
  return typeof amount === 'number' && Number.isInteger(amount) && amount > 0 && amount < 2 ** 31 ? amount : 1
}
