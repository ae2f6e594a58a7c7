import { describe, expect, it } from 'vitest'
import { appendLampOrders, LampOrders, lampOverridesAt, writeLampOrderCheckpoint } from '#storage/lamp-orders.ts'
import type { TelemetryStore } from '#storage/store.ts'
import type { LampOrder } from '#telemetry/command.ts'
import type { AcknowledgedOrder } from '#telemetry/lamp-override.ts'
import { day, minute, start } from './store-samples.ts'

const acknowledged = (sensor: string, order: LampOrder, at: number, by = 'An'): AcknowledgedOrder => ({
  ...{ sensor, district: 'tay-ninh', kind: 'lighting', command: `c-${at}`, order, by, since: start + at },
})
const on = { action: 'on' } as const
const automatic: LampOrder = { action: 'automatic' }

/** What a store gives back of the orders that lamps have acknowledged; `opened` gives the store of the running test. */
export function lampOrdersContract(opened: () => TelemetryStore): void {
  describe('orders of lamps', () => {
    const append = (orders: readonly AcknowledgedOrder[], at = Math.max(...orders.map(({ since }) => since))) =>
      appendLampOrders(opened(), orders, at)
    /** the lamps that are overridden at a time, as a process that starts then finds them */
    const found = async (at: number) => {
      const orders = new LampOrders()
      await orders.refresh(opened())
      return orders
        .overrides(start + at)
        .map(({ sensor, by }) => `${sensor} ${by}`)
        .sort()
    }

    it('are none in a new store', async () => {
      expect(await found(0)).toEqual([])
      expect(await lampOverridesAt(opened(), start)).toEqual([])
    })

    it('hold until their end, until the lamp is back on its schedule, or until the next order of anybody', async () => {
      await append([acknowledged('l1', on, 0), acknowledged('l2', { ...on, until: start + minute }, 0)])
      await append([acknowledged('l3', { action: 'dim', level: 0.4 }, 10)])
      expect(await found(20)).toEqual(['l1 An', 'l2 An', 'l3 An'])
      await append([acknowledged('l3', { action: 'off' }, 30, 'Bình')])
      await append([acknowledged('l1', automatic, 40)])
      expect(await found(50)).toEqual(['l2 An', 'l3 Bình'])
      expect(await found(minute)).toEqual(['l3 Bình'])
      const past = await lampOverridesAt(opened(), start + 35)
      expect(past.map(({ sensor, by }) => `${sensor} ${by}`).sort()).toEqual(['l1 An', 'l2 An', 'l3 Bình'])
    })

    it('are those that were acknowledged last, whichever was written last, and twice written they are one', async () => {
      const [later, earlier] = [acknowledged('l1', automatic, 2_000), acknowledged('l1', on, 1_000)]
      await append([later])
      await append([earlier], start + 3_000)
      await append([later], start + 4_000)
      expect(await found(5_000)).toEqual([])
    })

    it('of one command that two heard are one, from its first acknowledgement on', async () => {
      const heard = (at: number) => ({ ...acknowledged('l1', on, at), command: 'c' })
      await append([heard(200)])
      await append([heard(100)])
      await append([heard(300)])
      const orders = new LampOrders()
      await orders.refresh(opened())
      expect(orders.get('l1')?.since).toBe(start + 100)
      expect((await lampOverridesAt(opened(), start + 150)).map(({ since }) => since)).toEqual([start + 100])
    })

    it('are known from the last checkpoint on, and need nothing older', async () => {
      await append([acknowledged('l1', on, 0), acknowledged('l2', on, 1), acknowledged('l3', on, 2)])
      await append([acknowledged('l2', automatic, 100)])
      const orders = new LampOrders()
      await orders.refresh(opened())
      await writeLampOrderCheckpoint(opened(), orders.overrides(start + 2 * day), start + 2 * day)
      await append([acknowledged('l3', automatic, 2 * day + 5)])
      await opened().trimEvents('lamp-order', start + day)
      expect(await found(3 * day)).toEqual(['l1 An'])
      // who gave it and since when is what it was
      await orders.refresh(opened())
      expect(orders.get('l1')).toMatchObject({ by: 'An', since: start })
    })

    it('of other processes are found by who follows', async () => {
      const orders = new LampOrders()
      await orders.refresh(opened())
      await append([acknowledged('l1', on, 0)])
      await orders.refresh(opened())
      await append([acknowledged('l2', on, 5)], start + 5)
      // written later, with an earlier time
      await append([acknowledged('l3', on, 4)], start + 4)
      await orders.refresh(opened())
      expect(orders.overrides(start + 10)).toHaveLength(3)
    })
  })

  it('of lamps too many are forgotten, what is over first', () => {
    const orders = new LampOrders(3)
    orders.apply(acknowledged('l1', on, 1))
    orders.apply(acknowledged('l2', automatic, 2))
    orders.apply(acknowledged('l3', on, 3))
    orders.apply(acknowledged('l4', on, 4))
    expect(orders.overrides(start + 5).map(({ sensor }) => sensor)).toEqual(['l1', 'l3', 'l4'])
    orders.apply(acknowledged('l5', on, 5))
    expect(orders.overrides(start + 5).map(({ sensor }) => sensor)).toEqual(['l3', 'l4', 'l5'])
  })
}
