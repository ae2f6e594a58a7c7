import { randomBytes } from 'node:crypto'
import { z } from 'zod'

/** An InfluxDB 2.x that the environment names, for tests and measurements. */
export interface Influx2Access {
  url: string
  org: string
  /** may make and delete buckets in the organisation */
  token: string
}

/** The one named by `TEST_INFLUX2_URL`, `TEST_INFLUX2_TOKEN` and `TEST_INFLUX2_ORG`; undefined without them: then what needs it is not run. */
export function influx2OfEnvironment(env: NodeJS.ProcessEnv = process.env): Influx2Access | undefined {
  const { TEST_INFLUX2_URL: url, TEST_INFLUX2_TOKEN: token, TEST_INFLUX2_ORG: org } = env
  if (!url) return undefined
  if (!token || !org) throw new Error('TEST_INFLUX2_URL is set: TEST_INFLUX2_TOKEN and TEST_INFLUX2_ORG are needed too')
  return { url, org, token }
}

/** A name that no other bucket has. */
export function newBucketName(): string {
  return `nhip test/${randomBytes(6).toString('hex')}`
}

/** Deletes a bucket by its name, with all it holds. */
export async function removeBucket({ url, org, token }: Influx2Access, name: string): Promise<void> {
  const headers = { authorization: `Token ${token}` }
  const answer = await fetch(`${url}/api/v2/buckets?${new URLSearchParams({ org, name })}`, { headers })
  if (!answer.ok) return
  const listed = z
    .object({ buckets: z.array(z.object({ id: z.string(), name: z.string() })) })
    .parse(await answer.json())
  for (const bucket of listed.buckets)
    if (bucket.name === name) await fetch(`${url}/api/v2/buckets/${bucket.id}`, { method: 'DELETE', headers })
}
