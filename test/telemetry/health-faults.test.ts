import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ProgressHealth } from '#ingest/health/progress-health.ts'
import { HealthFaults } from '#telemetry/health-faults.ts'

describe('the faults of a process', () => {
  it('stand while any part says so, each once', () => {
    const faults = new HealthFaults()
    const [one, other] = [faults.switchOf('INGEST_STUCK'), faults.switchOf('INGEST_STUCK')]
    expect(faults.now).toEqual([])
    one(true)
    other(true)
    faults.switchOf('STORE_WRITE')(true)
    expect(faults.now).toEqual(['STORE_WRITE', 'INGEST_STUCK'])
    one(false)
    expect(faults.now).toContain('INGEST_STUCK')
    other(false)
    expect(faults.now).toEqual(['STORE_WRITE'])
  })
})

describe('readiness', () => {
  it('goes with every fault but that of roll-ups which are behind: answers are right without them', () => {
    const faults = new HealthFaults()
    const behind = faults.switchOf('ROLL_UPS_BEHIND')
    expect(faults.areTolerable).toBe(true)
    behind(true)
    expect([faults.now, faults.areTolerable]).toEqual([['ROLL_UPS_BEHIND'], true])
    faults.switchOf('STORE_WRITE')(true)
    expect(faults.areTolerable).toBe(false)
  })
})

describe('the watch over progress', () => {
  let faults: HealthFaults
  let watch: ProgressHealth
  beforeEach(() => {
    vi.useFakeTimers()
    faults = new HealthFaults()
    watch = new ProgressHealth(faults.switchOf('INGEST_STUCK'))
  })
  afterEach(() => {
    watch.close()
    vi.useRealTimers()
  })

  it('says that it is stuck when something waits for a minute and nothing gets on, and not before', () => {
    vi.advanceTimersByTime(600_000)
    expect(faults.now).toEqual([])
    watch.recordWaiting()
    vi.advanceTimersByTime(59_000)
    watch.recordWaiting()
    expect(faults.now).toEqual([])
    vi.advanceTimersByTime(2_000)
    expect(faults.now).toEqual(['INGEST_STUCK'])
    watch.recordProgress(false)
    expect(faults.now).toEqual([])
    vi.advanceTimersByTime(61_000)
    expect(faults.now).toEqual(['INGEST_STUCK'])
    watch.close()
    expect(faults.now).toEqual([])
  })

  it('is not stuck when all got on', () => {
    watch.recordWaiting()
    watch.recordProgress(true)
    vi.advanceTimersByTime(600_000)
    expect(faults.now).toEqual([])
  })
})
