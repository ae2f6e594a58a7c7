import { once } from 'node:events'
import { connect } from 'node:net'
import Fastify, { type FastifyRequest } from 'fastify'
import { Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { installQueryLimits } from '#api/limits/query-limits.ts'
import { defaultQueryLimits } from '#api/limits/query-scheduler.ts'
import { apiMetrics } from '#api/metrics.ts'
import type { ApiServer } from '#api/server/api-server.ts'
import { stranger } from '#telemetry/people.ts'
import { until } from './api-parts.ts'

it('a question whose caller leaves before its cost is counted takes nobody’s place', async () => {
  const app = Fastify() as unknown as ApiServer // without schemas: nothing here has one
  const metrics = apiMetrics(new Registry())
  app.decorateRequest('person', undefined as never)
  let seen = 0
  app.addHook('onRequest', async (request) => {
    request.person = stranger
    seen += 1
    // as long as looking up who asks may take
    if (request.url.endsWith('leaves') && !request.raw.socket.destroyed) await once(request.raw.socket, 'close')
  })
  installQueryLimits(app, { limits: { ...defaultQueryLimits, perPerson: 2, all: 2, longestMs: 60_000 }, metrics })
  app.get('/api/v1/q', { config: { cost: 2 } }, async () => 'answer')
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  try {
    for (const left of [1, 2, 3]) {
      const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port) })
      socket.write('GET /api/v1/q?leaves HTTP/1.1\r\nhost: localhost\r\n\r\n')
      await until('the question', () => seen === left)
      socket.destroy()
    }
    await until('all to be told', async () => {
      const { values } = await metrics.questionsEnded.get()
      return values.some(({ labels, value }) => labels.why === 'gone' && value === 3)
    })
    expect((await metrics.questions.get()).values[0]?.value).toBe(0)
    expect(await (await fetch(`${url}/api/v1/q`)).text()).toBe('answer')
  } finally {
    await app.close()
  }
})

describe('a HEAD of a question', () => {
  it.each([
    ['/api/v1/light', 1],
    ['/api/v1/heavy', 2],
  ])(
    'of %s costs as much as its GET, waits its turn, has a deadline and ends when its caller goes',
    async (path, cost) => {
      const app = Fastify({ forceCloseConnections: true }) as unknown as ApiServer // without schemas: nothing here has one
      const metrics = apiMetrics(new Registry())
      app.decorateRequest('person', undefined as never)
      app.addHook('onRequest', async (request) => {
        request.person = stranger
      })
      const limits = { ...defaultQueryLimits, perPerson: 2, all: 2, waitingPerPerson: 0, longestMs: 60_000 }
      installQueryLimits(app, { limits, metrics })
      let begun = 0
      const ended: unknown[] = []
      const answer = async ({ queryContext: { signal } }: FastifyRequest) => {
        begun += 1
        await once(signal, 'abort')
        ended.push(signal.reason)
        return 'answer'
      }
      app.get('/api/v1/light', answer)
      app.get('/api/v1/heavy', { config: { cost: 2 } }, answer)
      const url = await app.listen({ host: '127.0.0.1', port: 0 })
      const leaving = new AbortController()
      try {
        const fitting = 2 / cost
        const asked = Array.from({ length: fitting }, () =>
          fetch(`${url}${path}`, { method: 'HEAD', signal: leaving.signal }).catch(() => undefined),
        )
        await until('the questions', () => begun === fitting)
        expect((await metrics.questions.get()).values[0]?.value).toBe(2)
        expect((await fetch(`${url}${path}`, { method: 'HEAD' })).status).not.toBe(200)
        leaving.abort()
        await Promise.all(asked)
        await until('them to end', () => ended.length === fitting)
        expect(ended).toEqual(Array.from({ length: fitting }, () => expect.objectContaining({ code: 'GONE' })))
        await until('their places', async () => (await metrics.questions.get()).values[0]?.value === 0)
      } finally {
        await app.close()
      }
    },
  )
})
