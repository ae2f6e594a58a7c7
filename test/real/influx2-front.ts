import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { keepAliveTimeout } from '../support/keep-alive.ts'
import { type Influxd, startInfluxd } from './influxd.ts'

export interface FrontBucket {
  id: string
  orgID: string
  name: string
  retentionRules: { type: 'expire'; everySeconds: number }[]
}
interface FrontMapping {
  id: string
  orgID: string
  bucketID: string
  database: string
  retention_policy: string
  default: boolean
  virtual: boolean
}
interface FrontToken {
  active: boolean
  /** ids of the buckets it may read and write, or everything */
  buckets: string[] | 'all'
}
interface Answer {
  status: number
  body?: unknown
}

/** What stands in front of a real influxd and speaks as 2.x does. */
export interface Influx2Front {
  url: string
  org: string
  /** may do everything */
  token: string
  tokens: Map<string, FrontToken>
  buckets: FrontBucket[]
  mappings: FrontMapping[]
  /** the status that versions give to a field type conflict: 422 from 2.7, 500 in 2.0 */
  conflictStatus: 422 | 500
  /** Makes a bucket; 0 seconds keeps for ever. */
  makeBucket(name: string, everySeconds?: number): Promise<FrontBucket>
  /** Maps (database, policy) to a bucket, as an upgrade from 1.x does. */
  map(database: string, policy: string, bucket: FrontBucket): void
  close(): Promise<void>
}

const newId = () => randomBytes(8).toString('hex')
const problem = (status: number, code: string, message: string): Answer => ({ status, body: { code, message } })
const missing = (what: string, name: string) => problem(404, 'not found', `${what} "${name}" not found`)
const statementError = (error: string): Answer => ({ status: 200, body: { results: [{ statement_id: 0, error }] } })
const unauthorized = problem(401, 'unauthorized', 'unauthorized access')

/**
 * Starts it in front of an influxd 1.6.7 of its own, which keeps each bucket as a database: the data are real, the manners are
 * those of 2.7 as they are documented and were seen on a real one:
 * - every request but `/ping` needs `Authorization: Token …`; one that is unknown or inactive gets 401 `unauthorized access`;
 * - `/api/v2/buckets` finds by `org`/`orgID` and `name`/`id`, lists only what the token may read, says 404 for an organisation
 *   that is not there; making one needs a token for everything (else 401);
 * - `/api/v2/write` takes a bucket's id or name, 404 when it is not there, 403 without the right; points older than the bucket
 *   keeps, and field type conflicts, are a 422 `failure writing points to database: partial write: …`, the others are written;
 * - `/api/v2/dbrps` lists mappings that were made and, per bucket, a virtual one whose name is split at its first slash; making
 *   one needs the right to write the bucket;
 * - `/query` finds the bucket by database and policy, a mapping that was made before a virtual one, the default one when no
 *   policy is asked for; faults are a 200 with the statement's error;
 * - `/api/v2/delete` deletes by measurement up to and with `stop`.
 */
export async function startInflux2Front(): Promise<Influx2Front> {
  const influxd: Influxd = await startInfluxd()
  const org = { id: newId(), name: 'thành phố / city' }
  const adminToken = randomBytes(24).toString('base64')

  const ask = (q: string, db = '') =>
    fetch(`${influxd.url}/query`, { method: 'POST', body: new URLSearchParams({ q, db }) })
  const tokenOf = (header: string | undefined) => {
    const token = front.tokens.get(header?.replace(/^Token /, '') ?? '')
    return token?.active ? token : undefined
  }
  const may = (token: FrontToken, bucket: FrontBucket) => token.buckets === 'all' || token.buckets.includes(bucket.id)
  const isOrg = (query: URLSearchParams) =>
    query.get('orgID') === org.id || [org.name, org.id].includes(query.get('org') ?? '')
  const mappingsOf = (): FrontMapping[] => {
    const virtual = front.buckets.map(({ id, name }): FrontMapping => {
      const [database = '', ...rest] = name.split('/')
      const overruled = front.mappings.some((mapping) => mapping.bucketID === id)
      return {
        ...{ id, orgID: org.id, bucketID: id, database, default: !overruled, virtual: true },
        retention_policy: rest.length > 0 ? rest.join('/') : 'autogen',
      }
    })
    return [...front.mappings, ...virtual]
  }

  const getBuckets = (query: URLSearchParams, token: FrontToken): Answer => {
    // this list knows an organisation by name only where it is asked by name
    if (query.get('orgID') !== org.id && query.get('org') !== org.name)
      return missing('organization name', query.get('org') ?? '')
    const [name, id] = [query.get('name'), query.get('id')]
    const found = front.buckets.filter(
      (bucket) => (name === null || bucket.name === name) && (id === null || bucket.id === id),
    )
    if (name !== null && found.length === 0) return missing('bucket', name)
    return { status: 200, body: { buckets: found.filter((bucket) => may(token, bucket)) } }
  }
  const postBucket = async (body: string, token: FrontToken): Promise<Answer> => {
    if (token.buckets !== 'all') return problem(401, 'unauthorized', `write:orgs/${org.id}/buckets is unauthorized`)
    const { name } = JSON.parse(body) as { name: string } // what the store sends
    return { status: 201, body: await front.makeBucket(name) }
  }
  const postMapping = (body: string, token: FrontToken): Answer => {
    const asked = JSON.parse(body) as FrontMapping // what the store sends
    const bucket = front.buckets.find(({ id }) => id === asked.bucketID)
    if (!bucket || !may(token, bucket)) return problem(401, 'unauthorized', 'write:orgs/dbrp is unauthorized')
    front.map(asked.database, asked.retention_policy, bucket)
    return { status: 201, body: front.mappings.at(-1) }
  }
  const write = async (query: URLSearchParams, body: string, token: FrontToken): Promise<Answer> => {
    if (!isOrg(query)) return missing('organization name', query.get('org') ?? '')
    const named = query.get('bucket') ?? ''
    const bucket = front.buckets.find(({ id }) => id === named) ?? front.buckets.find(({ name }) => name === named)
    if (!bucket) return missing('bucket', named)
    if (!may(token, bucket)) return problem(403, 'forbidden', 'insufficient permissions for write')
    const precision = query.get('precision') ?? 'ns'
    const keptFrom = keptFromOf(bucket)
    const isKept = (line: string) => {
      const ts = Number(line.slice(line.lastIndexOf(' ') + 1)) / (precision === 'ns' ? 1e6 : 1)
      return ts >= keptFrom
    }
    // a string may hold a line end: where everything is kept nothing is taken apart
    const lines = keptFrom === Number.NEGATIVE_INFINITY ? [body] : body.split('\n')
    const kept = lines.filter(isKept)
    if (kept.length > 0) {
      const path = `/write?${new URLSearchParams({ db: bucket.id, precision })}`
      const answer = await fetch(influxd.url + path, { method: 'POST', body: kept.join('\n') })
      if (answer.status !== 204) {
        const { error } = (await answer.json()) as { error: string } // how 1.x says it
        if (!error.startsWith('partial write: field type')) return problem(400, 'invalid', error)
        return front.conflictStatus === 500
          ? problem(500, 'internal error', `unexpected error writing points to database: ${error}`)
          : problem(422, 'unprocessable entity', `failure writing points to database: ${error}`)
      }
    }
    const dropped = lines.length - kept.length
    if (dropped === 0) return { status: 204 }
    const words = `partial write: points beyond retention policy dropped=${dropped}`
    return problem(422, 'unprocessable entity', `failure writing points to database: ${words}`)
  }
  const keptFromOf = ({ retentionRules: [rule] }: FrontBucket) =>
    rule && rule.everySeconds > 0 ? Date.now() - rule.everySeconds * 1_000 : Number.NEGATIVE_INFINITY
  const question = async (query: URLSearchParams, body: string, token: FrontToken): Promise<Answer> => {
    const form = new URLSearchParams(body)
    const [db, rp] = [query.get('db') ?? '', query.get('rp') ?? '']
    const mapping = mappingsOf().find(
      (each) => each.database === db && (rp ? each.retention_policy === rp : each.default),
    )
    if (!mapping)
      return statementError(rp ? `retention policy not found: ${rp}` : `default retention policy not set for: ${db}`)
    const bucket = front.buckets.find(({ id }) => id === mapping.bucketID)
    if (!bucket || !may(token, bucket)) return statementError(`database not found: ${db}`)
    form.set('db', bucket.id)
    const answer = await fetch(`${influxd.url}/query`, { method: 'POST', body: form })
    return { status: answer.status, body: await answer.json() }
  }
  const remove = async (query: URLSearchParams, body: string, token: FrontToken): Promise<Answer> => {
    const bucket = front.buckets.find(({ id, name }) => [id, name].includes(query.get('bucket') ?? ''))
    if (!isOrg(query) || !bucket) return missing('bucket', query.get('bucket') ?? '')
    if (!may(token, bucket)) return problem(403, 'forbidden', 'insufficient permissions to delete')
    const { predicate, stop } = JSON.parse(body) as { predicate: string; stop: string } // what the store sends
    const measurement = /^_measurement="([^"]+)"$/.exec(predicate)?.[1]
    await (await ask(`DELETE FROM "${measurement}" WHERE time <= '${stop}'`, bucket.id)).text()
    return { status: 204 }
  }
  const answerTo = async (method: string, url: URL, header: string | undefined, body: string): Promise<Answer> => {
    if (url.pathname === '/ping') return { status: 204 }
    const token = tokenOf(header)
    if (!token) return unauthorized
    const query = url.searchParams
    switch (`${method} ${url.pathname}`) {
      case 'GET /api/v2/buckets':
        return getBuckets(query, token)
      case 'POST /api/v2/buckets':
        return postBucket(body, token)
      case 'GET /api/v2/orgs':
        if (!isOrg(query)) return missing('organization name', query.get('org') ?? '')
        return { status: 200, body: { orgs: token.buckets === 'all' ? [org] : [] } }
      case 'GET /api/v2/dbrps': {
        const readable = front.buckets.filter((bucket) => may(token, bucket)).map(({ id }) => id)
        const asked = query.get('bucketID')
        const content = mappingsOf().filter(
          (each) => readable.includes(each.bucketID) && (!asked || each.bucketID === asked),
        )
        return { status: 200, body: { content } }
      }
      case 'POST /api/v2/dbrps':
        return postMapping(body, token)
      case 'POST /api/v2/write':
        return write(query, body, token)
      case 'POST /api/v2/delete':
        return remove(query, body, token)
      case 'POST /query':
        return question(query, body, token)
      default:
        return problem(404, 'not found', 'path not found')
    }
  }

  const server = createServer({ keepAliveTimeout }, async (incoming, outgoing) => {
    try {
      const url = new URL(incoming.url ?? '/', 'http://127.0.0.1')
      const { status, body } = await answerTo(
        incoming.method ?? '',
        url,
        incoming.headers.authorization,
        await text(incoming),
      )
      outgoing.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'x-influxdb-version': 'v2.7' })
      outgoing.end(body === undefined ? '' : JSON.stringify(body))
    } catch {
      outgoing.destroy()
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('no address')
  const front: Influx2Front = {
    url: `http://127.0.0.1:${address.port}`,
    org: org.name,
    token: adminToken,
    tokens: new Map([[adminToken, { active: true, buckets: 'all' }]]),
    buckets: [],
    mappings: [],
    conflictStatus: 422,
    async makeBucket(name, everySeconds = 0) {
      const bucket: FrontBucket = {
        ...{ id: newId(), orgID: org.id, name },
        retentionRules: everySeconds > 0 ? [{ type: 'expire', everySeconds }] : [],
      }
      await (await ask(`CREATE DATABASE "${bucket.id}"`)).text()
      front.buckets.push(bucket)
      return bucket
    },
    map(database, policy, bucket) {
      front.mappings.push({
        ...{ id: newId(), orgID: org.id, bucketID: bucket.id, database, retention_policy: policy, virtual: false },
        default: !front.mappings.some((mapping) => mapping.database === database),
      })
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
      await influxd.close()
    },
  }
  return front
}
