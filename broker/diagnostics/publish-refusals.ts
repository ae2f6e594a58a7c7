import type { Aedes } from 'aedes'
import type { Logger } from 'pino'
import type { RefusalBatch } from '#telemetry/diagnostics.ts'
import { refusalsTopic } from '#telemetry/topics.ts'

/** Publishes what was refused, to who listens now. `broker` is asked for with the first batch. */
export function refusalPublisher(broker: () => Aedes, log: Logger): (batch: RefusalBatch) => void {
  return (batch) => {
    const payload = Buffer.from(JSON.stringify(batch))
    const packet = { cmd: 'publish', topic: refusalsTopic, payload, qos: 0, retain: false, dup: false } as const
    broker().publish(packet, (error) => {
      if (error) log.debug({ err: error }, 'what was refused could not be told')
    })
  }
}
