import { deviceStates, type ValueState, type ValueStates, valueStateSchema } from '#telemetry/device-state.ts'
import type { MessageFault } from '#telemetry/faults/message-faults.ts'
import { quoted } from '#telemetry/faults/quotable-text.ts'
import { memberSource } from '#telemetry/json-source.ts'

/** What a message says of the states of its values. */
export interface DecodedStates {
  /** absent when all were being measured */
  states?: ValueStates
  /** values of which it says no state that there is: whether they were measured nobody knows, so that they are refused */
  refused: readonly string[]
  faults: readonly MessageFault[]
  /** states of values that the message does not hold */
  dropped: number
  /** states that are null: not said */
  nulls: number
}

const isState = (word: unknown): word is ValueState => valueStateSchema.safeParse(word).success

function faultOf(path: string, sent: unknown, source: string | undefined): MessageFault {
  const found = source === undefined ? undefined : quoted(source)
  return typeof sent === 'string'
    ? { path, code: 'NOT_ONE_OF', params: { found, choices: [...deviceStates] } }
    : { path, code: 'WRONG_TYPE', params: { found, expected: 'string' } }
}

const nothing = { refused: [], faults: [], dropped: 0, nulls: 0 } as const

/**
 * Decodes a message's `state`: one word for all of its values, or a word for some of them. `names` are those of its good values;
 * `sourceOf` gives the text of a member as it was sent, for the faults.
 */
export function decodeStates(
  sent: unknown,
  names: readonly string[],
  sourceOf: (member: string) => string | undefined = () => undefined,
): DecodedStates {
  if (sent === undefined || sent === 'measuring') return nothing
  if (sent === null) return { ...nothing, nulls: 1 }
  if (typeof sent === 'object' && !Array.isArray(sent)) return statesByValue(sent, names, sourceOf)
  if (!isState(sent)) return { ...nothing, refused: names, faults: [faultOf('state', sent, sourceOf('state'))] }
  return { ...nothing, states: Object.fromEntries(names.map((name) => [name, sent])) }
}

function statesByValue(
  sent: object,
  names: readonly string[],
  sourceOf: (member: string) => string | undefined,
): DecodedStates {
  const held = new Set(names)
  const states = new Map<string, ValueState>()
  const refused: string[] = []
  const faults: MessageFault[] = []
  let [dropped, nulls] = [0, 0]
  for (const [name, word] of Object.entries(sent)) {
    if (!held.has(name)) dropped += 1
    else if (word === null) nulls += 1
    else if (isState(word)) states.set(name, word)
    else if (word !== 'measuring') {
      refused.push(name)
      faults.push(faultOf(`state.${name}`, word, memberSource(sourceOf('state') ?? '', name)))
    }
  }
  return { refused, faults, dropped, nulls, ...(states.size > 0 && { states: Object.fromEntries(states) }) }
}
