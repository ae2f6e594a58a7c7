import { type BrokerRefusal, refusalBatchSchema } from '#telemetry/diagnostics.ts'
import type { ApiMetrics } from '../metrics.ts'

/** ms after which a broker that says nothing more is no longer counted; each says something about once a minute */
const silentMs = 150_000
/** brokers and bridges remembered */
const maxReporters = 1_000

/** refusals remembered, of all brokers together; each remembers fewer */
const maxRemembered = 10_000

/** What the brokers refused to devices, as they report it. */
export class DeviceRefusals {
  readonly #metrics: Pick<ApiMetrics, 'malformed' | 'deviceRefusals'>
  readonly #max: number
  /** the oldest first */
  readonly #refusals = new Map<string, BrokerRefusal>()
  /** brokers that report, and until when each counts (ms of performance.now); the longest silent first */
  readonly #reporters = new Map<string, { until: number; outside: string | undefined }>()

  constructor(options: { metrics: Pick<ApiMetrics, 'malformed' | 'deviceRefusals'>; max?: number }) {
    this.#metrics = options.metrics
    this.#max = options.max ?? maxRemembered
  }

  /** Takes a message of a broker. What is malformed in it is counted. */
  receive(text: string): void {
    const batch = parse(text)
    if (!batch) {
      this.#metrics.malformed.inc({ channel: 'diagnostics' })
      return
    }
    this.#reporters.delete(batch.broker)
    this.#reporters.set(batch.broker, { until: performance.now() + silentMs, outside: batch.outside })
    const [silent] = this.#reporters.keys()
    if (silent !== undefined && this.#reporters.size > maxReporters) this.#reporters.delete(silent)
    for (const refusal of batch.refusals) {
      const { code, user, address, topic } = refusal
      const key = JSON.stringify([batch.broker, code, user, address, topic])
      this.#refusals.delete(key) // it is the newest now
      this.#refusals.set(key, refusal)
    }
    for (const key of this.#refusals.keys()) {
      if (this.#refusals.size <= this.#max) break
      this.#refusals.delete(key)
    }
    this.#metrics.deviceRefusals.set(this.#refusals.size)
  }

  /** How many brokers report what they refuse, and for which outside brokers none does. */
  get reporters(): { brokers: number; outside: string[] } {
    const now = performance.now()
    const reporting = [...this.#reporters.values()].filter(({ until }) => until > now)
    const outside = reporting.map(({ outside }) => outside).filter((host) => host !== undefined)
    return { brokers: reporting.length - outside.length, outside: [...new Set(outside)].sort() }
  }

  /** Those in which a text occurs, newest first. */
  search(text: string): BrokerRefusal[] {
    const wanted = text.toLowerCase()
    return [...this.#refusals.values()].filter((refusal) => isAbout(refusal, wanted)).toSorted((a, b) => b.at - a.at)
  }
}

function isAbout({ client, user, isKnown, address, topic = '' }: BrokerRefusal, wanted: string): boolean {
  if ([client, user, address, topic].some((text) => text.toLowerCase().includes(wanted))) return true
  // of a name that is not known only the beginning is here
  const beginning = isKnown ? '' : user.slice(0, -1)
  return beginning !== '' && wanted.startsWith(beginning)
}

function parse(text: string) {
  try {
    return refusalBatchSchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined // counted by the caller
  }
}
