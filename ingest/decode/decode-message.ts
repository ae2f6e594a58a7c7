import type { JournalRecord } from '#journal/journal.ts'
import { jsonFault } from '#telemetry/faults/json-fault.ts'
import type { MessageFault } from '#telemetry/faults/message-faults.ts'
import { messageText } from '#telemetry/message-text.ts'
import type { SensorTopic } from '#telemetry/topics.ts'
import { ArrivalTimes } from '../clock/arrival-times.ts'
import { type CheckedRecord, decodeReading, MessageTexts } from './decode-reading.ts'
import { type Decoded, nothingDecoded } from './decoded.ts'
import { type Fault, oneFault, type Refusal, refusalOf, unforeseen } from './refusal.ts'
import type { TopicCache } from './topic-cache.ts'

/** Most readings in one gateway's batch. */
export const maxReadingsInMessage = 1_000

const wrongTopic: Fault = {
  code: 'TOPIC',
  faults: [{ code: 'WRONG_TOPIC', params: { channel: 'reading' } }],
}

function refuse(record: CheckedRecord, fault: Fault, payload = record.payload, count = 1): Refusal {
  return refusalOf({ ...record, arrivedAt: record.arrivals.likelyArrivalOf(record) }, fault, payload, count)
}

function text(bytes: Uint8Array): string {
  const buffer = bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return messageText(buffer.toString('utf8'))
}

/** Stray NULs between the parts of a message are no more than spaces there; within a number or a name they stay a fault. */
const withoutNuls = (sent: string) => sent.replaceAll('\0', ' ')

function parsedOrNothing(sent: string): unknown {
  try {
    return JSON.parse(sent)
  } catch {
    return undefined
  }
}

/**
 * Decodes and validates one message of the journal: the only place where this is done. Wrong input is a value, not an
 * exception, and so is a fault of the platform's own: what a record holds may never take another's data. What comes of it
 * is added to `into`, which is answered.
 */
export function decodeMessage(
  record: JournalRecord,
  topics: TopicCache,
  into = nothingDecoded(),
  arrivals = new ArrivalTimes(),
): Decoded {
  const { length } = into.readings
  const checked = { ...record, arrivals }
  try {
    addMessage(checked, topics, into)
  } catch (error) {
    into.readings.length = length
    into.refusals.push(refuse(checked, unforeseen(error)))
  }
  return into
}

function addMessage(record: CheckedRecord, topics: TopicCache, into: Decoded): void {
  const of = topics.parse(record.topic)
  if (!of) {
    into.refusals.push(refuse(record, wrongTopic))
    return
  }
  const whole = text(record.payload)
  let sent = whole
  let parsed: unknown
  try {
    parsed = JSON.parse(sent)
  } catch (error) {
    sent = withoutNuls(whole)
    parsed = parsedOrNothing(sent === whole ? '' : sent)
    if (parsed === undefined) {
      into.refusals.push(refuse(record, { code: 'JSON', faults: [jsonFault(error, whole)] }))
      return
    }
  }
  if (Array.isArray(parsed)) {
    addBatch(parsed, sent, of, record, into)
    return
  }
  const fault = decodeReading(parsed, of, record, into, new MessageTexts(sent))
  if (fault) into.refusals.push(refuse(record, fault))
}

/** A gateway's batch: of what is wrong in it only that is refused, all of it as one. */
function addBatch(
  items: readonly unknown[],
  sent: string,
  of: SensorTopic,
  record: CheckedRecord,
  into: Decoded,
): void {
  if (items.length > maxReadingsInMessage) {
    const fault: MessageFault = {
      code: 'TOO_MANY_READINGS',
      params: { readings: items.length, most: maxReadingsInMessage },
    }
    into.refusals.push(refuse(record, { code: 'SHAPE', faults: [fault] }, record.payload, items.length))
    return
  }
  const texts = new MessageTexts(sent)
  const wrong: { at: number; fault: Fault }[] = []
  for (const [at, item] of items.entries()) {
    const { length } = into.readings
    try {
      const fault = decodeReading(item, of, record, into, texts, at)
      if (fault) wrong.push({ at, fault })
    } catch (error) {
      into.readings.length = length
      wrong.push({ at, fault: unforeseen(error) })
    }
  }
  const [first, ...others] = wrong
  if (!first) return
  const fault = oneFault([first.fault, ...others.map((each) => each.fault)])
  into.refusals.push(refuse(record, fault, payloadOf(wrong, texts), wrong.length))
}

function payloadOf(wrong: readonly { at: number }[], texts: MessageTexts): Uint8Array {
  const sources = wrong.map(({ at }) => texts.of(at))
  return Buffer.from(sources.length === 1 ? (sources[0] ?? '') : `[${sources.join(',')}]`)
}
