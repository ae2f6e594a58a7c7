import { z } from 'zod'
import { messageText } from './message-text.ts'
import { timestampSchema } from './reading-parts.ts'

/** All that is needed of a refused reading: its other values are what may be wrong with it. */
const timed = z.object({ ts: timestampSchema })

/** most times that are looked for in one message: ten times what a batch may hold */
const maxTimes = 10_000

/** A time in what is no JSON: the member as devices write it, its number whole. */
const member = /"ts"\s*:\s*(\d{1,15})(?![\d.eE])(?=.)/gs

/**
 * Measuring times (epoch ms) of the readings in a message, in their order; a message that is no JSON, for one stray byte or
 * because only its beginning was kept, is looked through for them.
 */
export function measuredTimes(payload: string): number[] {
  const text = messageText(payload)
  let message: unknown
  try {
    message = JSON.parse(text)
  } catch {
    return timesIn(text)
  }
  const items: unknown[] = Array.isArray(message) ? message.slice(0, maxTimes) : [message]
  return items.flatMap((item) => {
    const { data } = timed.safeParse(item)
    return data ? [data.ts] : []
  })
}

function timesIn(text: string): number[] {
  const times: number[] = []
  for (const [, digits] of text.matchAll(member)) {
    if (times.length >= maxTimes) break
    if (isTime(Number(digits))) times.push(Number(digits))
  }
  return times
}

const isTime = (ts: number) => timestampSchema.safeParse(ts).success

/** What stands for a message that cannot be kept itself: the times of its readings alone. */
export function timesOnly(payload: string): string {
  const times = measuredTimes(payload)
  return times.length === 0 ? '' : JSON.stringify(times.map((ts) => ({ ts })))
}
