import mqtt from 'mqtt'
import { sensorTopic } from '#telemetry/topics.ts'
import type { PlatformProcess } from '../support/platform-process.ts'

/** Ids of stations that are silent, and on which of their values. */
export const silenced = { whole: 'sample-silent', partly: 'sample-partly' } as const

/** What holds them silent. */
export interface SilencedSensors {
  /** Ends what is sent. */
  close(): Promise<void>
}

/** s; three of them without a reading are stale */
const period = 2

/**
 * Lets one station send once and then nothing more, and another send one of its two values once and the other each second: the first
 * becomes stale, of the second one value does. They stay so until `close`.
 */
export async function silenceSensors({ mqttPort, adminToken }: PlatformProcess): Promise<SilencedSensors> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${mqttPort}`, {
    ...{ protocolVersion: 4, username: 'admin', password: adminToken },
  })
  const send = (sensor: string, channel: 'meta' | 'reading', body: object) =>
    client.publishAsync(
      sensorTopic({ ...{ district: 'tay-ninh', kind: 'air-quality', sensor }, channel }),
      JSON.stringify(body),
      { qos: 1, retain: channel === 'meta' },
    )
  for (const [place, sensor] of Object.values(silenced).entries()) {
    const name = { vi: `Trạm thử im lặng ${place + 1}`, en: `Silent test station ${place + 1}` }
    await send(sensor, 'meta', { name, position: [106.12, 11.31 + 0.01 * place], period })
    await send(sensor, 'reading', { ts: Date.now(), pm25: 20 })
  }
  const timer = setInterval(() => void send(silenced.partly, 'reading', { ts: Date.now(), temperature: 31 }), 1_000)
  return {
    close() {
      clearInterval(timer)
      return client.endAsync()
    },
  }
}
