import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { keepAliveTimeout } from '../support/keep-alive.ts'

/** What is answered instead of what InfluxDB would. */
export interface FaultyAnswer {
  status: number
  headers?: Record<string, string>
  body?: string | Buffer
}

const inInfluxWords: FaultyAnswer = {
  status: 400,
  headers: { 'content-type': 'application/json' },
  body: '{"error":"unable to parse: a line of the test"}',
}

/** What happens to writes on their way to InfluxDB. */
export type WriteFault =
  | { kind: 'none' }
  /** answered with this status, nothing written */
  | ({ kind: 'answer' } & FaultyAnswer)
  /** answered so when a line holds this text, as InfluxDB does with a line it cannot take: nothing written */
  | ({ kind: 'reject'; text: string } & Partial<FaultyAnswer>)
  /** answered with 413 when there are more lines: nothing written */
  | { kind: 'small'; lines: number }
  /** the connection is cut when half of the body has come */
  | { kind: 'cut' }
  /** takes so many lines a second, one write at a time */
  | { kind: 'slow'; linesPerSecond: number }

/** A proxy in front of InfluxDB that misbehaves on demand. */
export interface FaultyInflux {
  url: string
  /** Setting another ends what the one before holds up: a write that was slow passes at once. */
  fault: WriteFault
  /** writes that met a fault so far */
  readonly faults: number
  /** writes that their sender did not wait for to the end */
  readonly givenUp: number
  /** when each of them came, ms from anywhere */
  readonly faultsAt: readonly number[]
  close(): Promise<void>
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** Starts a proxy in front of this address. */
export async function startFaultyInflux(target: string): Promise<FaultyInflux> {
  const faultsAt: number[] = []
  let givenUp = 0
  const meetFault = () => void faultsAt.push(performance.now())
  let fault: WriteFault = { kind: 'none' }
  let isOver = new AbortController()
  let queue = Promise.resolve()
  const pass = (incoming: IncomingMessage, body: Buffer, response: ServerResponse) => {
    const { method, headers, url = '/' } = incoming
    const onward = request(new URL(url, target), { method, headers: { ...headers, connection: 'close' } }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    onward.end(body)
  }
  /** After so many ms of its turn, or when the fault is over. */
  const takeTime = async (ms: number, response: ServerResponse) => {
    const { signal } = isOver
    queue = queue.then(() => sleep(response.destroyed ? 0 : ms, undefined, { signal }).catch(() => {}))
    await queue
  }
  const write = async (incoming: IncomingMessage, response: ServerResponse) => {
    const met = fault
    response.once('close', () => {
      if (!response.writableEnded) givenUp += 1
    })
    if (met.kind === 'cut') {
      meetFault()
      incoming.once('data', () => incoming.destroy())
      return
    }
    const body = await bodyOf(incoming)
    if (met.kind === 'answer') {
      meetFault()
      response.writeHead(met.status, met.headers).end(met.body ?? '{"error":"a fault of the test"}')
    } else if (met.kind === 'reject' && body.includes(met.text)) {
      meetFault()
      const { status, headers, body: words } = { ...inInfluxWords, ...met }
      response.writeHead(status, headers).end(words)
    } else if (met.kind === 'small' && body.toString().split('\n').length > met.lines) {
      meetFault()
      response.writeHead(413, { 'content-type': 'text/html' }).end('<h1>413 Request Entity Too Large</h1>')
    } else if (met.kind === 'slow') {
      meetFault()
      await takeTime((body.toString().split('\n').length / met.linesPerSecond) * 1_000, response)
      if (!response.destroyed) pass(incoming, body, response)
    } else pass(incoming, body, response)
  }
  const server = createServer({ keepAliveTimeout }, (incoming, response) => {
    const done = /^(\/api\/v2)?\/write/.test(incoming.url ?? '')
      ? write(incoming, response)
      : bodyOf(incoming).then((body) => pass(incoming, body, response))
    done.catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('no address')
  return {
    url: `http://127.0.0.1:${address.port}`,
    faultsAt,
    get fault() {
      return fault
    },
    set fault(next) {
      fault = next
      isOver.abort()
      isOver = new AbortController()
    },
    get givenUp() {
      return givenUp
    },
    get faults() {
      return faultsAt.length
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
