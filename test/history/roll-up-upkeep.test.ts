import { pino } from 'pino'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RollUpUpkeep, type RollUpUpkeepOptions } from '#history/roll-up-upkeep.ts'
import type { UpkeepState, UpkeepStep } from '#storage/roll-ups.ts'
import { StoreUnavailableError } from '#telemetry/errors.ts'
import { HealthFaults } from '#telemetry/health-faults.ts'
import type { NewestReading } from '#telemetry/reading.ts'
import { airReading, openTestStore, type TestStore, until } from '../api/api-parts.ts'

const hour = 3_600_000
const log = pino({ level: 'silent' })
let running: RollUpUpkeep | undefined
let registry: Registry
beforeEach(() => {
  registry = new Registry()
})
afterEach(async () => {
  await running?.close()
  running = undefined
})
const start = (options: Pick<RollUpUpkeepOptions, 'store'> & Partial<RollUpUpkeepOptions>) => {
  running = new RollUpUpkeep({ registry, log, idleMs: 20, ...options })
  return running
}
const metric = async (name: string) =>
  (await registry.getSingleMetric(`nhip_history_upkeep_${name}`)?.get())?.values[0]?.value

describe('the upkeep of roll-ups in a store', () => {
  const now = Date.now()
  const first = (Math.floor(now / hour) - 30) * hour
  let test: TestStore
  beforeEach(async () => {
    test = await openTestStore()
  })
  afterEach(() => test.close())
  const write = (minutes: readonly number[], pm25: number) =>
    test.store.write(minutes.map((minute) => airReading('aq-1', first + minute * 60_000, pm25)))
  const means = async () => {
    const members = [{ sensor: 'aq-1', group: 0 }]
    const edges = [first, first + hour, first + 2 * hour]
    const cells = await test.store.rollUps({ kind: 'air-quality', value: 'pm25', members, edges })
    return cells.map(({ count, sum }) => Number(sum) / count / 1e6)
  }

  it('rolls up what is over, and what came late or was corrected well within a minute', async () => {
    await write([0, 5, 60, 65], 10)
    await test.store.write([airReading('aq-1', now, 1)])
    start({ store: test.store })
    await until('the hours', async () => (await test.store.upkeepState()).rolledTo !== undefined)
    await until('all of it', async () => (await metric('lag_seconds')) === 0)
    expect(await metric('hours_total')).toBeGreaterThanOrEqual(2)
    await write([5, 10], 40) // one corrected, one late
    expect(await means()).toEqual([30, 10])
    await until('the recompute', async () => (await test.store.upkeepState()).dirty === 0)
    await until('the metric', async () => (await metric('dirty_hours')) === 0)
    expect(await means()).toEqual([30, 10])
  })

  it('resolves who waits for the hours before a time, at once where there is nothing', async () => {
    await start({ store: test.store }).rollUpBefore(first)
    await running?.close()
    registry = new Registry()
    await write([0, 60], 10)
    await start({ store: test.store }).rollUpBefore(now)
    const { rolledTo = 0, dirty } = await test.store.upkeepState()
    expect([rolledTo >= first + 2 * hour, dirty]).toEqual([true, 0])
  })

  it('waits for a store that is away, counts it, and goes on', async () => {
    await write([0, 60], 10)
    test.down = true
    start({ store: test.store })
    await until('a fault', async () => Number(await metric('faults_total')) > 0)
    test.down = false
    await until('the hours', async () => (await test.store.upkeepState()).rolledTo !== undefined)
  })

  it('leaves nobody waiting when it is closed', async () => {
    test.down = true
    const waiting = start({ store: test.store }).rollUpBefore(now)
    void running?.close()
    await expect(waiting).rejects.toThrow(StoreUnavailableError)
    test.down = false
  })
})

describe('the upkeep of roll-ups', () => {
  /** A store with so many steps to do, each of which takes so long. */
  function busyStore(stepMs: number, given: { steps?: number; state?: Partial<UpkeepState> } = {}) {
    const { steps = Number.POSITIVE_INFINITY, state = {} } = given
    const spans: { from: number; to: number }[] = []
    return {
      spans,
      latest: async () => [{ ts: Date.now() }] as NewestReading[], // of a reading the upkeep looks at the time alone
      upkeepState: async () => ({ rolledTo: Date.now(), frozenTo: 0, dirty: 0, dirtySince: undefined, ...state }),
      upkeep: async (): Promise<UpkeepStep> => {
        const from = performance.now()
        await new Promise((resolve) => setTimeout(resolve, stepMs))
        spans.push({ from, to: performance.now() })
        return { hours: 3, readings: 100, more: spans.length < steps }
      },
    }
  }

  it('pauses four times as long as a step took, and counts what it does', async () => {
    const store = busyStore(40)
    start({ store })
    await until('some steps', () => store.spans.length > 3)
    await running?.close()
    const pauses = store.spans.slice(1).map(({ from }, index) => from - (store.spans[index]?.to ?? 0))
    for (const pause of pauses) expect(pause).toBeGreaterThan(4 * 35)
    const steps = store.spans.length
    expect([await metric('hours_total'), await metric('readings_total')]).toEqual([3 * steps, 100 * steps])
    expect(await metric('seconds_total')).toBeGreaterThan((35 * steps) / 1_000)
  })

  it('does nothing while another process does it, and takes its turn once it may', async () => {
    const store = busyStore(1, { steps: 1 })
    let mayDoIt = false
    let released = 0
    const lease = { acquire: async () => mayDoIt, release: async () => void released++ }
    start({ store, lease })
    await until('standing by', async () => (await metric('standby')) === 1)
    expect(store.spans).toEqual([])
    mayDoIt = true
    await until('its turn', () => store.spans.length > 0)
    expect(await metric('standby')).toBe(0)
    await running?.close()
    expect(released).toBe(1)
  })

  it('ends though the lease cannot be let go', async () => {
    const release = () => Promise.reject(new StoreUnavailableError('away'))
    start({ store: busyStore(1), lease: { acquire: async () => true, release } })
    await running?.close()
  })

  it('says by how much it is behind, as metrics', async () => {
    const dirtySince = Date.now() - 100_000
    const faults = new HealthFaults()
    start({ store: busyStore(1, { steps: 1, state: { rolledTo: 0, dirty: 7, dirtySince } }), faults })
    await until('the state', async () => (await metric('dirty_hours')) === 7)
    expect(await metric('oldest_dirty_seconds')).toBeGreaterThanOrEqual(100)
    expect(await metric('lag_seconds')).toBeGreaterThan(365 * 24 * 3_600)
    // it has been so for a moment only
    expect(faults.now).toEqual([])
  })
})
