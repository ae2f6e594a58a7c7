import { HttpError } from '@influxdata/influxdb-client'
import { z } from 'zod'
import { ConfigError } from '#telemetry/errors.ts'
import { faultWords } from '../errors.ts'
import { type AskApi, type BucketAsked, mayBeId } from './management-api.ts'

const bucketSchema = z.object({
  id: z.string(),
  orgID: z.string(),
  name: z.string(),
  retentionRules: z.array(z.object({ everySeconds: z.number() })).nullish(),
})
/** A bucket of 2.x. */
export type Bucket = z.infer<typeof bucketSchema>

const bucketsAnswer = z.object({ buckets: z.array(bucketSchema) })
const orgsAnswer = z.object({ orgs: z.array(z.object({ id: z.string() })) })

/** ms that a bucket keeps points; infinite when it keeps them for ever. */
export function bucketKeptMs({ retentionRules }: Bucket): number {
  const seconds = (retentionRules ?? []).map(({ everySeconds }) => everySeconds).filter((every) => every > 0)
  return Math.min(Number.POSITIVE_INFINITY, ...seconds) * 1_000
}

/** What is asked for by a name, and by an id too when it may be one: the id first, as InfluxDB does. */
const ways = (text: string, byName: string, byId: string) => [
  ...(mayBeId(text) ? [{ [byId]: text }] : []),
  { [byName]: text },
]

const isMissing = (error: unknown) => error instanceof HttpError && error.statusCode === 404
const isForbidden = (error: unknown) => error instanceof HttpError && [401, 403].includes(error.statusCode)

/**
 * The bucket that the settings name; undefined when there is none, or the token may not see it.
 * @throws ConfigError that names INFLUX_ORG when there is no such organisation
 */
export async function findBucket(ask: AskApi, { url, org, bucket }: BucketAsked): Promise<Bucket | undefined> {
  let orgFault: unknown
  let orgFound = false
  for (const inOrg of ways(org, 'org', 'orgID'))
    for (const named of ways(bucket, 'name', 'id'))
      try {
        const { buckets } = bucketsAnswer.parse(await ask.get('buckets', { ...inOrg, ...named }))
        orgFound = true
        const found = buckets.find(({ id, name }) => (named.id === undefined ? name === bucket : id === bucket))
        if (found) return found
      } catch (error) {
        // versions differ: a bucket that is not there is an empty list, or a 404 as an organisation is
        if (!isMissing(error)) throw error
        if (/^HTTP 404 organi[sz]ation/i.test(faultWords(error))) orgFault = error
        else orgFound = true
      }
  if (!orgFound)
    throw new ConfigError(
      `INFLUX_ORG is "${org}": InfluxDB at ${url} has no such organisation, or INFLUX_TOKEN may not see it (${faultWords(orgFault)})`,
      orgFault,
    )
  return undefined
}

async function orgId(ask: AskApi, org: string): Promise<string> {
  for (const named of ways(org, 'org', 'orgID'))
    try {
      const [found] = orgsAnswer.parse(await ask.get('orgs', named)).orgs
      if (found) return found.id
    } catch (error) {
      if (!isMissing(error)) throw error
    }
  throw new Error('the organisation is not shown')
}

/**
 * Makes the bucket that the settings name; it keeps points for ever, for RETENTION_DAYS trims it.
 * @throws ConfigError that names INFLUX_BUCKET when the token may not
 */
export async function makeBucket(ask: AskApi, { url, org, bucket }: BucketAsked): Promise<Bucket> {
  try {
    const made = { orgID: await orgId(ask, org), name: bucket, retentionRules: [] }
    return bucketSchema.parse(await ask.post('buckets', made))
  } catch (error) {
    if (error instanceof HttpError && error.statusCode >= 500) throw error
    if (error instanceof HttpError && !isForbidden(error) && !isMissing(error))
      throw new ConfigError(
        `INFLUX_BUCKET is "${bucket}": InfluxDB at ${url} does not make it (${faultWords(error)})`,
        error,
      )
    throw new ConfigError(
      `INFLUX_BUCKET is "${bucket}": organisation "${org}" of InfluxDB at ${url} has no such bucket that INFLUX_TOKEN may read, and the token may not make one (influx bucket create --name …)`,
      error,
    )
  }
}
