import { once } from 'node:events'
import { connect } from 'node:net'
import Fastify from 'fastify'
import { Registry } from 'prom-client'
import { expect, it } from 'vitest'
import type { ApiServer } from '#api/api-server.ts'
import { apiMetrics } from '#api/metrics.ts'
import { questionLimits } from '#api/questions.ts'
import { installWeighing } from '#api/weighing.ts'
import { stranger } from '#telemetry/people.ts'
import { until } from './api-parts.ts'

it('a question whose asker leaves before it is weighed takes nobody’s place', async () => {
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
  installWeighing(app, { limits: { ...questionLimits, perPerson: 2, all: 2, longestMs: 60_000 }, metrics })
  app.get('/api/v1/q', { config: { weight: 2 } }, async () => 'answer')
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
