import { parseSensorTopic, type SensorTopic } from '#telemetry/topics.ts'

/** topics remembered; beyond that the cache begins anew */
const maxTopics = 50_000

/** Remembers what topics say: a sensor sends thousands of readings under one. */
export class TopicCache {
  readonly #known = new Map<string, SensorTopic>()

  /** As {@link parseSensorTopic}. */
  parse(topic: string): SensorTopic | undefined {
    const known = this.#known.get(topic)
    if (known) return known
    const parsed = parseSensorTopic(topic)
    // what is no sensor's topic is not remembered: there are too many of them
    if (!parsed) return undefined
    if (this.#known.size >= maxTopics) this.#known.clear()
    this.#known.set(topic, parsed)
    return parsed
  }
}
