import { HttpError } from '@influxdata/influxdb-client'
import { z } from 'zod'
import { ConfigError } from '#telemetry/errors.ts'
import { faultWords } from '../errors.ts'
import type { Bucket } from './bucket.ts'
import type { AskApi } from './management-api.ts'

/** What InfluxQL calls a bucket: 2.x maps a database and retention policy to it (DBRP). */
export interface Mapping {
  db: string
  rp: string
}

const mappingsAnswer = z.object({
  content: z
    .array(
      z.object({
        database: z.string(),
        retention_policy: z.string(),
        bucketID: z.string(),
        virtual: z.boolean().default(false),
      }),
    )
    .nullable(),
})

/** The mapping that 2.x makes up for a bucket from its name. */
function virtualMapping(name: string): Mapping {
  const slash = name.indexOf('/')
  return slash < 0 ? { db: name, rp: 'autogen' } : { db: name.slice(0, slash), rp: name.slice(slash + 1) }
}

/**
 * The mappings that may lead to a bucket, those first that somebody made. One that is made up from a bucket's name may be
 * overruled by one that leads elsewhere and that the token may not see: whether they do is to be tried.
 */
export async function mappingsOf(ask: AskApi, { id, orgID, name }: Bucket): Promise<Mapping[]> {
  const guessed = virtualMapping(name)
  try {
    const { content } = mappingsAnswer.parse(await ask.get('dbrps', { orgID, bucketID: id }))
    const known = (content ?? [])
      .filter(({ bucketID }) => bucketID === id)
      .toSorted((a, b) => Number(a.virtual) - Number(b.virtual))
      .map(({ database, retention_policy }) => ({ db: database, rp: retention_policy }))
    return known.some(({ db, rp }) => db === guessed.db && rp === guessed.rp) ? known : [...known, guessed]
  } catch (error) {
    if (error instanceof HttpError && [401, 403, 404, 405].includes(error.statusCode)) return [guessed]
    throw error
  }
}

/**
 * Makes a mapping that leads to a bucket and is in nobody's way: its database is named after the bucket's id.
 * @throws ConfigError that names INFLUX_BUCKET when the token may not
 */
export async function makeMapping(ask: AskApi, { id, orgID, name }: Bucket): Promise<Mapping> {
  const made = { db: `nhip-${id}`, rp: 'autogen' }
  const body = { orgID, bucketID: id, database: made.db, retention_policy: made.rp, default: true }
  try {
    await ask.post('dbrps', body)
    return made
  } catch (error) {
    if (!(error instanceof HttpError) || error.statusCode >= 500) throw error
    // another process has just made it, or somebody has before
    if (error.statusCode === 409 || /exist/.test(faultWords(error))) return made
    throw new ConfigError(
      `INFLUX_BUCKET is "${name}": what is written to it cannot be asked for, because no DBRP mapping leads to it and INFLUX_TOKEN may not make one (influx v1 dbrp create --bucket-id ${id} --db ${made.db} --rp ${made.rp}; InfluxDB says ${faultWords(error)})`,
      error,
    )
  }
}
