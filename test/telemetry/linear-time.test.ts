import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isFilter } from '#broker/wire/topic-fault.ts'
import { decodeMessage } from '#ingest/decode/decode-message.ts'
import { TopicCache } from '#ingest/decode/topic-cache.ts'
import { measuredTimes } from '#telemetry/measured-times.ts'
import { decodeMeta } from '#telemetry/meta-message.ts'
import { withoutHidden } from '#telemetry/plain-text.ts'
import { decodeStatus } from '#telemetry/status-message.ts'

const topic = 'city/v1/tay-ninh/air-quality/aq-1/reading'

/** what goes over a text that somebody outside wrote, as long as a packet may be */
const readers: readonly [what: string, read: (text: string) => unknown][] = [
  ['a reading', (text) => decodeMessage({ topic, payload: Buffer.from(text), arrivedAt: 0 }, new TopicCache())],
  ['a meta', (text) => decodeMeta(Buffer.from(text), 'tay-ninh', () => 0)],
  ['a status', (text) => decodeStatus(Buffer.from(text))],
  ['the times of a refused message', measuredTimes],
  ['a topic filter', isFilter],
  ['a text that is quoted', withoutHidden],
]

const short = 8_192
const longer = 16

/** ms of CPU that it takes at best: what else the machine does, does not count */
function bestMs(read: (text: string) => unknown, text: string): number {
  const times = [0, 1, 2].map(() => {
    const began = process.cpuUsage()
    read(text)
    return process.cpuUsage(began).user / 1_000
  })
  return Math.min(...times)
}

/** How many times as long a text takes that is 16 times as long: about 16 where each character is looked at once, 256 where each one begins anew. */
function growth(read: (text: string) => unknown, [before, unit, behind]: readonly [string, string, string]): number {
  const sized = (size: number) => before + unit.repeat(size / unit.length) + behind
  // what takes no time at all grows by chance
  const least = 5
  return bestMs(read, sized(short * longer)) / Math.max(least, bestMs(read, sized(short)))
}

describe.each(readers)('%s is read in a time that grows with its length alone', (_what, read) => {
  it.each<[before: string, unit: string, behind: string]>([
    ['"', '\\"', ''],
    ['{"a":NaN,"b":"', '\\"', ''],
    ['"', '\\\\', ''],
    ['', '"', ''],
    ['', '"\\', '"'],
    ['', ':', 'x'],
    [',', ' ', '"'],
    ['[', '[', ''],
    [':1.#', 'x', '!'],
    [':', 'nan(', ''],
    ['"ts"', ' ', ':'],
    ['', '"ts":', '1'],
    ['', '/', '#a'],
    ['', '+/', 'a+'],
    ['a', '\u0301', ''],
  ])('%j, then many %j, then %j', (...parts) => expect(growth(read, parts)).toBeLessThan(64))

  it('whatever is repeated', () => {
    const pieces = fc.constantFrom(
      '"',
      '\\',
      ':',
      ',',
      '[',
      '{',
      ']',
      '}',
      ' ',
      '\n',
      'n',
      'a',
      '1',
      '.',
      '#',
      '+',
      '/',
    )
    const part = fc.array(pieces, { maxLength: 4 }).map((parts) => parts.join(''))
    const unit = fc.array(pieces, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(fc.tuple(part, unit, part), (parts) => growth(read, parts) < 64),
      { numRuns: 30 },
    )
  }, 60_000)
})
