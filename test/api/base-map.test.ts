import { mkdtemp, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PMTiles } from 'pmtiles'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Api } from '#api/api.ts'
import { parseRange } from '#api/base-map/byte-range.ts'
import { checkBaseMap } from '#api/base-map/check-base-map.ts'
import { archiveOf, smallMap, writeArchive } from '../support/pmtiles-file.ts'
import { adminToken, get, openTestStore, startTestApi, type TestStore } from './api-parts.ts'

const path = '/api/v1/base-map'

describe('the file of the base map', () => {
  let folder: string
  let file: string
  let test: TestStore
  let api: Api
  let bytes: Buffer

  const ask = (headers: Record<string, string> = {}, method = 'GET') =>
    get(api, path, { method, headers: { authorization: `Bearer ${adminToken}`, ...headers } })
  const etagOf = async () => (await ask({}, 'HEAD')).headers.get('etag') ?? ''

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-base-map-'))
    file = join(folder, 'map.pmtiles')
    test = await openTestStore()
    api = await startTestApi({ store: test.store, brokerPort: 1, baseMap: file })
  })
  beforeEach(async () => {
    bytes = await writeArchive(file)
  })
  afterAll(async () => {
    await api.close()
    await test.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('is served whole, and its length told to HEAD', async () => {
    const whole = await ask()
    expect([whole.status, whole.headers.get('content-type')]).toEqual([200, 'application/vnd.pmtiles'])
    expect(Buffer.from(await whole.arrayBuffer())).toEqual(bytes)
    const head = await ask({}, 'HEAD')
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(bytes.length)])
    expect(head.headers.get('etag')).toMatch(/^"[\w-]+"$/)
  })

  it('is served by ranges, from either end', async () => {
    const last = bytes.length - 1
    for (const [range, first, end] of [
      ['bytes=0-126', 0, 126],
      ['bytes=100-', 100, last],
      ['bytes=-50', bytes.length - 50, last],
      [`bytes=10-${10 * bytes.length}`, 10, last],
    ] as const) {
      const part = await ask({ range })
      expect([part.status, part.headers.get('content-range')], range).toEqual([
        206,
        `bytes ${first}-${end}/${bytes.length}`,
      ])
      expect(Buffer.from(await part.arrayBuffer()), range).toEqual(bytes.subarray(first, end + 1))
    }
  })

  it('says how long it is to whoever asks beyond its end', async () => {
    const beyond = await ask({ range: `bytes=${bytes.length}-` })
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, `bytes */${bytes.length}`])
    expect(await beyond.json()).toMatchObject({ code: 'RANGE_BEYOND', faults: [{ code: 'RANGE_BEYOND_END' }] })
  })

  it('is not sent again to whoever has it, and whole to whoever has a part of another', async () => {
    const etag = await etagOf()
    expect((await ask({ 'if-none-match': `"other", ${etag}` })).status).toBe(304)
    expect((await ask({ range: 'bytes=0-9', 'if-range': etag })).status).toBe(206)
    expect((await ask({ range: 'bytes=0-9', 'if-range': '"other"' })).status).toBe(200)
  })

  it('is served under another ETag from the moment it is replaced', async () => {
    const before = await etagOf()
    const next = archiveOf({ ...smallMap, water: [] })
    await writeFile(`${file}.new`, next)
    await rename(`${file}.new`, file)
    const now = await ask()
    expect(now.headers.get('etag')).not.toBe(before)
    expect(Buffer.from(await now.arrayBuffer())).toEqual(next)
    await truncate(file, 0)
    expect((await ask()).status).toBe(404)
    await rm(file)
    expect((await ask()).status).toBe(404)
  })

  it('is refused to whoever may not see, and told to the page of who may', async () => {
    expect((await fetch(api.url + path)).status).toBe(401)
    expect(await (await get(api, '/api/v1/config')).json()).toMatchObject({ baseMapUrl: path })
    expect(await (await fetch(`${api.url}/api/v1/config`)).json()).not.toHaveProperty('baseMapUrl')
    const without = await startTestApi({ store: test.store, brokerPort: 1 })
    expect(await (await get(without, '/api/v1/config')).json()).not.toHaveProperty('baseMapUrl')
    expect((await get(without, path)).status).toBe(404)
    await without.close()
  })

  it('is read by the library of the page, over HTTP', async () => {
    const archive = new PMTiles({
      getKey: () => 'test',
      getBytes: async (offset, length) => {
        const part = await ask({ range: `bytes=${offset}-${offset + length - 1}` })
        return { data: await part.arrayBuffer() }
      },
    })
    expect(await archive.getHeader()).toMatchObject({ minZoom: 0, maxZoom: 12, tileType: 1 })
    // the tile of the square of water at 106.1, 11.3
    expect((await archive.getZxy(12, 3_255, 1_918))?.data.byteLength).toBeGreaterThan(20)
    expect(await archive.getZxy(12, 0, 0)).toBeUndefined()
  })

  it('is checked before it is used: an archive of vector tiles in the schema that the page draws', async () => {
    const faultOf = async (content: Buffer | string) => {
      await writeFile(file, content)
      return checkBaseMap(file)
    }
    expect(await checkBaseMap(file)).toBeUndefined()
    expect(await faultOf('')).toBe('it is no PMTiles archive')
    expect(await faultOf('<html>Not found</html>'.repeat(100))).toBe('it is no PMTiles archive')
    expect(await faultOf(archiveOf(smallMap, { tileType: 2 }))).toBe('it holds no vector tiles (MVT)')
    expect(await faultOf(archiveOf({ transportation: smallMap.roads ?? [] }))).toBe(
      "its tiles are not of Protomaps' schema: no layer earth, water, roads",
    )
    expect(await faultOf(bytes.subarray(0, 140))).toBeTypeOf('string')
    expect(await checkBaseMap(join(folder, 'absent'))).toContain('ENOENT')
    expect(await checkBaseMap(folder)).toContain('EISDIR')
  })
})

describe('a Range header', () => {
  it.each([
    [undefined, undefined],
    ['bytes=-', undefined],
    ['lines=0-1', undefined],
    ['bytes=0-1,4-5', undefined],
    ['bytes=5-3', undefined],
    ['bytes=0-0', { first: 0, last: 0 }],
    ['bytes=3-', { first: 3, last: 9 }],
    ['bytes=-3', { first: 7, last: 9 }],
    ['bytes=-30', { first: 0, last: 9 }],
    ['bytes=8-30', { first: 8, last: 9 }],
    ['bytes=10-', 'beyond'],
    ['bytes=-0', 'beyond'],
  ])('%s asks of ten bytes for %o', (header, range) => {
    expect(parseRange(header, 10)).toEqual(range)
  })
})
