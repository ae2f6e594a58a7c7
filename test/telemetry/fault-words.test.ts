import { expect, it } from 'vitest'
import { z } from 'zod'
import { type BrokerFault, brokerFaultSchema, brokerFaults } from '#telemetry/faults/broker-faults.ts'
import { sayBrokerFault } from '#telemetry/faults/broker-words.ts'
import { type DeliveryFault, deliveryFaultSchema, deliveryFaults } from '#telemetry/faults/delivery-faults.ts'
import { sayDeliveryFault } from '#telemetry/faults/delivery-words.ts'
import { type FaultTable, wordsOfFault } from '#telemetry/faults/fault-table.ts'
import { jsonProblems } from '#telemetry/faults/json-fault.ts'
import { type MessageFault, messageFaultSchema, messageFaults } from '#telemetry/faults/message-faults.ts'
import { messageWordsEn } from '#telemetry/faults/message-words-en.ts'
import { messageWordsVi } from '#telemetry/faults/message-words-vi.ts'
import { type RequestFault, requestFaultSchema, requestFaults } from '#telemetry/faults/request-faults.ts'
import { sayRequestFault } from '#telemetry/faults/request-words.ts'
import { type Language, languages } from '#telemetry/language.ts'

/** A value that a schema of params takes; optional ones with and without. */
function samplesOf(schema: z.core.$ZodType): unknown[] {
  if (schema instanceof z.ZodOptional) return [...samplesOf(schema.unwrap()), undefined]
  if (schema instanceof z.ZodArray) return [['a', 'b']]
  if (schema instanceof z.ZodNumber) return [7]
  if (schema instanceof z.ZodEnum) return [...schema.options]
  if (!(schema instanceof z.ZodObject)) return ['x']
  return Object.entries<z.core.$ZodType>(schema.shape).reduce<Record<string, unknown>[]>(
    (all, [name, each]) => all.flatMap((given) => samplesOf(each).map((value) => ({ ...given, [name]: value }))),
    [{}],
  )
}

interface Family {
  name: string
  table: FaultTable
  say: (language: Language, fault: unknown) => string
}

const sayMessage = (language: Language, fault: MessageFault) =>
  wordsOfFault<typeof messageFaults>(language === 'vi' ? messageWordsVi : messageWordsEn, fault)

/** Every family: what its schema takes is what its words are asked with. */
const families: Family[] = [
  {
    name: 'messages',
    table: messageFaults,
    say: (language, fault) => sayMessage(language, messageFaultSchema.parse(fault) satisfies MessageFault),
  },
  {
    name: 'requests',
    table: requestFaults,
    say: (language, fault) => sayRequestFault(language, requestFaultSchema.parse(fault) satisfies RequestFault),
  },
  {
    name: 'the broker',
    table: brokerFaults,
    say: (language, fault) => sayBrokerFault(language, brokerFaultSchema.parse(fault) satisfies BrokerFault),
  },
  {
    name: 'deliveries',
    table: deliveryFaults,
    say: (language, fault) => sayDeliveryFault(language, deliveryFaultSchema.parse(fault) satisfies DeliveryFault),
  },
]

/** what others said stays as they said it */
const asSaid: ReadonlySet<string> = new Set(['INVALID', 'SAID', 'REFUSED_BY_STORE'])

const every = families.flatMap(({ name, table, say }) =>
  Object.entries(table).map(([code, schema]) => ({ name, code, say, samples: samplesOf(schema) })),
)

it.each(every)('of $name $code has words in both languages', ({ code, say, samples }) => {
  for (const params of samples) {
    const given: unknown = JSON.parse(JSON.stringify({ code, params, path: 'a.b' }))
    const [vi, en] = languages.map((language) => say(language, given))
    expect(`${vi} ${en}`).not.toMatch(/undefined|\[object|NaN/)
    expect(vi).toMatch(/^a\.b: ./)
    // a fault of the JSON parser that is not known is told as it says it
    const isKnown = code !== 'NOT_JSON' || z.object({ problem: z.enum(jsonProblems) }).safeParse(params).success
    if (!asSaid.has(code) && isKnown) expect(vi).not.toBe(en)
  }
})
