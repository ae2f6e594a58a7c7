// npm run quarantine -- list | replay [--code VALUE] [--topic city/v1/…]
import { parseArgs } from 'node:util'
import { connectAsync } from 'mqtt'
import { apiConfig } from '#api/config.ts'
import { brokerConfig } from '#broker/config.ts'
import { parseConfig } from '#telemetry/config.ts'
import { ConfigError, PlatformError, UnreachableError } from '#telemetry/errors.ts'
import { notKeptCode, type Quarantined, quarantineResponse } from '#telemetry/quarantine-rest.ts'
import { isReadingTopic } from '#telemetry/topics.ts'
import { commandConfig, platformConfig } from './config.ts'
import { secretOf } from './service.ts'

const settings = platformConfig.extend(apiConfig.shape).extend(commandConfig.shape).extend({
  MQTT_PORT: brokerConfig.shape.MQTT_PORT,
  /** the broker of this machine when missing, as its api is */
  MQTT_URL: apiConfig.shape.MQTT_URL.unwrap().optional(),
})
const usage =
  'npm run quarantine -- list | replay [--code VALUE] [--topic START]: shows the messages that did not validate, or gives them to the broker again'
const most = 1_000

async function entriesOf(url: string, token: string): Promise<Quarantined[]> {
  // of several pages that meet in one millisecond each entry counts once
  const entries = new Map<string, Quarantined>()
  for (let to = ''; ; ) {
    const answer = await fetch(`${url}/api/v1/quarantine?limit=${most}${to && `&to=${to}`}`, {
      headers: { authorization: `Bearer ${token}` },
    }).catch((error) => {
      throw new UnreachableError(`API_URL is "${url}": no api answers there`, error)
    })
    if (!answer.ok) throw new UnreachableError(`API_URL is "${url}": the api answers ${answer.status}`)
    const { entries: page, truncated } = quarantineResponse.parse(await answer.json())
    const before = entries.size
    for (const entry of page) entries.set(JSON.stringify(entry), entry)
    const oldest = page.at(-1)
    if (!oldest || !truncated) return [...entries.values()]
    to = String(entries.size > before ? oldest.ts + 1 : oldest.ts)
  }
}

/** A message can be given again when all of it was kept, as text. */
function isWhole({ code, payload, payloadBytes }: Quarantined): boolean {
  return code !== notKeptCode && Buffer.byteLength(payload) === payloadBytes && !payload.includes('\ufffd')
}

async function replay(entries: readonly Quarantined[], mqtt: { url: string; password: string }): Promise<void> {
  // what a sensor says of itself it may have said right since
  const readings = entries.filter(({ topic }) => isReadingTopic(topic))
  const whole = readings.filter(isWhole)
  const client = await connectAsync(mqtt.url, {
    ...{ username: 'admin', password: mqtt.password, protocolVersion: 4 },
  }).catch((error) => {
    throw new UnreachableError(`MQTT_URL is "${mqtt.url}": no broker takes messages there (${error.message})`, error)
  })
  // oldest first, as they came
  for (const { topic, payload } of whole.toReversed()) await client.publishAsync(topic, payload, { qos: 1 })
  await client.endAsync()
  console.log(
    `${whole.length} messages given to the broker again and acknowledged; what still does not validate is listed anew`,
  )
  if (whole.length < readings.length) console.log(`${readings.length - whole.length} were not kept whole`)
  const others = entries.length - readings.length
  if (others > 0) console.log(`${others} are no readings: a sensor sends its meta and status again itself`)
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { code: { type: 'string' }, topic: { type: 'string' } },
  })
  const [, command] = positionals // the first is the name of this command
  if (command !== 'list' && command !== 'replay') throw new ConfigError(usage)
  const config = parseConfig(settings, process.env)
  const token = await secretOf(config, 'admin')
  const all = await entriesOf(config.API_URL ?? `http://127.0.0.1:${config.HTTP_PORT}`, token)
  const entries = all.filter(
    ({ code, topic }) => (!values.code || code === values.code) && topic.startsWith(values.topic ?? ''),
  )
  if (command === 'replay')
    return replay(entries, { url: config.MQTT_URL ?? `mqtt://127.0.0.1:${config.MQTT_PORT}`, password: token })
  for (const { ts, topic, code, reason, more = [], count } of entries) {
    const why = [reason, ...more].join('; ')
    console.log(`${new Date(ts).toISOString()}  ${code}  ${topic}  ${why}${count > 1 ? `  (${count} like it)` : ''}`)
  }
  console.log(`${entries.length} entries`)
}

await main().catch((error) => {
  console.error(error instanceof PlatformError || error instanceof TypeError ? `nhip: ${error.message}` : error)
  process.exit(1)
})
