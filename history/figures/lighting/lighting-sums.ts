import { fromSteps } from '#storage/roll-up/steps.ts'
import { hourMs } from '#telemetry/durations.ts'
import type { LightingFigures } from '#telemetry/figures/lighting-figures.ts'
import { addStates, type ReadingState } from '../reading-state.ts'
import { rounded } from '../rounding.ts'
import type { Burning } from './read-lighting.ts'

/** What the lighting figures of one group in one bucket are made of. */
export interface LightingSums {
  /** steps of a kWh by meters; of lamps without a nominal power, and of those with one; undefined when there is no reading */
  energyOfOthers: bigint | undefined
  energyOfPlanned: bigint | undefined
  /** W × ms; undefined when no lamp has a nominal power */
  planned: number | undefined
  /** lamps × ms */
  nightMs: number
  knownNightMs: number
  darkMs: number
  darkByOrderMs: number
  dayBurningMs: number
  dayBurningByOrderMs: number
  burntMs: number
  /** what became of values that were not taken as they were measured */
  state: ReadingState
}

/** Sums of nothing. */
export function noLighting(): LightingSums {
  const energies = { energyOfOthers: undefined, energyOfPlanned: undefined, planned: undefined }
  const nights = { nightMs: 0, knownNightMs: 0, darkMs: 0, darkByOrderMs: 0 }
  return { ...energies, ...nights, dayBurningMs: 0, dayBurningByOrderMs: 0, burntMs: 0, state: {} }
}

/** Adds for how long lamps burned in a span of one light. */
export function addBurning(
  sums: LightingSums,
  { light, ordered, burningMs, knownMs }: Omit<Burning, 'group' | 'start'>,
) {
  sums.burntMs += burningMs
  const darkMs = knownMs - burningMs
  if (light === 'night' && ordered === 'off') sums.darkByOrderMs += darkMs
  else if (light === 'night') {
    sums.knownNightMs += knownMs
    sums.darkMs += darkMs
  } else if (light === 'day' && ordered === 'on') sums.dayBurningByOrderMs += burningMs
  else if (light === 'day') sums.dayBurningMs += burningMs
}

const together = (a: bigint | undefined, b: bigint | undefined) =>
  a === undefined && b === undefined ? undefined : (a ?? 0n) + (b ?? 0n)

/** Adds what is in `more` to `sums`. */
export function addLighting(sums: LightingSums, more: LightingSums): void {
  sums.energyOfOthers = together(sums.energyOfOthers, more.energyOfOthers)
  sums.energyOfPlanned = together(sums.energyOfPlanned, more.energyOfPlanned)
  if (more.planned !== undefined) sums.planned = (sums.planned ?? 0) + more.planned
  sums.nightMs += more.nightMs
  sums.knownNightMs += more.knownNightMs
  sums.darkMs += more.darkMs
  sums.darkByOrderMs += more.darkByOrderMs
  sums.dayBurningMs += more.dayBurningMs
  sums.dayBurningByOrderMs += more.dayBurningByOrderMs
  sums.burntMs += more.burntMs
  sums.state = addStates([sums.state, more.state])
}

const inHours = (ms: number) => rounded(ms / hourMs, 3)
const inKwh = (wattMs: number) => wattMs / hourMs / 1_000

/** Energy by the meters against the plan. */
function energyFigures({ energyOfOthers, energyOfPlanned, planned }: LightingSums) {
  const energy = together(energyOfOthers, energyOfPlanned)
  const plannedKwh = planned === undefined ? undefined : inKwh(planned)
  const metered = energyOfPlanned === undefined ? undefined : fromSteps(energyOfPlanned)
  return {
    ...(energy !== undefined && { energy: rounded(fromSteps(energy), 3) }),
    ...(plannedKwh !== undefined && { plannedEnergy: rounded(plannedKwh, 3) }),
    ...(metered !== undefined && { energyOfPlanned: rounded(metered, 3) }),
    ...(metered !== undefined && plannedKwh && { energyShare: rounded(metered / plannedKwh, 4) }),
  }
}

/** The lighting figures of a span or a bucket, but for failures. */
export function lightingFigures(sums: LightingSums): LightingFigures {
  const { nightMs, knownNightMs, darkMs, darkByOrderMs } = sums
  const seenMs = knownNightMs + darkByOrderMs
  return {
    ...energyFigures(sums),
    nightHours: inHours(nightMs),
    knownNightHours: inHours(knownNightMs),
    darkHours: inHours(darkMs),
    darkByOrderHours: inHours(darkByOrderMs),
    burningByDayHours: inHours(sums.dayBurningMs),
    burningByOrderHours: inHours(sums.dayBurningByOrderMs),
    burntHours: inHours(sums.burntMs),
    ...(knownNightMs > 0 && { availability: rounded(1 - darkMs / knownNightMs, 4) }),
    ...(nightMs > 0 && { coverage: rounded(Math.min(1, seenMs / nightMs), 4) }),
    ...sums.state,
  }
}
