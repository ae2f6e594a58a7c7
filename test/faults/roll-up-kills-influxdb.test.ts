import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'vitest'
import { openInfluxdbStore } from '#storage/influxdb/influxdb-store.ts'
import { silent } from '../journal/journal-parts.ts'
import { type Influxd, influxdInstalled, startInfluxd } from '../real/influxd.ts'
import { expectRollUpsRight, randomNumbers, randomReadings } from '../storage/roll-up-check.ts'
import { startPlatform } from '../support/platform-process.ts'
import { killWriters, publishLate, recentSpan, startWriter, untilRolledUp } from '../support/roll-up-writers.ts'

const seed = Date.now() % 1_000_000
const isHere = influxdInstalled() || process.env.CI !== undefined

const what = `roll-ups in InfluxDB are what the readings add up to (seed ${seed}), though`
describe.skipIf(!isHere)(what, { timeout: 180_000 }, () => {
  let influxd: Influxd
  const random = randomNumbers(seed)
  const some = (most: number) => 1 + Math.floor(random() * most)
  beforeEach(async () => {
    influxd = await startInfluxd()
  })
  afterEach(async () => {
    await killWriters()
    await influxd.close()
  })
  const check = async () => {
    // nobody writes any more: what is marked is written, or never will be
    const rollUps = { settleMs: 0 }
    const store = await openInfluxdbStore({ url: influxd.url, bucket: 'nhip', log: silent, rollUps })
    await expectRollUpsRight(store, recentSpan()).finally(() => store.close())
  }

  it('the process that does the upkeep is killed in the middle, again and again, and another one takes over while others write', async () => {
    const start = (number: number, does: 'write' | 'upkeep') =>
      startWriter(influxd.url, recentSpan(), seed + number, does)
    const writing = [start(0, 'write'), start(1, 'write')]
    let working = start(2, 'upkeep')
    for (let round = 0; round < 2; round++) {
      await working.says('step', some(10))
      const next = start(3 + round, 'upkeep')
      await next.says('standby')
      await working.kill()
      working = next
    }
    await working.says('step')
    for (const each of [working, ...writing]) await each.kill()
    await check()
  })

  it('influxd is killed in the middle, again and again', async () => {
    const writer = startWriter(influxd.url, recentSpan(), seed, 'both')
    for (let round = 0; round < 3; round++) {
      await writer.says('step', some(10))
      const { port, dir } = influxd
      await influxd.stop('SIGKILL')
      influxd = await startInfluxd({ port, dir })
    }
    await writer.says('stored')
    await writer.kill()
    await check()
  })

  it('the whole platform is killed in the middle while late and corrected readings come in', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'nhip-roll-ups-'))
    const env = { DATA_DIR: folder, SENSORS: '0', STORE: 'influxdb', INFLUX_URL: influxd.url }
    try {
      const store = await openInfluxdbStore({ url: influxd.url, bucket: 'nhip', log: silent })
      await store.write([...randomReadings(random, recentSpan(), 100)])
      await store.close()
      for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
        const platform = await startPlatform(env)
        try {
          // what the killed one was doing the next one leaves to it for a while
          if (signal === 'SIGKILL') await untilRolledUp(platform)
          await publishLate(platform, random, recentSpan(), some(50))
        } finally {
          await platform.stop(signal)
        }
      }
      await check()
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
