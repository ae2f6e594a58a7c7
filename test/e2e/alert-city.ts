import mqtt, { type MqttClient } from 'mqtt'
import { type AlertRule, type AlertRuleDraft, alertRuleSchema } from '#telemetry/alert-rule.ts'
import { sensorTopic } from '#telemetry/topics.ts'
import type { PlatformProcess } from '../support/platform-process.ts'

/** Stations of our own beside the simulated city, and rules that only they break. */
export interface AlertCity {
  /** Lets stations report a temperature, °C. They are in this ward, of the district `tay-ninh`. */
  measure(ids: readonly string[], temperature: number, ward?: string): Promise<void>
  close(): Promise<void>
}

/** A rule that temperatures above a limit break at once. No default rule is about temperatures. */
export function heatRule(name: { vi: string; en: string }, priority: 1 | 2, above: number): AlertRuleDraft {
  return {
    ...{ name, enabled: true, priority, notify: 'never' as const, scope: { kind: 'air-quality' } },
    condition: { type: 'threshold', value: 'temperature', above, hysteresis: 0, forSeconds: 0 },
  }
}

/** Adds rules over REST, once alerts are there to take them. Resolves to the rules as they were made; rejects when one is refused. */
export async function addRules(platform: PlatformProcess, rules: readonly AlertRuleDraft[]): Promise<AlertRule[]> {
  const add = (rule: AlertRuleDraft) =>
    fetch(`${platform.url}/api/v1/alert-rules`, {
      method: 'POST',
      headers: { authorization: `Bearer ${platform.adminToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ rule }),
    })
  const made: AlertRule[] = []
  const deadline = Date.now() + 30_000
  for (const rule of rules) {
    let answer = await add(rule)
    while (answer.status === 503 && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 200))
      answer = await add(rule)
    }
    if (answer.status !== 201) throw new Error(`rule refused: ${await answer.text()}`)
    made.push(alertRuleSchema.parse(await answer.json()))
  }
  return made
}

/** Connects to the platform's broker as its admin. */
export async function connectCity(platform: PlatformProcess): Promise<AlertCity> {
  const client: MqttClient = await mqtt.connectAsync(`mqtt://127.0.0.1:${platform.mqttPort}`, {
    ...{ protocolVersion: 4, username: 'admin', password: platform.adminToken },
  })
  const known = new Set<string>()
  const introduce = (sensor: string, ward: string) => {
    known.add(sensor)
    const at = known.size
    const position = [106.08 + 0.001 * (at % 40), 11.31 + 0.001 * Math.floor(at / 40)]
    const name = { vi: `Trạm thử ${sensor}`, en: `Test station ${sensor}` }
    const topic = sensorTopic({ district: 'tay-ninh', kind: 'air-quality', sensor, channel: 'meta' })
    return client.publishAsync(topic, JSON.stringify({ name, position, ward, period: 86_400 }), {
      qos: 1,
      retain: true,
    })
  }
  return {
    async measure(ids, temperature, ward = 'tan-ninh') {
      await Promise.all(ids.filter((id) => !known.has(id)).map((id) => introduce(id, ward)))
      await Promise.all(
        ids.map((sensor) => {
          const topic = sensorTopic({ district: 'tay-ninh', kind: 'air-quality', sensor, channel: 'reading' })
          return client.publishAsync(topic, JSON.stringify({ ts: Date.now(), temperature }), { qos: 1 })
        }),
      )
    },
    close: () => client.endAsync(),
  }
}
