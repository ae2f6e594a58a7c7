import { afterEach, describe, expect, it } from 'vitest'
import { freePort } from '../real/free-port.ts'
import { openServices, type Services, servicesInstalled } from '../support/services.ts'

describe.skipIf(!servicesInstalled())('an ingest service that cannot reach the journal', { timeout: 120_000 }, () => {
  let services: Services | undefined
  afterEach(() => services?.close())

  it('is not ready, says why, and is ready by itself once the journal is back', async () => {
    services = await openServices()
    const port = await freePort()
    await services.start('broker')
    await services.start('ingest', { env: { METRICS_PORT: String(port) } })
    const ready = async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/health/ready`)
      return { status: answer.status, text: await answer.text() }
    }
    const soon = { timeout: 30_000, interval: 100 }
    await expect.poll(ready, soon).toMatchObject({ status: 200 })
    await services.nats.stop()
    await expect.poll(ready, soon).toEqual({ status: 503, text: expect.stringContaining('JOURNAL_READ') })
    await services.nats.start()
    await expect.poll(ready, soon).toMatchObject({ status: 200 })
  })
})
