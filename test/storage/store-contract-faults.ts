import { describe, expect, it } from 'vitest'
import type { TelemetryStore } from '#storage/store.ts'
import { PlatformError } from '#telemetry/errors.ts'
import { air, counter, start } from './store-samples.ts'

const fail = () => {
  throw new TypeError('too deep')
}
/** Values at which the code that writes them fails. */
const unwritable: [string, object][] = [
  ['that fails when it is read', Object.defineProperty({}, 'pm25', { enumerable: true, get: fail })],
  ['that fails when it is made a number or a text', { pm25: { valueOf: fail, toString: fail } }],
]

/** What a store promises when its own code fails; `opened` gives the store of the running test. */
export function faultsContract(opened: () => TelemetryStore): void {
  describe('a fault of the store’s own code', () => {
    it.each(unwritable)(
      'at a value %s comes out as it is, for it would come again, and harms nothing',
      async (_, values) => {
        const good = [air('aq-1', start, 1), counter('tr-1', start, 2)]
        const bad = { ...air('aq-2', start, 1), values } as ReturnType<typeof air>
        const fault = await opened()
          .write([...good, bad])
          .catch((error: unknown) => error)
        expect(fault).toBeInstanceOf(Error)
        expect(fault).not.toBeInstanceOf(PlatformError)
        await opened().write(good)
        expect(await opened().count()).toBe(2)
        await opened().ping()
      },
    )
  })
}
