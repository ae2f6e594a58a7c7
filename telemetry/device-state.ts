import { z } from 'zod'
import { deviceStateWords } from './glossary/device-state.ts'
import { wordedEnum } from './glossary/worded-enum.ts'

/** The device states: what a device may say of a value in its payload (`state`): it calibrates, is under maintenance … */
export const deviceStates = ['measuring', 'calibrating', 'error', 'maintenance'] as const

/** A state in which a value is kept and drawn, and left out of means, indices and alerts. */
export const valueStateSchema = wordedEnum(['calibrating', 'error', 'maintenance'], deviceStateWords)
export type ValueState = z.infer<typeof valueStateSchema>

/** The states of a reading's values by name; a value that is not here was being measured. */
export const valueStatesSchema = z.record(z.string(), valueStateSchema).readonly()
export type ValueStates = z.infer<typeof valueStatesSchema>

/** States as one text, the same for the same states: `no2:error,pm25:calibrating`, names in order; undefined when there are none. */
export function formatStates(states: ValueStates | undefined): string | undefined {
  if (states === undefined) return undefined
  const entries = Object.entries(states)
  if (entries.length === 0) return undefined
  return entries
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, state]) => `${name}:${state}`)
    .join(',')
}

/** The states of such a text by name, unchecked; undefined when there are none. */
export function parseStates(text: unknown): Readonly<Record<string, string>> | undefined {
  if (typeof text !== 'string' || text === '') return undefined
  return Object.fromEntries(text.split(',').map((entry) => entry.split(':', 2)))
}

/** The state of a value in such a text; undefined while it was being measured. */
export function valueStateOf(text: unknown, name: string): ValueState | undefined {
  return valueStateSchema.safeParse(parseStates(text)?.[name]).data
}

/** States without those of some values; undefined when none is left. */
export function withoutStates(
  states: ValueStates | undefined,
  isLeftOut: (name: string) => boolean,
): ValueStates | undefined {
  if (states === undefined) return undefined
  const left = Object.entries(states).filter(([name]) => !isLeftOut(name))
  return left.length === 0 ? undefined : Object.fromEntries(left)
}
