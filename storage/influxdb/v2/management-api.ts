import type { InfluxConnectionOptions } from '../options.ts'

/** Asks the management api of 2.x; rejects with what the client throws. The answer is JSON, not checked yet. */
export interface AskApi {
  get(path: ApiPath, asked: Readonly<Record<string, string>>): Promise<unknown>
  post(path: ApiPath, body: Readonly<Record<string, unknown>>): Promise<unknown>
}
type ApiPath = 'buckets' | 'orgs' | 'dbrps'

/** Whose bucket it is, as the settings name it: each by its name or its id. */
export type BucketAsked = Required<Pick<InfluxConnectionOptions, 'url' | 'org' | 'bucket'>>

/** Whether a text may be an id of 2.x. */
export function mayBeId(text: string): boolean {
  return /^[0-9a-f]{16}$/.test(text)
}
