import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { type District, districtSchema } from '#telemetry/district.ts'
import { ConfigError } from '#telemetry/errors.ts'
import { type Place, placeSchema, type Road, roadSchema } from './roads.ts'
import { type Waterway, waterwaySchema } from './waterways.ts'

/** All that is known of the pilot city: data, read once at the start. */
export interface City {
  districts: District[]
  roads: Road[]
  places: Place[]
  waterways: Waterway[]
}

const districtsFile = z.array(districtSchema).min(1)
const roadsFile = z.object({ source: z.string(), roads: z.array(roadSchema), places: z.array(placeSchema) })
const waterwaysFile = z.object({ source: z.string(), waterways: z.array(waterwaySchema) })

async function read<Schema extends z.ZodType>(name: string, schema: Schema): Promise<z.infer<Schema>> {
  try {
    return schema.parse(JSON.parse(await readFile(new URL(`data/${name}`, import.meta.url), 'utf8')))
  } catch (error) {
    throw new ConfigError(`city/data/${name} cannot be used: ${error instanceof Error ? error.message : error}`, error)
  }
}

/**
 * Reads the city's data files.
 * @throws ConfigError that names the file and what is wrong in it
 */
export async function loadCity(): Promise<City> {
  const [districts, { roads, places }, { waterways }] = await Promise.all([
    read('districts.json', districtsFile),
    read('roads.json', roadsFile),
    read('waterways.json', waterwaysFile),
  ])
  return { districts, roads, places, waterways }
}
