import { expect, it } from 'vitest'
import { checkLedgers } from '#storage/ledger-check/ledger-check.ts'
import { startTcpLine } from '../real/tcp-line.ts'
import { expectNothingLost, startBurst } from './burst.ts'
import { describeLosses } from './faulty-services.ts'

/** A network is cut, or clocks of sensors are wrong, in the middle of a burst. */
describeLosses((parts) => {
  it('the network between services and journal is cut and healed', async () => {
    const before = parts.natsLine.refused
    parts.natsLine.cut()
    await expect.poll(() => parts.natsLine.refused, { timeout: 60_000 }).toBeGreaterThanOrEqual(before + 4)
    parts.natsLine.heal()
    await parts.prove()
  })

  it('the network between ingest and the store is cut and healed', async () => {
    parts.influxLine.cut()
    // acknowledged all the same: the journal has it
    await parts.burst.more(500)
    parts.influxLine.heal()
    await parts.prove()
  })

  it('the network between sensors and broker is cut and healed', async () => {
    const line = await startTcpLine(parts.services.mqttPort)
    const far = await startBurst({ port: line.port, password: parts.services.adminToken, sensors: 5 })
    await far.more(100)
    for (let cut = 0; cut < 3; cut++) {
      line.cut()
      line.heal()
      await far.more(50)
    }
    await far.stop()
    await line.close()
    await expectNothingLost(parts.store, far)
    await parts.prove()
  })

  it.each([-1, 1])('the clocks of sensors are wrong by %i day', async (days) => {
    // a day ahead is the most that is taken: a minute less, for the time on the way
    const clockErrorMs = days * 86_400_000 - Math.sign(days) * 60_000
    const wrong = await startBurst({
      port: parts.services.mqttPort,
      password: parts.services.adminToken,
      sensors: 3,
      clockErrorMs,
    })
    await wrong.more(100)
    await wrong.stop()
    await expectNothingLost(parts.store, wrong)
  })

  it('the clocks of sensors are more than a day ahead: what is refused is in quarantine, not missing', async () => {
    const wrong = await startBurst({
      ...{ port: parts.services.mqttPort, password: parts.services.adminToken },
      ...{ sensors: 3, clockErrorMs: 25 * 3_600_000 },
    })
    await wrong.more(100)
    await wrong.stop()
    const { acknowledged } = wrong
    const total = async () => (await checkLedgers({ ledgers: [wrong.ledger], store: parts.store })).total
    await expect.poll(total, { timeout: 60_000 }).toMatchObject({ acknowledged, refused: acknowledged, missing: 0 })
    await wrong.forget()
  })
})
