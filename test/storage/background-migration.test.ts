import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { BackgroundMigration } from '#storage/duckdb/background-migration.ts'
import { StoreUnavailableError } from '#telemetry/errors.ts'

const log = pino({ level: 'silent' })
const never = new AbortController().signal

/** A migrate whose tries end as they are told. */
function told(pauseMs: number) {
  const tries: { succeed(): void; fail(error: Error): void }[] = []
  const migrate = () => new Promise<void>((succeed, fail) => tries.push({ succeed, fail }))
  const filling = new BackgroundMigration({ migrate, log, pauseMs })
  filling.start()
  return { filling, tries }
}

const faultOf = (done: Promise<void>) => done.then(() => undefined).catch((error: unknown) => error)

describe('what an older file is given in the background', () => {
  it('holds up who asks by it until it is there, and nobody longer than they wait', async () => {
    const { filling, tries } = told(1)
    const patient = filling.done(never)
    const caller = new AbortController()
    const impatient = faultOf(filling.done(caller.signal))
    caller.abort(new Error('gone'))
    expect(await impatient).toEqual(new Error('gone'))
    expect(await faultOf(filling.done(caller.signal))).toEqual(new Error('gone'))
    tries[0]?.succeed()
    await patient
    await filling.done(never)
    expect(tries).toHaveLength(1)
  })

  it('is tried once however many ask, again after a pause, and each is told meanwhile that it failed', async () => {
    const { filling, tries } = told(60_000)
    const asked = Array.from({ length: 50 }, () => faultOf(filling.done(never)))
    tries[0]?.fail(new Error('disk full'))
    for (const fault of await Promise.all(asked)) expect(fault).toBeInstanceOf(StoreUnavailableError)
    for (let n = 0; n < 50; n++) expect(await faultOf(filling.done(never))).toMatchObject({ retryAfterMs: 60_000 })
    expect(tries).toHaveLength(1)
    filling.close()
  })

  it('is there after a later try', async () => {
    const { filling, tries } = told(1)
    tries[0]?.fail(new Error('disk full'))
    expect(await faultOf(filling.done(never))).toBeInstanceOf(StoreUnavailableError)
    await expect.poll(() => tries.length).toBe(2)
    tries[1]?.succeed()
    await filling.done(never)
  })

  it('is not tried again once the store is closed', async () => {
    const { filling, tries } = told(1)
    filling.close()
    tries[0]?.fail(new Error('the store is closed'))
    expect(await faultOf(filling.done(never))).toBeInstanceOf(StoreUnavailableError)
    expect(tries).toHaveLength(1)
  })
})
