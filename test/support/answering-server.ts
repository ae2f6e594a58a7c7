import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { keepAliveTimeout } from './keep-alive.ts'

/** A request as it came. */
interface RecordedRequest {
  method: string
  path: string
  query: Record<string, string>
  headers: IncomingHttpHeaders
  body: string
}

/** What to answer; undefined answers never. */
export type Answer = { status: number; headers?: Record<string, string>; body?: string } | undefined

/** id of the bucket that {@link wellInflux} has, whatever its name */
export const wellBucket = '00000000000000b1'

/** Answers as an InfluxDB, 1.x or 2.x, that is well and empty, but for the point that a probe has just written. */
export function wellInflux(): (request: RecordedRequest) => Answer {
  let mark = ''
  return ({ path, body, query }) => {
    const headers = { 'content-type': 'application/json' }
    if (path === '/api/v2/buckets') {
      const buckets = [{ id: wellBucket, orgID: '00000000000000a1', name: query.name, retentionRules: [] }]
      return { status: 200, headers, body: JSON.stringify({ buckets }) }
    }
    if (path === '/api/v2/dbrps') return { status: 200, headers, body: '{"content":[]}' }
    if (path !== '/query') {
      mark = /^nhip_probe mark=(\d+)i/.exec(body)?.[1] ?? mark
      return { status: 204 }
    }
    const series = body.includes('nhip_probe') ? `"series":[{"columns":["time","mark"],"values":[[0,${mark}]]}],` : ''
    return { status: 200, headers, body: `{"results":[{${series}"statement_id":0}]}` }
  }
}

/** A real HTTP server that writes down what it is asked. */
export interface AnsweringServer {
  url: string
  requests: RecordedRequest[]
  /** decides the answers; may be replaced at any time */
  answer: (request: RecordedRequest) => Answer
  close(): Promise<void>
}

/** Starts one on a free port of loopback. */
export async function startAnsweringServer(answer: AnsweringServer['answer']): Promise<AnsweringServer> {
  const server = createServer({ keepAliveTimeout }, (incoming, outgoing) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk) => chunks.push(chunk))
    incoming.on('end', () => {
      const url = new URL(incoming.url ?? '/', 'http://127.0.0.1')
      const request: RecordedRequest = {
        method: incoming.method ?? '',
        path: url.pathname,
        query: Object.fromEntries(url.searchParams),
        headers: incoming.headers,
        body: Buffer.concat(chunks).toString(),
      }
      started.requests.push(request)
      const given = started.answer(request)
      if (given) outgoing.writeHead(given.status, given.headers).end(given.body)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('no address')
  const started: AnsweringServer = {
    url: `http://127.0.0.1:${address.port}`,
    requests: [],
    answer,
    async close() {
      const ended = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await ended
    },
  }
  return started
}
