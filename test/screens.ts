// npm run screens: takes the pictures in docs/screens, of every page in each language and theme, and on a phone
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import sharp from 'sharp'
import { root } from '#start/prepare.mjs'
import { startBrowser } from './e2e/browser.ts'
import { letThingsHappen, startRefusingReceiver } from './e2e/happenings.ts'
import { openView, type View, views } from './e2e/views.ts'
import { screenLooks } from './screen-looks.ts'
import { startPlatform } from './support/platform-process.ts'

const { values } = parseArgs({ options: { only: { type: 'string' }, into: { type: 'string' } } })
const folder = values.into ?? join(root, 'docs/screens')
/** ms that the map has to draw what has come */
const drawMs = 1_500
const shown = views.filter(({ name }) => values.only?.split(',').includes(name) ?? true)

const data = await mkdtemp(join(tmpdir(), 'nhip-screens-'))
const receiver = await startRefusingReceiver()
const platform = await startPlatform({ DATA_DIR: data, BACKFILL_DAYS: '7', ...receiver.env })
const browser = await startBrowser()

/** Takes these views in every look. */
async function picture(these: readonly View[]): Promise<void> {
  for (const { look, size, name } of screenLooks) {
    const page = await browser.open(size)
    for (const view of these) {
      await openView(page, platform.url, view, look, platform.adminToken)
      await page.waitForTimeout(drawMs)
      // it is that of the first readings
      await page.locator('[data-testid=latency][data-ms=""]').waitFor({ state: 'detached' })
      const shot = await page.screenshot({ animations: 'disabled' })
      const file = `${view.name}-${name}.png`
      await sharp(shot).png({ palette: true, colours: 64, effort: 10 }).toFile(join(folder, file))
      console.log(file)
      await page.goto('about:blank')
    }
    await page.context().close()
  }
}

try {
  await mkdir(folder, { recursive: true })
  if (values.only === undefined)
    for (const old of await readdir(folder)) if (old.endsWith('.png')) await rm(join(folder, old))
  await picture(shown.filter(({ isEventful }) => !isEventful))
  const eventful = shown.filter(({ isEventful }) => isEventful)
  if (eventful.length > 0) {
    await letThingsHappen(platform)
    await picture(eventful)
  }
} finally {
  await browser.close()
  await platform.stop()
  await receiver.close()
  await rm(data, { recursive: true, force: true })
}
