import type { Reading } from '#telemetry/reading.ts'
import { sensorTopic } from '#telemetry/topics.ts'
import type { DecodedReading } from './decode-message.ts'
import type { Refusal } from './refusal.ts'

/** A reading that decoded well and is refused all the same. */
export function asRefusal(item: DecodedReading, code: 'STORE' | 'PAST' | 'FAULT', reason: string): Refusal {
  const { reading, arrivedAt, user } = item
  return {
    code,
    reason,
    topic: sensorTopic({ ...reading, channel: 'reading' }),
    payload: Buffer.from(textOf(reading)),
    arrivedAt,
    count: 1,
    ...(user !== undefined && { user }),
  }
}

/** A reading as JSON; its time alone where its values are what cannot be told. */
function textOf({ ts, seq, values }: Reading): string {
  try {
    return JSON.stringify({ ts, seq, ...values })
  } catch {
    return JSON.stringify({ ts })
  }
}

/** A reading that was measured longer ago than it would be kept; `why` says by whom. */
export function asPast(item: DecodedReading, why: string): Refusal {
  const measured = new Date(item.reading.ts).toISOString()
  return asRefusal(item, 'PAST', `ts: ${measured} is longer ago than readings are kept (${why})`)
}
