import { z } from 'zod'

/** Measuring times (epoch ms) of readings by the topic they came under. */
export type TimesByTopic = ReadonlyMap<string, readonly number[]>

const textSchema = z.record(z.string(), z.array(z.number().int()))

/** As JSON: of each topic the first time, then how much later each further one is. */
export function timesText(times: TimesByTopic): string {
  const steps = [...times].map(([topic, all]) => [topic, all.map((ts, at) => ts - (all[at - 1] ?? 0))])
  return JSON.stringify(Object.fromEntries(steps))
}

/** Reads what {@link timesText} wrote; nothing of what is no such text. */
export function timesByTopic(text: string): TimesByTopic {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return new Map()
  }
  const { data = {} } = textSchema.safeParse(json)
  return new Map(
    Object.entries(data).map(([topic, steps]) => {
      let ts = 0
      return [
        topic,
        steps.map((step) => {
          ts += step
          return ts
        }),
      ]
    }),
  )
}
