import type { LiveReading } from '#telemetry/live.ts'
import type { Refusal } from './refusal.ts'

/** A reading, and who published it where a credential speaks for many sensors: that is not for the screens. */
export interface DecodedReading extends LiveReading {
  user?: string
}

/** What one or more records of the journal hold. */
export interface Decoded {
  readings: DecodedReading[]
  /** refused, for their time is too far ahead; they tell the screens what is wrong with the sensor's clock, and nothing else */
  tooFarAhead?: DecodedReading[]
  refusals: Refusal[]
  /** values the platform does not know, dropped */
  unknownValues: number
  /** values that are null: absent */
  nullValues: number
  /** wrong values beside good ones, dropped */
  droppedValues: number
  /** states of values that their message does not hold, dropped */
  droppedStates?: number
}

/** Nothing decoded yet. */
export function nothingDecoded(): Decoded {
  return { readings: [], refusals: [], unknownValues: 0, nullValues: 0, droppedValues: 0 }
}
