import { type ClientOptions, HttpError, InfluxDB, RequestTimedOutError } from '@influxdata/influxdb-client'
import { TransportError } from './errors.ts'

/** The HTTP layer of the InfluxDB client. */
export type Transport = InfluxDB['transport']
type Send = Parameters<Transport['send']>
type Request = Parameters<Transport['request']>

/**
 * The client's transport with a deadline for the whole exchange. The client's own timeout counts silence only and leaves
 * the connection open, so that a server that hangs would use up the agent's connections one by one. A request rejects with
 * HttpError when it was answered with one, with TransportError for anything else.
 */
export function withDeadline(options: ClientOptions, timeoutMs: number): Transport {
  const { transport } = new InfluxDB({ ...options, timeout: 0 })
  const inTime = (error: Error, { aborted }: AbortSignal) => (aborted ? new RequestTimedOutError() : error)
  return {
    chunkCombiner: transport.chunkCombiner,
    send(path: Send[0], body: Send[1], options: Send[2], callbacks: Send[3]) {
      const signal = options.signal ?? AbortSignal.timeout(timeoutMs)
      transport.send(
        path,
        body,
        { ...options, signal },
        {
          ...callbacks,
          error: (error) => callbacks?.error?.(inTime(error, signal)),
        },
      )
    },
    async request(path: Request[0], body: Request[1], options: Request[2], started: Request[3]) {
      const signal = options.signal ?? AbortSignal.timeout(timeoutMs)
      try {
        return await transport.request(path, body, { ...options, signal }, started)
      } catch (error) {
        const fault = error instanceof Error ? inTime(error, signal) : error
        throw fault instanceof HttpError ? fault : new TransportError(fault)
      }
    },
    iterate: transport.iterate.bind(transport),
  }
}
