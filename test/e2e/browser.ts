import { type Browser, chromium, type Page } from 'playwright-core'

/** A browser, and what went wrong on its pages. */
export interface TestBrowser {
  open(options?: { width?: number; height?: number; locale?: string }): Promise<Page>
  /** errors of the console and of scripts, and requests to anyone but the server under test */
  complaints: string[]
  close(): Promise<void>
}

/** noise of software rendering, said by the graphics driver and not by the page */
const driverNoise = /GL Driver Message|GPU stall due to ReadPixels/

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

/** Starts Chromium without a window. `webgl: false` takes WebGL from it. */
export async function startBrowser({ webgl = true } = {}): Promise<TestBrowser> {
  const browser: Browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
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
