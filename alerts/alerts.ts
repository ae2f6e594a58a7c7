import { connect } from 'mqtt'
import type { Logger } from 'pino'
import { Counter, type Registry } from 'prom-client'
import { liveBatchSchema } from '#telemetry/live.ts'
import { liveFilter } from '#telemetry/topics.ts'

export interface AlertsOptions {
  mqtt: { url: string; username: string; password: string }
  registry: Registry
  log: Logger
}

export interface Alerts {
  /** Disconnects. Idempotent. */
  close(): Promise<void>
}

/** Starts watching the live feed. No rule exists yet: it counts what it sees. */
export async function startAlerts(options: AlertsOptions): Promise<Alerts> {
  const seen = new Counter({
    name: 'nhip_alerts_readings_total',
    help: 'readings watched',
    registers: [options.registry],
  })
  const malformed = new Counter({
    name: 'nhip_alerts_malformed_total',
    help: 'live batches that did not validate',
    registers: [options.registry],
  })
  const mqtt = connect(options.mqtt.url, {
    username: options.mqtt.username,
    password: options.mqtt.password,
    protocolVersion: 4,
    reconnectPeriod: 500,
    reconnectOnConnackError: true,
  })
  mqtt.on('error', (error) => {
    if (!mqtt.disconnecting) options.log.warn({ err: error }, 'alerts has no broker')
  })
  mqtt.on('connect', () => mqtt.subscribe(liveFilter, { qos: 0 }))
  mqtt.on('message', (_topic, payload) => {
    const batch = parse(payload)
    if (batch) seen.inc(batch.length)
    else malformed.inc()
  })
  let closing: Promise<void> | undefined
  return {
    close() {
      closing ??= mqtt.endAsync()
      return closing
    },
  }
}

function parse(payload: Buffer) {
  try {
    return liveBatchSchema.safeParse(JSON.parse(payload.toString('utf8'))).data
  } catch {
    return undefined // counted as malformed by the caller
  }
}
