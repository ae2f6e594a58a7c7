// npm run bench:alert-flood: a flood of alerts on the operator's page: how smooth the page stays, and how soon a second browser sees an acknowledgement.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { addRules, connectCity, heatRule } from '../test/e2e/alert-city.ts'
import { figure, startBrowser, untilReady } from '../test/e2e/browser.ts'
import { startPlatform } from '../test/support/platform-process.ts'

/** alerts in the flood, in three wards */
const alerts = 500
const wards = ['tan-ninh', 'binh-minh', 'ninh-thanh']
/** ms looked at from the moment the flood begins */
const watchMs = 10_000
/** single alerts acknowledged in one browser and waited for in the other */
const acknowledgements = 10

/** Notes the length of each frame from now on. */
const startProbe = `globalThis.frames = []; {
  let last = performance.now()
  const frame = (now) => { globalThis.frames.push(now - last); last = now; requestAnimationFrame(frame) }
  requestAnimationFrame(frame)
}`

const percentile = (sorted: readonly number[], share: number) =>
  sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN

async function until(probe: () => Promise<boolean>): Promise<number> {
  const from = performance.now()
  while (!(await probe())) if (performance.now() - from > 60_000) throw new Error('waited in vain')
  return performance.now() - from
}

const folder = await mkdtemp(join(tmpdir(), 'nhip-alert-flood-'))
const platform = await startPlatform({ DATA_DIR: join(folder, 'data'), SENSORS: '200' })
const browser = await startBrowser()
const open = async (): Promise<Page> => {
  const page = await browser.open()
  await page.goto(`${platform.url}/?token=${platform.adminToken}`)
  await untilReady(page)
  return page
}
const unacknowledged = (page: Page) => figure(page, 'alert-rail', 'data-unacknowledged')
try {
  const city = await connectCity(platform)
  await addRules(platform, [heatRule({ vi: 'Nóng', en: 'Hot' }, 2, 45)])
  const page = await open()
  const of = (ward: number) =>
    Array.from({ length: alerts }, (_, at) => `flood-${at}`).filter((_, at) => at % 3 === ward)
  for (const [at, ward] of wards.entries()) await city.measure(of(at), 20, ward)
  const before = await unacknowledged(page)

  await page.evaluate(startProbe)
  const flood = performance.now()
  await Promise.all(wards.map((ward, at) => city.measure(of(at), 50, ward)))
  await until(async () => (await unacknowledged(page)) >= before + alerts)
  const shownMs = performance.now() - flood
  await page.waitForTimeout(Math.max(0, watchMs - shownMs))
  const frames = (await page.evaluate<number[]>('globalThis.frames')).toSorted((a, b) => a - b)
  const seconds = frames.reduce((sum, frame) => sum + frame, 0) / 1_000
  const rows = await page.locator('[data-testid=alert-rail] [data-row]').count()

  const other = await open()
  await until(async () => (await unacknowledged(other)) >= alerts)
  const seen: number[] = []
  for (let at = 0; at < acknowledgements; at++) {
    const held = await unacknowledged(other)
    await page.evaluate(`(async () => {
      const { alerts } = await (await fetch('/api/v1/alerts?state=unacknowledged&limit=1')).json()
      await fetch('/api/v1/alerts/acknowledge', { method: 'POST', headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ids: [alerts[0].id] }) })
    })()`)
    seen.push(await until(async () => (await unacknowledged(other)) < held))
  }
  seen.sort((a, b) => a - b)
  console.table([
    { figure: 'alerts in the flood', value: alerts },
    { figure: 'rows on the page', value: rows },
    { figure: 'until all are shown, ms', value: Math.round(shownMs) },
    { figure: 'frames/s', value: Number((frames.length / seconds).toFixed(1)) },
    { figure: 'frame p95, ms', value: Number(percentile(frames, 0.95).toFixed(1)) },
    { figure: 'longest frame, ms', value: Math.round(frames.at(-1) ?? Number.NaN) },
    { figure: 'acknowledged elsewhere, seen after, median ms', value: Math.round(percentile(seen, 0.5)) },
    { figure: 'the slowest of them, ms', value: Math.round(seen.at(-1) ?? Number.NaN) },
  ])
  await city.close()
} finally {
  await browser.close()
  await platform.stop('SIGKILL')
  await rm(folder, { recursive: true, force: true })
}
