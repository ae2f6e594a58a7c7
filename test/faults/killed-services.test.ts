import { expect, it } from 'vitest'
import { describeLosses } from './faulty-services.ts'

/** A process is killed in the middle of a burst. */
describeLosses((parts) => {
  it('ingest is killed and started again', async () => {
    // slower than what arrives: it has something in hand
    parts.influx.fault = { kind: 'slow', linesPerSecond: 200 }
    await parts.burst.more(1_000)
    await parts.services.kill('ingest')
    parts.influx.fault = { kind: 'none' }
    await parts.burst.more(500)
    await parts.startIngest()
    await parts.prove()
  })

  it('one of two ingests is killed: the other one takes over what it had in hand, and shows what is new', async () => {
    const other = await parts.services.startAnother('ingest', parts.detours())
    // slower than what arrives: both have something in hand
    parts.influx.fault = { kind: 'slow', linesPerSecond: 200 }
    await parts.burst.more(2_000)
    await parts.services.kill('ingest')
    parts.influx.fault = { kind: 'none' }
    const shown = await parts.watchScreens()
    await parts.prove()
    expect(shown.sensors.size).toBe(20)
    await shown.close()
    await parts.startIngest()
    await other.stop('SIGTERM')
  })

  it('the broker is killed and started again', async () => {
    await parts.services.kill('broker')
    await parts.services.start('broker', { natsPort: parts.natsLine.port })
    await parts.prove()
  })

  it('influxd is killed and started again', async () => {
    await parts.services.restartInfluxd()
    await parts.prove()
  })

  it('nats-server is killed and started again', async () => {
    await parts.services.nats.stop('SIGKILL')
    await parts.services.nats.start()
    await parts.prove()
  })
})
