import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'vitest'
import { openDuckdbStore } from '#storage/duckdb/duckdb-store.ts'
import { silent } from '../journal/journal-parts.ts'
import { expectRollUpsRight, randomNumbers } from '../storage/roll-up-check.ts'
import { startPlatform } from '../support/platform-process.ts'
import { killWriters, publishLate, recentSpan, startWriter, untilRolledUp } from '../support/roll-up-writers.ts'

const seed = Date.now() % 1_000_000

describe(`roll-ups are what the readings add up to (seed ${seed}), though`, { timeout: 180_000 }, () => {
  let folder: string
  let stop: (() => Promise<unknown>) | undefined
  const random = randomNumbers(seed)
  const some = (most: number) => 1 + Math.floor(random() * most)
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nhip-roll-ups-'))
  })
  afterEach(async () => {
    await killWriters()
    await stop?.()
    stop = undefined
    await rm(folder, { recursive: true })
  })
  const check = async () => {
    const store = await openDuckdbStore({ path: join(folder, 'nhip.duckdb'), log: silent })
    await expectRollUpsRight(store, recentSpan()).finally(() => store.close())
  }

  it('the process that writes and rolls up is killed in the middle, again and again', async () => {
    for (let round = 0; round < 3; round++) {
      const writer = startWriter(join(folder, 'nhip.duckdb'), recentSpan(), seed + round, 'both')
      await writer.says('stored', 5)
      await writer.says('step', some(8))
      await writer.kill()
    }
    await check()
  })

  it('the whole platform is killed in the middle, again and again, while late and corrected readings come in', async () => {
    for (const signal of ['SIGKILL', 'SIGKILL', 'SIGTERM'] as const) {
      const platform = await startPlatform({ DATA_DIR: folder, SENSORS: '0' })
      stop = () => platform.stop('SIGKILL')
      // from the second start on there is something to roll up
      if (signal !== 'SIGTERM') await publishLate(platform, random, recentSpan(), 50 + some(50))
      else await untilRolledUp(platform)
      await publishLate(platform, random, recentSpan(), some(50))
      // the last one may write what it holds
      await platform.stop(signal)
    }
    await check()
  })
})
