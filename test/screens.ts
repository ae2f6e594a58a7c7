// npm run screens: takes the pictures in docs/screens, of every page in each language and theme, and on a phone
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import sharp from 'sharp'
import { root } from '#start/prepare.mjs'
import { startBrowser } from './e2e/browser.ts'
import { openView, views } from './e2e/views.ts'
import { startPlatform } from './platform-process.ts'
import { screenLooks } from './screen-looks.ts'

const { values } = parseArgs({ options: { only: { type: 'string' }, into: { type: 'string' } } })
const folder = values.into ?? join(root, 'docs/screens')
/** ms that the map has to draw what has come */
const drawMs = 1_500
const shown = views.filter(({ name }) => values.only === undefined || name === values.only)

const data = await mkdtemp(join(tmpdir(), 'nhip-screens-'))
const platform = await startPlatform({ DATA_DIR: data, BACKFILL_DAYS: '7' })
const browser = await startBrowser()
try {
  await mkdir(folder, { recursive: true })
  if (values.only === undefined)
    for (const old of await readdir(folder)) if (old.endsWith('.png')) await rm(join(folder, old))
  for (const { look, size, name } of screenLooks) {
    const page = await browser.open(size)
    for (const view of shown) {
      await openView(page, platform.url, view, look, platform.adminToken)
      await page.waitForTimeout(drawMs)
      const picture = await page.screenshot({ animations: 'disabled' })
      const file = `${view.name}-${name}.png`
      await sharp(picture).png({ palette: true, colours: 64, effort: 10 }).toFile(join(folder, file))
      console.log(file)
      await page.goto('about:blank')
    }
    await page.context().close()
  }
} finally {
  await browser.close()
  await platform.stop()
  await rm(data, { recursive: true, force: true })
}
