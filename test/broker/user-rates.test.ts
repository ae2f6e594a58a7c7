import { once } from 'node:events'
import { type Duplex, PassThrough } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defaultLimits } from '#broker/limits/limits.ts'
import { type Allowance, UserRates } from '#broker/limits/user-rates.ts'

const rate = defaultLimits.MESSAGES_PER_SECOND
const longMs = 60_000

describe('the rates of a device', () => {
  let now = 0
  const newRates = () => new UserRates(defaultLimits, () => now)
  const close = async (connection: Duplex) => {
    const closed = once(connection, 'close')
    connection.destroy()
    await closed
  }

  it('are shared with a connection that has been idle for long', () => {
    const rates = newRates()
    const idle = rates.allowanceOf(new PassThrough(), 'one', 'device')
    for (let i = 0; i < 100; i++) {
      now += longMs
      expect(rates.chargeConnect('one', 'device', 0)).toBe(true)
      expect(rates.allowanceOf(new PassThrough(), 'one', 'device')).toBe(idle)
    }
  })

  it('are forgotten once the last connection is closed and nothing is owed', async () => {
    const rates = newRates()
    const connections = [new PassThrough(), new PassThrough()] as const
    for (const connection of connections) rates.allowanceOf(connection, 'one', 'device')
    const look = () => {
      now += longMs
      rates.allowanceOf(new PassThrough().destroy(), 'other', 'device')
      return rates.size
    }
    const [first, second] = connections
    await close(first)
    expect(look()).toBe(2)
    await close(second)
    expect(look()).toBe(1)
  })

  it('are not anew for who connects again while it owes', async () => {
    const rates = newRates()
    const first = new PassThrough()
    const allowance = rates.allowanceOf(first, 'one', 'device')
    allowance.messages.consume(rate * 60, now)
    await close(first)
    now += longMs / 2
    expect(rates.allowanceOf(new PassThrough(), 'one', 'device')).toBe(allowance)
  })

  it('are one at any time, however its connections come and go', async () => {
    const steps = fc.array(
      fc.record({ opens: fc.boolean(), which: fc.nat(), afterMs: fc.integer({ min: 0, max: longMs }) }),
      { maxLength: 60 },
    )
    await fc.assert(
      fc.asyncProperty(steps, async (list) => {
        const rates = newRates()
        const open = new Map<Duplex, Allowance>()
        for (const { opens, which, afterMs } of list) {
          now += afterMs
          const closing = [...open.keys()][which % Math.max(open.size, 1)]
          if (opens || !closing) {
            const connection = new PassThrough()
            open.set(connection, rates.allowanceOf(connection, 'one', 'device'))
          } else {
            await close(closing)
            open.delete(closing)
          }
          expect(new Set(open.values()).size).toBeLessThanOrEqual(1)
        }
      }),
      { numRuns: 50 },
    )
  })

  it('of a service are of each connection', () => {
    const rates = newRates()
    expect(rates.allowanceOf(new PassThrough(), 'admin', 'admin')).not.toBe(
      rates.allowanceOf(new PassThrough(), 'admin', 'admin'),
    )
    expect(rates.size).toBe(0)
  })
})
