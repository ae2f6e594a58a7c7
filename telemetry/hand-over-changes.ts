import { minuteMs } from './durations.ts'
import type { RequestFault } from './faults/request-faults.ts'
import type { AlertItem, HandOverSnapshot } from './hand-over.ts'

/** What has changed of what a hand-over lists. */
export interface HandOverChanges {
  /** how many items are new, gone, or otherwise than before */
  changes: number
  /** critical alerts that are new, or were raised anew */
  critical: number
  /** notes and corrections that are new */
  notes: number
}

/** Keys of what a list holds: an item that becomes another one has another key. */
function keysOf({ open, shelved, overridden, offline, notes }: HandOverSnapshot): string[] {
  const keyOf = ({ id, state, raisedAt, assigned, shelved: shelf }: AlertItem) =>
    `${id} ${state} ${raisedAt} ${assigned?.at} ${shelf?.until}`
  return [
    ...[...open.items, ...shelved.items].map(keyOf),
    // a sensor that is overridden and offline is one thing that has changed
    ...overridden.items.map(({ sensor, command, order }) => `${sensor} ${command} ${order.until}`),
    ...offline.items.map(({ sensor, freshness }) => `${sensor} ${freshness}`),
    ...notes.items,
  ]
}

/** About what an item is: both states of one alert or sensor are one thing. */
const subjectOf = (key: string): string => key.split(' ', 1)[0] ?? ''

/** Ids of alerts, sensors and notes that are new, gone, or otherwise `now` than in what somebody has `read`. */
export function changedSubjects(read: HandOverSnapshot, now: HandOverSnapshot): Set<string> {
  const before = new Set(keysOf(read))
  const after = new Set(keysOf(now))
  return new Set([...before, ...after].filter((key) => !before.has(key) || !after.has(key)).map(subjectOf))
}

/** What is otherwise `now` than it was in what somebody has `read`. */
export function changesSince(read: HandOverSnapshot, now: HandOverSnapshot): HandOverChanges {
  const raisedThen = new Map([...read.open.items, ...read.shelved.items].map(({ id, raisedAt }) => [id, raisedAt]))
  const { items, total } = read.open
  const lastListed = items.length < total ? items.at(-1) : undefined
  // of more than it lists, what comes behind was open then, and moves up when another is over
  const wasBehind = ({ id, priority, raisedAt }: AlertItem) =>
    lastListed !== undefined &&
    !raisedThen.has(id) &&
    (priority > lastListed.priority || (priority === lastListed.priority && raisedAt <= lastListed.raisedAt))
  const isNew = (item: AlertItem) =>
    item.priority === 1 && raisedThen.get(item.id) !== item.raisedAt && !wasBehind(item)
  const notesThen = new Set(read.notes.items)
  return {
    changes: changedSubjects(read, now).size,
    critical: now.open.items.filter(isNew).length,
    notes: now.notes.items.filter((id) => !notesThen.has(id)).length,
  }
}

/** minutes between reading a hand-over and signing it */
const maxReadingMinutes = 60

/** Why who takes over has to read it anew before signing; undefined: what changed since is not of first importance. */
export function whyReadAgain(read: HandOverSnapshot, now: HandOverSnapshot): RequestFault | undefined {
  if (read.since !== now.since) return { code: 'HANDED_OVER_MEANWHILE', params: {} }
  if (now.at - read.at > maxReadingMinutes * minuteMs)
    return { code: 'READ_TOO_LONG_AGO', params: { minutes: maxReadingMinutes } }
  const changes = changesSince(read, now)
  // while nothing watched it was not known what is open
  const isKnownNow = now.watching && !read.watching
  if (changes.critical + changes.notes > 0 || isKnownNow) return { code: 'HAND_OVER_CHANGED', params: { ...changes } }
  return undefined
}
