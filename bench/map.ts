// What the live map costs the browser: 5,000 sensors, a fifth of them changing four times a second, the whole platform beside it.
// On the sketch, and on a base map of thousands of streets and buildings, each in a browser that has nothing of the page yet.
// npm run bench:map            BENCH_SECONDS=10 for each row; BENCH_GROUND=sketch or base-map: that alone;
//                              BENCH_PROFILE=file keeps what the page's script did in file.GROUND-load.cpuprofile, …-values, …-pan
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CDPSession, chromium, type Page } from 'playwright-core'
import { loadCity } from '#city/city.ts'
import { placeSensors } from '#simulators/placement.ts'
import type { SimulatedSensor } from '#simulators/sensor.ts'
import { figure, findChromium, untilReady } from '../test/e2e/browser.ts'
import { startPlatform } from '../test/support/platform-process.ts'
import { archiveOf } from '../test/support/pmtiles-file.ts'
import { CityLoad, cityReport, jumpingReport, type Report } from './load/city-load.ts'
import { denseBaseMap } from './load/dense-base-map.ts'
import { pageProbe } from './load/page-probe.ts'

const seconds = Number(process.env.BENCH_SECONDS ?? 10)
const sensorCount = Number(process.env.BENCH_SENSORS ?? 5_000)
const share = 0.2
const hz = 4
const probes = Number(process.env.BENCH_PROBES ?? 30)
const flood = 500

type Ground = 'sketch' | 'base-map'
const grounds: readonly string[] = process.env.BENCH_GROUND ? [process.env.BENCH_GROUND] : ['sketch', 'base-map']

/** Where the map stands, and a lonely sensor in a corner of it whose pixel is watched. */
const view = { lon: 106.125, lat: 11.305, zoom: 11.6 }
const lonely: SimulatedSensor = {
  id: 'bench-probe',
  district: 'tay-ninh',
  kind: 'traffic',
  busyness: 1,
  meta: { name: { vi: 'Đo', en: 'Probe' }, position: [106.2, 11.35], period: 60, freeFlowSpeed: 50 },
}

interface Row {
  what: string
  'frames/s': number
  'p95 frame ms': number
  'longest ms': number
  'drawings/s': number
  'readings/s': number
  'header p95 ms': number
}

const quantile = (values: readonly number[], share: number) =>
  values.toSorted((a, b) => a - b)[Math.ceil(values.length * share) - 1] ?? Number.NaN
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Web Mercator: px of the world's square at a zoom, as MapLibre has it. */
function worldPixel([lon, lat]: readonly [number, number], zoom: number): [number, number] {
  const size = 512 * 2 ** zoom
  const y = Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360))
  return [((lon + 180) / 360) * size, (0.5 - y / (2 * Math.PI)) * size]
}

async function pixelOf(page: Page, position: readonly [number, number]): Promise<[number, number]> {
  const box = await page.getByTestId('map').boundingBox()
  if (!box) throw new Error('the page has no map')
  const centre = worldPixel([view.lon, view.lat], view.zoom)
  const at = worldPixel(position, view.zoom)
  return [Math.round(box.width / 2 + at[0] - centre[0]), Math.round(box.height / 2 + at[1] - centre[1])]
}

async function measure(
  page: Page,
  load: CityLoad,
  what: string,
  report: Report,
  meanwhile = () => wait(seconds * 1_000),
): Promise<Row> {
  load.start(share, hz, report)
  await wait(2_000)
  await page.evaluate('nhipProbe.drawings = nhipProbe.frames.length = 0')
  const sent = load.sent
  await meanwhile()
  const frames = await page.evaluate<number[]>('nhipProbe.frames')
  const row = {
    what,
    'frames/s': Number((frames.length / (frames.reduce((sum, ms) => sum + ms, 0) / 1_000)).toFixed(1)),
    'p95 frame ms': Number(quantile(frames, 0.95).toFixed(1)),
    'longest ms': Math.round(Math.max(...frames)),
    'drawings/s': Number(((await page.evaluate<number>('nhipProbe.drawings')) / seconds).toFixed(1)),
    'readings/s': Math.round((load.sent - sent) / seconds),
    'header p95 ms': await figure(page, 'latency', 'data-ms'),
  }
  load.stop()
  console.error(JSON.stringify(row))
  return row
}

/** ms from publishing a reading to its pixel, of a sensor that turns from free to jammed and back. */
async function publishToPixel(page: Page, load: CityLoad): Promise<number[]> {
  const latencies: number[] = []
  for (let probe = 0; probe < probes; probe++) {
    const jam = probe % 2 === 0
    // the map's box changes with the header's rows
    const [x, y] = await pixelOf(page, lonely.meta.position)
    const seen = page.evaluate<number>(`nhipProbe.untilColoured(${jam}, ${x}, ${y})`)
    // a probe falls anywhere between two batches
    await wait(200 + Math.random() * 200)
    const at = Date.now()
    load.report([lonely], () => ({ intensity: 3, averageVehicleSpeed: jam ? 10 : 50 }))
    const timeout = wait(10_000).then(() => Promise.reject(new Error(`the pixel ${x}, ${y} did not change`)))
    latencies.push((await Promise.race([seen, timeout])) - at)
  }
  return latencies
}

async function heapMb(cdp: CDPSession): Promise<number> {
  await cdp.send('HeapProfiler.collectGarbage')
  const { usedSize } = await cdp.send('Runtime.getHeapUsage')
  return Math.round(usedSize / 1e5) / 10
}

/** Drags the map in circles for so long: its frames are those that somebody sees who looks around. */
async function pan(page: Page): Promise<void> {
  const box = await page.getByTestId('map').boundingBox()
  if (!box) throw new Error('the page has no map')
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]
  await page.mouse.move(x, y)
  await page.mouse.down()
  const ends = performance.now() + seconds * 1_000
  for (let turn = 0; performance.now() < ends; turn += 0.05) {
    await page.mouse.move(x + 150 * Math.sin(turn), y + 150 * (1 - Math.cos(turn)))
    await wait(16)
  }
  await page.mouse.up()
}

/** What loading costs a browser that has nothing of the page yet, ms. */
async function firstRest(page: Page): Promise<{ loaded: number; idle: number }> {
  // the page's security policy forbids what waitForFunction does
  while (!(await page.evaluate<boolean>(`performance.getEntriesByName('map-idle').length > 0`))) await wait(100)
  const [loaded = 0, idle = 0] = await page.evaluate<number[]>(
    `[performance.getEntriesByType('navigation')[0].loadEventEnd, performance.getEntriesByName('map-idle')[0].startTime]`,
  )
  return { loaded: Math.round(loaded), idle: Math.round(idle) }
}

async function profiled<T>(cdp: CDPSession, what: string, work: () => Promise<T>): Promise<T> {
  const file = process.env.BENCH_PROFILE
  if (!file) return work()
  await cdp.send('Profiler.enable')
  await cdp.send('Profiler.start')
  const result = await work()
  const { profile } = await cdp.send('Profiler.stop')
  await writeFile(`${file}.${what}.cpuprofile`, JSON.stringify(profile))
  return result
}

/** Measures the map of a platform of its own, in a browser of its own, on a base map or on the sketch. */
async function benchMap(
  ground: Ground,
  sensors: readonly SimulatedSensor[],
  baseMap: Buffer | undefined,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'nhip-bench-'))
  if (baseMap) await writeFile(join(folder, 'map.pmtiles'), baseMap)
  const platform = await startPlatform({ DATA_DIR: folder, SENSORS: '0' })
  const executablePath = findChromium()
  if (!executablePath) throw new Error('chromium is not on the PATH')
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-quic', '--disable-background-networking', '--no-first-run'],
  })
  const access = { port: platform.mqttPort, username: 'admin', password: platform.adminToken }
  // the first of them is never among those that report by themselves
  const load = new CityLoad({ ...access, sensors: [lonely, ...sensors] })
  try {
    await load.announce(cityReport)
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    await page.addInitScript(pageProbe)
    const cdp = await page.context().newCDPSession(page)
    const address = `${platform.url}/?token=${platform.adminToken}#map=${view.zoom}/${view.lat}/${view.lon}`
    const rest = await profiled(cdp, `${ground}-load`, async () => {
      await page.goto(address)
      await untilReady(page)
      return firstRest(page)
    })
    const rows = [
      await profiled(cdp, `${ground}-values`, () => measure(page, load, `${ground}: the city's values`, cityReport)),
    ]
    const heap = await heapMb(cdp)
    rows.push(await measure(page, load, `${ground}: traffic that jumps with each reading`, jumpingReport))

    load.start(share, hz, cityReport)
    const latencies = await publishToPixel(page, load)
    load.stop()

    const failing = sensors.filter(({ kind }) => kind === 'lighting').slice(0, flood)
    load.report(failing, () => ({ powerState: 'off', fault: 'supply' }))
    rows.push(await measure(page, load, `${ground}: ${flood} lamps failed at once`, cityReport))
    rows.push(
      await profiled(cdp, `${ground}-pan`, () =>
        measure(page, load, `${ground}: while somebody pans`, cityReport, () => pan(page)),
      ),
    )

    console.table(rows)
    console.table({
      'load event, ms after the start': rest.loaded,
      'first rest, ms after the load event': rest.idle - rest.loaded,
      'first rest, ms after the start': rest.idle,
      'publish to pixel p50 ms': quantile(latencies, 0.5),
      'publish to pixel p95 ms': quantile(latencies, 0.95),
      'heap MB': heap,
      'heap MB at the end': await heapMb(cdp),
      'load average of the machine': loadavg()[0]?.toFixed(1),
    })
  } finally {
    // before the platform: a lost connection would hide what went wrong
    load.close()
    await browser.close()
    await platform.stop('SIGKILL')
    await rm(folder, { recursive: true })
  }
}

const city = await loadCity()
const sensors = placeSensors(city, sensorCount - 1, 1)
if (grounds.includes('sketch')) await benchMap('sketch', sensors, undefined)
if (grounds.includes('base-map')) await benchMap('base-map', sensors, archiveOf(denseBaseMap(city), { maxZoom: 14 }))
