import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type PlatformProcess, startPlatform } from '../support/platform-process.ts'
import { writeArchive } from '../support/pmtiles-file.ts'

describe('a base map', () => {
  let folder: string
  let data: string
  let platform: PlatformProcess | undefined

  const start = async (env: Record<string, string> = {}) => {
    platform = await startPlatform({ DATA_DIR: data, SENSORS: '0', ...env })
    return platform
  }
  const urlFrom = async ({ url, adminToken }: PlatformProcess) => {
    const answer = await fetch(`${url}/api/v1/config`, { headers: { authorization: `Bearer ${adminToken}` } })
    const { baseMapUrl } = (await answer.json()) as { baseMapUrl?: string } // what the api's tests check
    return baseMapUrl
  }
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-base-map-'))
    data = join(folder, 'data')
    await mkdir(data)
  })
  afterEach(async () => {
    await platform?.stop('SIGKILL')
    platform = undefined
    await rm(folder, { recursive: true, force: true })
  })

  it('is map.pmtiles in the data folder', async () => {
    await writeArchive(join(data, 'map.pmtiles'))
    const started = await start()
    expect(await urlFrom(started)).toBe('/api/v1/base-map')
    expect(started.output()).not.toContain('base map')
  })

  it('is not missed where there is none', async () => {
    const started = await start()
    expect(await urlFrom(started)).toBeUndefined()
    expect(started.output()).not.toContain('base map')
  })

  it('is told at the start when it is none, and the platform starts with its sketch', async () => {
    const named = join(folder, 'city.pmtiles')
    await writeFile(named, '<html>Not found</html>'.repeat(100))
    await writeArchive(join(data, 'map.pmtiles'))
    const started = await start({ MAP_TILES: named })
    expect(started.output()).toContain(
      `MAP_TILES "${named}" is no base map: it is no PMTiles archive; the sketch is drawn (docs/base-map.md tells`,
    )
    expect(await urlFrom(started)).toBeUndefined()
  })
})
