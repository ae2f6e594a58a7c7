import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { root } from '#start/prepare.mjs'

/** How a page is opened. */
export interface PageOptions {
  width?: number
  height?: number
  locale?: string
}

/** A browser, and what went wrong on its pages. */
export interface TestBrowser {
  /** Opens an empty page with a session of its own. */
  open(options?: PageOptions): Promise<Page>
  /** errors and warnings of console, scripts and security policy, and requests to anyone but the server under test */
  complaints: string[]
  close(): Promise<void>
}

/** noise of software rendering, said by the graphics driver and not by the page */
const driverNoise = /GL Driver Message|GPU stall due to ReadPixels/

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Where Chromium is on the PATH; undefined when it is not installed. */
export function findChromium(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return folders.map((folder) => join(folder, 'chromium')).find(isExecutable)
}

function watch(page: Page, complaints: string[]): void {
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()) && !driverNoise.test(message.text()))
      complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('request', (request) => {
    const { hostname, protocol } = new URL(request.url())
    if (hostname !== '127.0.0.1' && !['blob:', 'data:'].includes(protocol)) complaints.push(`request to ${hostname}`)
  })
}

/** Starts Chromium without a window. `webgl: false` takes WebGL from it. Rejects when Chromium is not installed. */
export async function startBrowser({ webgl = true } = {}): Promise<TestBrowser> {
  const executablePath = findChromium()
  if (!executablePath) throw new Error('chromium is not on the PATH')
  const browser: Browser = await chromium.launch({
    executablePath,
    args: [
      ...['--no-sandbox', '--disable-quic', '--disable-background-networking', '--no-first-run'],
      ...(webgl ? [] : ['--disable-gpu', '--disable-software-rasterizer']),
    ],
  })
  const complaints: string[] = []
  return {
    complaints,
    async open({ width = 1440, height = 900, locale = 'en-GB' } = {}) {
      const page = await browser.newPage({ viewport: { width, height }, locale })
      watch(page, complaints)
      return page
    },
    close: () => browser.close(),
  }
}

/** Waits until the page has drawn its first data. */
export async function untilReady(page: Page): Promise<void> {
  await page.locator('body[data-ready=true]').waitFor({ timeout: 30_000 })
}

/** The number in a data attribute of the element with this test id. */
export async function figure(page: Page, testId: string, attribute: string): Promise<number> {
  return Number((await page.getByTestId(testId).getAttribute(attribute)) || Number.NaN)
}

/** Bytes of everything the page has loaded so far, in order: files of the build as gzip has them, whatever the browser took, all else as it was sent. */
export async function loadedBytes(page: Page): Promise<number[]> {
  const script = `['navigation', 'resource'].flatMap((type) => performance.getEntriesByType(type).map(({ name, encodedBodySize }) => ({ name, bytes: encodedBodySize })))`
  const loaded = await page.evaluate<{ name: string; bytes: number }[]>(script)
  return loaded.map(({ name, bytes }) => {
    const { pathname } = new URL(name)
    const file = join(root, 'dashboard/dist', pathname === '/' ? 'index.html' : pathname)
    return statSync(`${file}.gz`, { throwIfNoEntry: false })?.size ?? bytes
  })
}
