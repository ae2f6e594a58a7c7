// npm run bench:soak: what half an hour of an operator's work does to the memory of the page and of the platform
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CDPSession, Page } from 'playwright-core'
import { startBrowser, untilReady } from '../test/e2e/browser.ts'
import { startPlatform } from '../test/support/platform-process.ts'

const minutes = Number(process.env.SOAK_MINUTES ?? 30)
const sensors = process.env.SENSORS ?? '1000'
/** minutes after which the first heap is taken: by then everything has been opened once */
const warmUp = Math.min(3, minutes / 5)
const minuteMs = 60_000

/** MB that the page's scripts hold once what is no longer used has been collected. */
async function heap(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  return usedSize / 1_048_576
}

/** MB of memory that a process has now. */
async function resident(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024)
}

/** What an operator does now and then: looks at sensors, goes through the list, changes language and theme, moves the map. */
async function work(page: Page, round: number): Promise<void> {
  await page.getByRole('button', { name: round % 2 === 0 ? 'EN' : 'VI', exact: true }).click()
  await page.getByTestId('theme').click()
  await page
    .getByTestId('sensor-row')
    .nth(round % 5)
    .click()
  await page.locator('.uplot canvas').waitFor()
  await page.keyboard.press('Escape')
  const map = await page.getByTestId('map').boundingBox()
  if (!map) throw new Error('the map has gone')
  await page.mouse.move(map.x + map.width / 2, map.y + map.height / 2)
  await page.mouse.wheel(0, round % 2 === 0 ? -300 : 300)
}

const folder = await mkdtemp(join(tmpdir(), 'nhip-soak-'))
const platform = await startPlatform({ DATA_DIR: folder, SENSORS: sensors, BACKFILL_DAYS: '1' })
const browser = await startBrowser()
try {
  const page = await browser.open()
  await page.goto(`${platform.url}/?token=${platform.adminToken}`)
  await untilReady(page)
  const session = await page.context().newCDPSession(page)
  const began = Date.now()
  const elapsed = () => (Date.now() - began) / minuteMs
  const rows: { minute: number; 'page heap MB': number; 'platform RSS MB': number }[] = []
  let first: number | undefined
  for (let round = 0; elapsed() < minutes; round++) {
    await work(page, round)
    const heapMb = await heap(session)
    if (elapsed() >= warmUp) first ??= heapMb
    rows.push({
      minute: Number(elapsed().toFixed(1)),
      'page heap MB': Number(heapMb.toFixed(1)),
      'platform RSS MB': await resident(platform.process.pid),
    })
    await new Promise((resolve) => setTimeout(resolve, Math.min(minuteMs / 2, (minutes * minuteMs) / 20)))
  }
  console.table(rows)
  const last = rows.at(-1)?.['page heap MB'] ?? 0
  const growth = ((last - (first ?? last)) / (first ?? last)) * 100
  console.log(`${sensors} sensors, ${minutes} minutes: the page's heap grew by ${growth.toFixed(1)} % (bound: 20 %)`)
  if (browser.complaints.length > 0) console.log('the page complained:', browser.complaints)
} finally {
  await browser.close()
  await platform.stop()
  await rm(folder, { recursive: true, force: true })
}
