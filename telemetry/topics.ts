import { type Kind, kindSchema } from './kinds.ts'
import { idSchema } from './reading-parts.ts'

/** First levels of every topic of the platform. */
export const topicRoot = 'city/v1'

/** The last level of a sensor's topic. `cmd` goes to the device, which answers with `ack`; the others are the device's own. */
export const channels = ['reading', 'meta', 'status', 'cmd', 'ack'] as const
export type Channel = (typeof channels)[number]

/** Who a sensor's topic speaks of. */
export interface SensorTopic {
  district: string
  kind: Kind
  sensor: string
  channel: Channel
}

/** `city/v1/{district}/{kind}/{sensor}/{channel}` */
export function sensorTopic(of: SensorTopic): string {
  return `${topicRoot}/${of.district}/${of.kind}/${of.sensor}/${of.channel}`
}

/** Every topic of one channel, for a subscription. */
export function channelFilter(channel: Channel): string {
  return `${topicRoot}/+/+/+/${channel}`
}

/** `city/v1/live/{district}`: batches of readings from ingest, at most every 100 ms. */
export function liveTopic(district: string): string {
  return `${topicRoot}/live/${district}`
}

export const liveFilter = `${topicRoot}/live/+`
export const quarantineTopic = `${topicRoot}/quarantine`

/** What the broker tells of what it refused to devices. */
export const refusalsTopic = `${topicRoot}/diagnostics/refusals`

/** What alerts publishes of itself, retained; its last will says that it is gone. */
export const alertStateTopic = `${topicRoot}/alerts/state`
/** What happened to alerts, in batches. */
export const alertEventTopic = `${topicRoot}/alerts/event`
/** What an api asks of alerts. */
export const alertRequestTopic = `${topicRoot}/alerts/request`

/** `city/v1/alerts/answer/{client}`: what alerts answers to one api. */
export function alertAnswerTopic(client: string): string {
  return `${topicRoot}/alerts/answer/${client}`
}

const isChannel = (level: string | undefined): level is Channel => channels.some((channel) => channel === level)

/** Reads a sensor's topic; undefined when it is not one, or names no district, kind or sensor that could exist. */
export function parseSensorTopic(topic: string): SensorTopic | undefined {
  const levels = topic.split('/')
  if (levels.length !== 6 || levels[0] !== 'city' || levels[1] !== 'v1') return undefined
  const kind = kindSchema.safeParse(levels[3])
  const district = idSchema.safeParse(levels[2])
  const sensor = idSchema.safeParse(levels[4])
  const channel = levels[5]
  if (!kind.success || !district.success || !sensor.success || !isChannel(channel)) return undefined
  return { district: district.data, kind: kind.data, sensor: sensor.data, channel }
}

/** Whether the broker must put a publish to this topic in the journal: any topic that ends in `/reading` under the root, valid or not, so that what is wrong with it reaches quarantine. */
export function isReadingTopic(topic: string): boolean {
  return topic.startsWith(`${topicRoot}/`) && topic.endsWith('/reading')
}
