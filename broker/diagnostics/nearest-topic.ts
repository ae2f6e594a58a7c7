import { type Channel, sensorTopic } from '#telemetry/topics.ts'
import { type Identity, rights } from '../auth/authorization.ts'

/** share of its letters in which a word may differ to be taken for another */
const maxShare = 0.5

/** Letters to add, remove or replace to make one word of another (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + Number(a[i - 1] !== b[j - 1])))
    row = next
  }
  return row[b.length] ?? 0
}

/** The topic of its own that is most like the one it asked for; undefined for a client that is no sensor. */
export function nearestTopic(identity: Identity, way: 'publish' | 'subscribe', asked: string): string | undefined {
  if (identity.role !== 'sensor') return undefined
  const channels = rights.sensor[way] as readonly Channel[] // a sensor has rights on its own channels alone
  const words = asked
    .toLowerCase()
    .split('/')
    .slice(-3)
    .map((word) => word.slice(0, 32))
  const [usual] = channels
  let nearest = { channel: usual, letters: Number.POSITIVE_INFINITY }
  for (const channel of channels)
    for (const word of words) {
      const letters = distance(word, channel)
      if (letters <= channel.length * maxShare && letters < nearest.letters) nearest = { channel, letters }
    }
  const { district, kind, user: sensor } = identity
  return nearest.channel && sensorTopic({ district, kind, sensor, channel: nearest.channel })
}
