import { ConfigError } from '#telemetry/errors.ts'
import type { Series } from './query-response.ts'
import { type Bucket, bucketKeptMs, findBucket, makeBucket } from './v2/bucket.ts'
import type { AskApi, BucketAsked } from './v2/management-api.ts'
import { type Mapping, makeMapping, mappingsOf } from './v2/mapping.ts'

/** Where points are, as the parameters of a request say. */
export interface DatabaseLocation {
  write: Readonly<Record<string, string>>
  /** for questions in InfluxQL */
  read: Readonly<Record<string, string>>
  /** ms that InfluxDB keeps points by itself; infinite when it keeps them for ever */
  keptMs: number
}

/** A database of 1.x; how long it keeps points is not known yet. */
export function databaseLocation(db: string): DatabaseLocation {
  return { write: { db }, read: { db }, keptMs: Number.POSITIVE_INFINITY }
}

/** ms that the default retention policy keeps points, from the answer to `SHOW RETENTION POLICIES`. */
export function policyKeptMs(series: readonly Series[]): number {
  const [policies] = series
  const [duration, isDefault] = [
    policies?.columns.indexOf('duration') ?? -1,
    policies?.columns.indexOf('default') ?? -1,
  ]
  const text = String(policies?.values.find((row) => row[isDefault] === true)?.[duration] ?? '')
  const [, hours = 0, minutes = 0, seconds = 0] = /^(?:(\d+)h)?(?:(\d+)m)?(\d+)s$/.exec(text) ?? []
  const ms = (Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)) * 1_000
  return ms > 0 ? ms : Number.POSITIVE_INFINITY
}

function bucketLocation(bucket: Bucket, { org }: BucketAsked, { db, rp }: Mapping): DatabaseLocation {
  // the id: a bucket may have the id of another as its name
  return { write: { org, bucket: bucket.id }, read: { org, db, rp }, keptMs: bucketKeptMs(bucket) }
}

/**
 * Finds the bucket of 2.x, made when `make` and the token may, and the mapping by which InfluxQL reads it: one is taken only
 * when `leadsThere`, which writes and reads back, says so.
 * @throws ConfigError that names INFLUX_ORG or INFLUX_BUCKET, and what the client throws
 */
export async function findDatabaseLocation(
  asked: BucketAsked,
  {
    ask,
    leadsThere,
    make,
  }: { ask: AskApi; leadsThere: (location: DatabaseLocation) => Promise<boolean>; make: boolean },
): Promise<DatabaseLocation | undefined> {
  const bucket = (await findBucket(ask, asked)) ?? (make ? await makeBucket(ask, asked) : undefined)
  if (!bucket) return undefined
  for (const mapping of await mappingsOf(ask, bucket)) {
    const location = bucketLocation(bucket, asked, mapping)
    if (await leadsThere(location)) return location
  }
  const location = bucketLocation(bucket, asked, await makeMapping(ask, bucket))
  if (await leadsThere(location)) return location
  throw new ConfigError(
    `INFLUX_BUCKET is "${asked.bucket}": what is written to it cannot be read back by any DBRP mapping, not even by one made for it; may INFLUX_TOKEN read the bucket?`,
  )
}
