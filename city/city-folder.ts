import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { ConfigError } from '#telemetry/errors.ts'
import { faultSchemaOf, wordsOfFault } from '#telemetry/faults/fault-table.ts'
import { messageOf, quotableText } from '#telemetry/faults/quotable-text.ts'
import { faultOfIssue, valueFaults } from '#telemetry/faults/value-faults.ts'
import { valueWordsEn } from '#telemetry/faults/value-words-en.ts'

/** Something wrong with the data of the city. */
export interface CityFault {
  file: string
  /** where in the file, such as `feature 3 ("ql22b"), geometry.coordinates[0]`; absent when it is about the whole */
  place?: string
  /** what is wrong there, and what it must be */
  words: string
}

const fileNames = [
  'districts.json',
  'outlines.geojson',
  'roads.geojson',
  'waterways.geojson',
  'places.geojson',
] as const
type FileName = (typeof fileNames)[number]

/** bytes of one file: roads and waterways go to every page as they are */
const maxFileBytes = 16 * 1_048_576
/** faults that are told at once */
const maxFaultsTold = 10

/** The files of the folder. Reading puts what is wrong with a file among the faults, and then gives nothing. */
export interface CityFolder {
  read<Schema extends z.ZodType>(name: FileName, schema: Schema): Promise<z.infer<Schema> | undefined>
  /** a file that is not there is one without features */
  readIfThere<Schema extends z.ZodType>(name: FileName, schema: Schema): Promise<z.infer<Schema> | undefined>
}

/** One error for all that is wrong. */
export function cityError(folder: string, faults: readonly CityFault[], cause?: unknown): ConfigError {
  const lines = faults
    .slice(0, maxFaultsTold)
    .map(({ file, place, words }) => `\n  ${place === undefined ? file : `${file}, ${place}`}: ${words}`)
  const more = faults.length > maxFaultsTold ? `\n  and ${faults.length - maxFaultsTold} more` : ''
  return new ConfigError(
    `CITY_DIR is "${folder}": its data cannot be used (docs/adding-a-district.md says what each file holds)${lines.join('')}${more}`,
    cause,
  )
}

/**
 * Looks into the folder of the city's data.
 * @throws ConfigError when it cannot be read
 */
export async function openCityFolder(folder: string, faults: CityFault[]): Promise<CityFolder> {
  const found = await readdir(folder).catch((error: Error) => {
    throw new ConfigError(
      `CITY_DIR is "${folder}": this folder cannot be read (${error.message}); it must hold districts.json and outlines.geojson (docs/adding-a-district.md)`,
      error,
    )
  })
  for (const file of found)
    if (/\.(geo)?json$/i.test(file) && !fileNames.some((name) => name === file))
      faults.push({
        file,
        words: `is no file of a city: rename it, or take it away; there are ${fileNames.join(', ')}`,
      })

  const read = async <Schema extends z.ZodType>(file: FileName, schema: Schema) => {
    if (!found.includes(file)) {
      faults.push({ file, words: 'is missing, and must be there' })
      return undefined
    }
    const content = await readJson(join(folder, file))
    if ('words' in content) {
      faults.push({ file, words: content.words })
      return undefined
    }
    const parsed = schema.safeParse(content.json)
    if (parsed.success) return parsed.data
    faults.push(...parsed.error.issues.map((issue) => faultOf(file, content.json, issue)))
    return undefined
  }
  return {
    read,
    readIfThere: async (file, schema) =>
      found.includes(file) ? read(file, schema) : schema.parse({ type: 'FeatureCollection', features: [] }),
  }
}

/** The JSON of a file, or why there is none. */
async function readJson(path: string): Promise<{ json: unknown } | { words: string }> {
  try {
    const { size } = await stat(path)
    if (size > maxFileBytes) return { words: `has ${size} bytes: simplify it to at most ${maxFileBytes}` }
    const text = (await readFile(path, 'utf8')).replace(/^\uFEFF/, '')
    try {
      return { json: JSON.parse(text) }
    } catch (error) {
      const message = quotableText(messageOf(error))
      const at = /position (\d+)/.exec(message)?.[1]
      const line = at === undefined ? '' : ` in line ${text.slice(0, Number(at)).split('\n').length}`
      return { words: `is not JSON${line} (${message})` }
    }
  } catch (error) {
    return { words: `cannot be read (${messageOf(error)})` }
  }
}

const valueFaultSchema = faultSchemaOf(valueFaults)

function faultOf(file: string, json: unknown, issue: z.core.$ZodIssue): CityFault {
  const place = placeOf(file, json, issue.path)
  const value = issue.path.reduce<unknown>(memberOf, json)
  const source = typeof value === 'object' && value !== null ? undefined : JSON.stringify(value)
  const fault = faultOfIssue(issue, { isThere: value !== undefined, source }, '', valueFaultSchema)
  const words = wordsOfFault(valueWordsEn, fault)
  return {
    file,
    ...(place !== '' && { place }),
    words: fault.code === 'INVALID' && source ? `is ${source}, ${words}` : words,
  }
}

const memberOf = (value: unknown, key: PropertyKey): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined

const titleSchema = z.union([
  z.object({ properties: z.object({ id: z.string() }) }).transform(({ properties }) => properties.id),
  z.object({ properties: z.object({ name: z.string() }) }).transform(({ properties }) => properties.name),
  z.object({ id: z.string() }).transform(({ id }) => id),
])

/** A path as a person finds it: features and districts by their number, from 1, and their id or name. */
function placeOf(file: string, json: unknown, path: readonly PropertyKey[]): string {
  const isFeature = path[0] === 'features' && typeof path[1] === 'number'
  const isDistrict = file === 'districts.json' && typeof path[0] === 'number'
  if (!isFeature && !isDistrict) return pathText(path)
  const [head, rest] = isFeature ? [path.slice(0, 2), path.slice(2)] : [path.slice(0, 1), path.slice(1)]
  const title = titleSchema.safeParse(head.reduce<unknown>(memberOf, json)).data
  const number = `${isFeature ? 'feature' : 'district'} ${Number(head.at(-1)) + 1}${title === undefined ? '' : ` ("${title}")`}`
  return rest.length === 0 ? number : `${number}, ${pathText(rest)}`
}

const pathText = (path: readonly PropertyKey[]) =>
  path.map((key, at) => (typeof key === 'number' ? `[${key}]` : `${at > 0 ? '.' : ''}${String(key)}`)).join('')
