import type { SimulatedKind } from '../simulated-kind.ts'
import { Lamp } from './lamp.ts'
import { faults, lightingAt } from './values.ts'

/** W at full light, by class of road */
const nominalPowers = { trunk: 150, primary: 120, secondary: 80 } as const

/** One lamp in 66 has a fault: the 38th, the 104th … of its district. */
const faultEvery = 66
const faultAt = 38

export const simulatedLighting: SimulatedKind<'lighting'> = {
  called: { vi: 'Đèn', en: 'Lamp' },
  period: 10,
  share: 0.5,
  stands: { beside: 'roads', metres: 9 },
  valuesAt: lightingAt,
  ratingOf: (road) => ({ nominalPower: nominalPowers[road] }),
  faultOf: (number, random) =>
    number % faultEvery === faultAt ? faults[Math.floor(random() * faults.length)] : undefined,
  control: (lamp, seed) => new Lamp(lamp, seed),
}
