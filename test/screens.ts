// npm run screens: takes the pictures in docs/screens, of every page in both languages and themes, and on a phone
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import sharp from 'sharp'
import { root } from '#start/prepare.mjs'
import { startBrowser } from './e2e/browser.ts'
import { type Look, openView, views } from './e2e/views.ts'
import { startPlatform } from './platform-process.ts'

const { values } = parseArgs({ options: { only: { type: 'string' }, into: { type: 'string' } } })
const folder = values.into ?? join(root, 'docs/screens')
const languages = ['vi', 'en'] as const
const themes = ['light', 'dark'] as const
const desktop = { width: 1280, height: 860 }
const phone = { width: 390, height: 844 }
const looks: readonly Look[] = languages.flatMap((language) => themes.map((theme) => ({ language, theme })))
const shots = views
  .filter(({ name }) => values.only === undefined || name === values.only)
  .flatMap((view) => [
    ...looks.map((look) => ({ view, look, size: desktop, name: `${view.name}-${look.language}-${look.theme}` })),
    ...looks
      .filter(({ language, theme }) => (language === 'vi') === (theme === 'light'))
      .map((look) => ({ view, look, size: phone, name: `${view.name}-phone-${look.language}-${look.theme}` })),
  ])

const data = await mkdtemp(join(tmpdir(), 'nhip-screens-'))
const platform = await startPlatform({ DATA_DIR: data, BACKFILL_DAYS: '7' })
const browser = await startBrowser()
try {
  await mkdir(folder, { recursive: true })
  if (values.only === undefined)
    for (const old of await readdir(folder)) if (old.endsWith('.png')) await rm(join(folder, old))
  for (const { view, look, size, name } of shots) {
    const page = await browser.open(size)
    await openView(page, platform.url, view, look, platform.adminToken)
    await page.waitForLoadState('networkidle').catch(() => {}) // a live page may never be idle: then it is as it is
    const picture = await page.screenshot({ animations: 'disabled' })
    await sharp(picture)
      .png({ palette: true, colours: 64, effort: 10 })
      .toFile(join(folder, `${name}.png`))
    await page.context().close()
    console.log(`${name}.png`)
  }
} finally {
  await browser.close()
  await platform.stop()
  await rm(data, { recursive: true, force: true })
}
