import type { MessageFault } from '#telemetry/faults/message-faults.ts'
import type { Reading } from '#telemetry/reading.ts'
import { sensorTopic } from '#telemetry/topics.ts'
import type { DecodedReading } from './decoded.ts'
import type { Refusal } from './refusal.ts'

/** A reading that decoded well and is refused all the same. */
export function asRefusal(item: DecodedReading, code: 'STORE' | 'PAST' | 'FAULT', fault: MessageFault): Refusal {
  const { reading, arrivedAt, user } = item
  return {
    code,
    faults: [fault],
    topic: sensorTopic({ ...reading, channel: 'reading' }),
    payload: Buffer.from(textOf(reading)),
    arrivedAt,
    count: 1,
    ...(user !== undefined && { user }),
  }
}

/** A reading as JSON; its time alone where its values are what cannot be told. */
function textOf({ ts, seq, values, states: state }: Reading): string {
  try {
    return JSON.stringify({ ts, seq, ...values, state })
  } catch {
    return JSON.stringify({ ts })
  }
}

/** Who keeps readings, and for how long. */
type Keeping = Omit<(MessageFault & { code: 'TOO_OLD' })['params'], 'ts'>

/** A reading that was measured longer ago than it would be kept. */
export function asPast(item: DecodedReading, keeping: Keeping): Refusal {
  return asRefusal(item, 'PAST', { path: 'ts', code: 'TOO_OLD', params: { ts: item.reading.ts, ...keeping } })
}
