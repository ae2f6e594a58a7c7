import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { type District, districtSchema } from '#telemetry/district.ts'
import { idSchema } from '#telemetry/reading-parts.ts'
import { checkCity } from './check-city.ts'
import { type CityFault, cityError, openCityFolder } from './city-folder.ts'
import { outlinesFile } from './outlines.ts'
import { type Place, placesFile } from './places.ts'
import { type Road, roadsFile } from './roads.ts'
import { type Waterway, waterwaysFile } from './waterways.ts'

/** All that is known of the city: data of the installation, read once at the start. */
export interface City {
  districts: District[]
  roads: Road[]
  /** whether the roads are a sketch, beside where they are, or there are none */
  areRoadsSchematic: boolean
  places: Place[]
  waterways: Waterway[]
}

/** The folder of the pilot districts, which ship with the platform. */
export const shippedCity = fileURLToPath(new URL('data', import.meta.url))

const districtsFile = z
  .array(
    districtSchema.omit({ outline: true }).extend({
      // ids of simulated sensors begin with it
      id: idSchema.max(40),
      formerUnits: z.array(z.string()).default([]),
    }),
  )
  .min(1)

/**
 * Reads the data of the city from a folder (`CITY_DIR`): `districts.json` and `outlines.geojson`, and where they are there
 * `roads.geojson`, `waterways.geojson` and `places.geojson`. docs/adding-a-district.md says what they hold.
 * @throws ConfigError that names each file, the place in it, what is wrong there and what it must be
 */
export async function loadCity(folder: string = shippedCity): Promise<City> {
  const faults: CityFault[] = []
  const files = await openCityFolder(folder, faults)
  const [districts, outlines, roadFile, waterways, places] = await Promise.all([
    files.read('districts.json', districtsFile),
    files.read('outlines.geojson', outlinesFile),
    files.readIfThere('roads.geojson', roadsFile),
    files.readIfThere('waterways.geojson', waterwaysFile),
    files.readIfThere('places.geojson', placesFile),
  ])
  if (!districts || !outlines || !roadFile || !waterways || !places) throw cityError(folder, faults)
  const { roads, schematic } = roadFile
  faults.push(...checkCity({ districts, outlines, roads, waterways, places }))
  if (faults.length > 0) throw cityError(folder, faults)
  const ringOf = new Map(outlines.map(({ district, ring }) => [district, ring]))
  return {
    districts: districts.map((district) => ({ ...district, outline: ringOf.get(district.id) ?? [] })),
    ...{ roads, areRoadsSchematic: schematic || roads.length === 0, places, waterways },
  }
}
