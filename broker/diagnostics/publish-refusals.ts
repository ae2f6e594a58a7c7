import type { Aedes } from 'aedes'
import type { Logger } from 'pino'
import type { RefusalBatch } from '#telemetry/diagnostics.ts'
import { refusalsTopic } from '#telemetry/topics.ts'

/** Makes what publishes refusals to the present subscribers of diagnostics. */
export function refusalPublisher(aedes: Aedes, log: Logger): (batch: RefusalBatch) => void {
  return (batch) => {
    const payload = Buffer.from(JSON.stringify(batch))
    const packet = { cmd: 'publish', topic: refusalsTopic, payload, qos: 0, retain: false, dup: false } as const
    aedes.publish(packet, (error) => {
      if (error) log.debug({ err: error }, 'refusals could not be published')
    })
  }
}
