import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe } from 'vitest'
import type { TelemetryStore } from '#storage/store.ts'
import { type StoreServer, storeKinds } from '../../storage/store-kinds.ts'

/** Local midnight of a day in Tây Ninh (UTC+7), epoch ms; `hour` and `minute` of its clock. */
export const localTime = (date: string, hour = 0, minute = 0): number =>
  Date.parse(`${date}T00:00:00+07:00`) + (hour * 60 + minute) * 60_000

/** Rolls up all that ended before a time. */
export async function rollUp(store: TelemetryStore, until: number): Promise<void> {
  while ((await store.upkeep({ until, maxReadings: 100_000 })).more);
}

/** Describes what holds on every store; `opened` gives the store, filled once by `fill`. */
export function onEachStore(
  what: string,
  fill: (store: TelemetryStore) => Promise<void>,
  tests: (opened: () => TelemetryStore) => void,
): void {
  for (const kind of storeKinds)
    describe.runIf(kind.isThere())(`${what} on ${kind.name}`, () => {
      let server: StoreServer
      let folder: string
      let store: TelemetryStore

      beforeAll(async () => {
        folder = await mkdtemp(join(tmpdir(), 'nhip-figures-'))
        server = await kind.start()
        store = await server.open(folder, 'figures')
        await fill(store)
      }, 60_000)
      afterAll(async () => {
        await store?.close()
        await server?.close()
        await rm(folder, { recursive: true })
      })
      tests(() => store)
    })
}
