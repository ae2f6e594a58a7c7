import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { sensorsResponse } from '#telemetry/rest.ts'
import { openServices, type Services, serviceNames, servicesInstalled } from '../support/services.ts'
import { figure, findChromium, startBrowser, type TestBrowser, untilReady } from './browser.ts'

const deadline = { timeout: 60_000, interval: 100 }

describe.skipIf(!servicesInstalled() || !findChromium())(
  'the services of docker-compose.yml, each a process of its own',
  () => {
    let services: Services
    let browser: TestBrowser
    let page: Page

    beforeAll(async () => {
      services = await openServices()
      browser = await startBrowser()
      for (const name of serviceNames) await services.start(name)
      page = await browser.open()
      await page.goto(`${services.url}/?token=${services.adminToken}`)
      await untilReady(page)
    })
    afterAll(async () => {
      await browser?.close()
      await services?.close()
    })

    const untilAllFresh = () =>
      vi.waitFor(async () => expect(await figure(page, 'count-fresh', 'data-count')).toBeGreaterThan(190), deadline)
    const untilMoving = async () => {
      const before = await figure(page, 'connection', 'data-readings')
      await vi.waitFor(async () => {
        expect(await figure(page, 'connection', 'data-readings')).toBeGreaterThan(before)
        expect(await page.getByTestId('connection').getAttribute('data-state')).toBe('live')
        expect(await page.getByTestId('banner').count()).toBe(0)
      }, deadline)
    }

    it('show 200 moving sensors of both districts', async () => {
      await untilAllFresh()
      await untilMoving()
      const headers = { authorization: `Bearer ${services.adminToken}` }
      const answer = await fetch(`${services.url}/api/v1/sensors`, { headers })
      const { features } = sensorsResponse.parse(await answer.json())
      expect(features).toHaveLength(200)
      expect(new Set(features.map(({ properties }) => properties.district))).toEqual(new Set(['tay-ninh', 'hoa-thanh']))
    })

    it.each(serviceNames)('heal on the screen when %s is killed and started again', async (name) => {
      await services.kill(name)
      await services.start(name)
      await untilMoving()
      await untilAllFresh()
    })

    it.each(['influxd', 'nats-server'])('heal on the screen when %s is killed and started again', async (name) => {
      if (name === 'influxd') await services.restartInfluxd()
      else {
        await services.nats.stop('SIGKILL')
        await services.nats.start()
      }
      await untilMoving()
      await untilAllFresh()
    })

    it('do not say that there are no alerts while the one that knows them is away', async () => {
      await services.kill('alerts')
      await services.kill('api')
      await services.start('api')
      const rail = page.getByTestId('alert-rail')
      const silent = 'Dịch vụ cảnh báo không trả lời'
      await vi.waitFor(async () => {
        expect(await page.getByTestId('connection').getAttribute('data-state')).toBe('live')
        expect(await rail.textContent()).toContain(silent)
      }, deadline)
      expect(await page.getByTestId('no-alerts').count()).toBe(0)
      await services.start('alerts')
      await vi.waitFor(async () => expect(await rail.textContent()).not.toContain(silent), deadline)
    })

    it('stop with exit code 0', async () => {
      for (const name of serviceNames.toReversed()) expect(await services.process(name).stop('SIGTERM')).toBe(0)
      // a server that goes away is no fault of the page
      expect(browser.complaints.filter((text) => !/Failed to load resource|WebSocket connection/.test(text))).toEqual(
        [],
      )
    })
  },
)
