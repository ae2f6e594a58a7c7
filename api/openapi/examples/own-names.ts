import type { District } from '#telemetry/district.ts'
import { exampleDistrict, exampleWard } from './shared.ts'

/** Puts the names of the installation into an example. */
export type OwnNames = <Example>(example: Example) => Example

/** Examples have a district and a ward that stand for the first ones of the installation: this puts these in their place, at any depth. */
export function ownNames([first]: readonly District[]): OwnNames {
  const [district, ward] = [first?.id ?? exampleDistrict, first?.wards[0]?.id ?? exampleWard]
  const own = (example: unknown): unknown => {
    if (typeof example === 'string') return example.replaceAll(exampleDistrict, district).replaceAll(exampleWard, ward)
    if (Array.isArray(example)) return example.map(own)
    if (typeof example !== 'object' || example === null) return example
    return Object.fromEntries(Object.entries(example).map(([key, value]) => [own(key), own(value)]))
  }
  return <Example>(example: Example) => own(example) as Example // of the same shape
}
