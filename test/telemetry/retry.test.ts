import { describe, expect, it } from 'vitest'
import { CoalescedTask } from '#telemetry/concurrency/coalesced-task.ts'
import { SingleFlight } from '#telemetry/concurrency/single-flight.ts'
import { ConfigError, StoreUnavailableError, UnreachableError } from '#telemetry/errors.ts'
import { backoffMs } from '#telemetry/retry/backoff.ts'
import { RepeatedTask } from '#telemetry/retry/repeated-task.ts'
import { type RetryFault, retry } from '#telemetry/retry/retry.ts'
import { sleep } from '#telemetry/retry/sleep.ts'
import { waitAtMost } from '#telemetry/retry/wait-at-most.ts'
import { WakeSignal } from '#telemetry/retry/wake-signal.ts'

const never = new AbortController().signal
const longMs = 600_000

describe('the back-off', () => {
  it('doubles up to the longest, and leaves between half of it and all of it', () => {
    for (const [failures, most] of [
      [1, 100],
      [2, 200],
      [4, 800],
      [5, 1_000],
      [2_000, 1_000],
    ] as const) {
      const waits = Array.from({ length: 200 }, () => backoffMs(failures, { firstMs: 100, longestMs: 1_000 }))
      expect(Math.min(...waits)).toBeGreaterThanOrEqual(most / 2)
      expect(Math.max(...waits)).toBeLessThanOrEqual(most)
      expect(new Set(waits).size).toBeGreaterThan(1)
    }
  })
})

describe('a sleep', () => {
  it('ends at once when its signal is aborted, before or during it', async () => {
    const stopping = new AbortController()
    const sleeping = sleep(longMs, stopping.signal)
    stopping.abort()
    await sleeping
    await sleep(longMs, stopping.signal)
  })

  it('ends for all who sleep when they are woken, and not for those who sleep later', async () => {
    const signal = new WakeSignal()
    const sleeping = [signal.sleep(longMs), signal.sleep(longMs)]
    signal.wake()
    await Promise.all(sleeping)
    let ended = false
    const later = signal.sleep(longMs).then(() => {
      ended = true
    })
    await sleep(1)
    expect(ended).toBe(false)
    signal.wake()
    await later
  })

  it('ends with the promise that is waited for, and rejects as that does', async () => {
    await waitAtMost(Promise.resolve(), longMs)
    await waitAtMost(new Promise(() => {}), 1)
    await expect(waitAtMost(Promise.reject(new Error('gone')), longMs)).rejects.toThrow('gone')
  })
})

describe('retry', () => {
  const backoff = { firstMs: 1, longestMs: 2 }

  it('tries again until it succeeds, and says each time how often it failed', async () => {
    const faults: RetryFault[] = []
    let tries = 0
    const task = async () => {
      if (++tries < 4) throw new UnreachableError('away')
      return 'here'
    }
    expect(await retry(task, { backoff, signal: never, onFault: (fault) => faults.push(fault) })).toBe('here')
    expect(faults.map(({ failures }) => failures)).toEqual([1, 2, 3])
  })

  it('ends at once with an error that says that another try does not help', async () => {
    let tries = 0
    const task = () => Promise.reject(tries++ || new ConfigError('wrong'))
    await expect(retry(task, { backoff, signal: never })).rejects.toThrow('wrong')
    expect(tries).toBe(1)
  })

  it('waits as long as the store asks for, and ends with its signal', async () => {
    const stopping = new AbortController()
    let waitMs = 0
    const task = () => Promise.reject(new StoreUnavailableError('busy', { retryAfterMs: longMs }))
    const onFault = (fault: RetryFault) => {
      waitMs = fault.waitMs
      stopping.abort()
    }
    await expect(retry(task, { backoff, signal: stopping.signal, onFault })).rejects.toThrow('busy')
    expect(waitMs).toBe(longMs)
  })
})

describe('a repeated task', () => {
  const backoff = { firstMs: 1, longestMs: 2 }

  it('runs again and again, after a failure too, one at a time', async () => {
    const faults: RetryFault[] = []
    let [runs, underWay, most] = [0, 0, 0]
    const repeated = new RepeatedTask({
      async task() {
        most = Math.max(most, ++underWay)
        await sleep(1)
        underWay -= 1
        if (++runs < 3) throw new Error('away')
      },
      ...{ everyMs: 1, backoff },
      onFault: (fault) => faults.push(fault),
    })
    await Promise.all([repeated.run(), repeated.run()])
    await expect.poll(() => runs).toBeGreaterThan(5)
    await repeated.close()
    const atEnd = runs
    await repeated.run()
    repeated.runIn(0)
    await sleep(5)
    expect(runs).toBe(atEnd)
    expect(most).toBe(1)
    expect(faults.map(({ failures }) => failures)).toEqual([1, 2])
  })

  it('runs sooner when it is asked to, also while it is under way', async () => {
    let runs = 0
    let goOn = () => {}
    const repeated = new RepeatedTask({
      async task() {
        runs += 1
        await new Promise<void>((resolve) => {
          goOn = resolve
        })
        return longMs
      },
      ...{ everyMs: longMs, backoff },
    })
    void repeated.run()
    repeated.runIn(0)
    goOn()
    await expect.poll(() => runs).toBe(2)
    goOn()
    await sleep(1)
    repeated.runIn(0)
    await expect.poll(() => runs).toBe(3)
    goOn()
    await repeated.close()
  })
})

describe('a single flight', () => {
  it('is joined while it is under way, and begins anew after that, also after a fault', async () => {
    let runs = 0
    const flight = new SingleFlight(async () => {
      runs += 1
      await sleep(1)
      if (runs === 1) throw new Error('first')
    })
    const [one, two] = [flight.run(), flight.run()]
    await expect(one).rejects.toThrow('first')
    await expect(two).rejects.toThrow('first')
    await flight.run()
    await flight.idle()
    expect(runs).toBe(2)
  })
})

describe('a coalesced task', () => {
  it('takes what is requested at any moment of a run, its very end included', async () => {
    // microtasks between the last look of a run at its queue and the request
    for (let late = 0; late < 20; late++) {
      const queue = ['first']
      const lateRequest = async () => {
        for (let i = 0; i < late; i++) await undefined
        queue.push('late')
        task.request()
      }
      let requested: Promise<void> | undefined
      const task = new CoalescedTask(async () => {
        while (queue.length > 0) {
          await undefined
          queue.shift()
          requested ??= lateRequest()
        }
      })
      task.request()
      await task.idle()
      await requested
      await task.idle()
      expect(queue).toEqual([])
    }
  })

  it('begins anew after a run that was long over, one run for all requests meanwhile', async () => {
    let runs = 0
    const task = new CoalescedTask(async () => {
      runs += 1
      await sleep(1)
    })
    for (let i = 0; i < 5; i++) task.request()
    await task.idle()
    expect(runs).toBe(2)
    task.request()
    await task.idle()
    expect(runs).toBe(3)
  })
})
