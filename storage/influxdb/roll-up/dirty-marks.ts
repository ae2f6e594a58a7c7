import type { Kind } from '#telemetry/kinds.ts'
import type { QueryContext } from '../../query-context.ts'
import { type InfluxQuery, timeText } from '../influxql.ts'
import { bodiesOf } from '../line-protocol.ts'
import type { InfluxSession } from '../session.ts'
import { writeInAcceptedParts } from '../split-writes.ts'
import { dirtyHoursOf } from './measurements.ts'
import { partsOf, sensorCondition, sensorsOfQuery } from './sensor-condition.ts'

/** stands for every sensor of the kind; no sensor may be called so */
export const everySensor = '*'
/** sensors of one hour beyond which all of the kind are marked */
const maxSensorsMarked = 200

/** An hour of a sensor, or of all, that was written to. */
export interface DirtyMark {
  kind: Kind
  /** {@link everySensor} for all */
  sensor: string
  /** start of the hour, epoch ms */
  hour: number
  /** tells one marking from the next: thousandths of a ms of the writer's clock */
  token: number
}

/** When a mark was made, epoch ms. */
export const markedAt = ({ token }: Pick<DirtyMark, 'token'>): number => Math.floor(token / 1_000)

/**
 * Marks of hours that were written to: a point per hour and sensor with the fields `marked`, the last writer's token, and `cleared`, the
 * token that the upkeep found when it began to recompute. It is dirty while they differ, so that one who marks it meanwhile makes it dirty
 * again. Nothing is ever deleted: deletes would hide what is written for the first time meanwhile (see measurement-locks.ts).
 */
export class DirtyMarks {
  readonly #session: InfluxSession
  readonly #clock: () => number

  constructor(session: InfluxSession, clock: () => number) {
    this.#session = session
    this.#clock = clock
  }

  /** Durable when it resolves. */
  async mark(hours: Iterable<Pick<DirtyMark, 'kind' | 'sensor' | 'hour'>>): Promise<void> {
    const token = Math.floor(this.#clock()) * 1_000 + Math.floor(Math.random() * 1_000)
    const lines = (function* () {
      for (const { kind, sensor, hour } of condense(hours))
        yield `${dirtyHoursOf(kind)},sensor=${sensor} marked=${token}i,cleared=0i ${hour}`
    })()
    await this.#write(lines)
  }

  /** Says that what these marks stood for is recomputed. */
  async clear(marks: readonly DirtyMark[]): Promise<void> {
    await this.#write(
      marks.map(({ kind, sensor, hour, token }) => `${dirtyHoursOf(kind)},sensor=${sensor} cleared=${token}i ${hour}`),
    )
  }

  async #write(lines: Iterable<string>): Promise<void> {
    await this.#session.use((connection) =>
      writeInAcceptedParts([...lines], async (part) => {
        for (const body of bodiesOf(part)) await connection.write(body, 'ms')
      }),
    )
  }

  /** Hours with `from <= hour < to` that are dirty, of these sensors or of all; those of every sensor always. */
  async read(
    kind: Kind,
    { from, to, sensors }: { from: number; to: number; sensors?: readonly string[] },
    context?: QueryContext,
  ): Promise<DirtyMark[]> {
    if (from >= to) return []
    const found: DirtyMark[] = []
    const parts = sensors === undefined ? [undefined] : partsOf(sensors, sensorsOfQuery)
    for (const [index, part] of parts.entries()) {
      const whom = part && (index === 0 ? [everySensor, ...part] : part)
      for (const { tags, values } of await this.#session.query(marksQuery(kind, from, to, whom), context))
        for (const [hour, token] of values)
          found.push({ kind, sensor: tags?.sensor ?? '', hour: Number(hour), token: Number(token) })
    }
    return found
  }
}

/** A series per sensor with the columns `time` and `marked`. */
function marksQuery(kind: Kind, from: number, to: number, sensors: readonly string[] | undefined): InfluxQuery {
  const { text, params } = sensors === undefined ? { text: undefined, params: {} } : sensorCondition(sensors)
  const condition = text === undefined ? '' : ` AND ${text}`
  return {
    text: `SELECT "marked" FROM "${dirtyHoursOf(kind)}" WHERE time >= $from AND time < $to AND "marked" != "cleared"${condition} GROUP BY "sensor"`,
    params: { ...params, from: timeText(from), to: timeText(to) },
  }
}

/** Each once; where there are very many of one hour, that hour of all sensors. */
function* condense(hours: Iterable<Pick<DirtyMark, 'kind' | 'sensor' | 'hour'>>) {
  const sensorsOf = new Map<string, { kind: Kind; hour: number; sensors: Set<string> }>()
  for (const { kind, sensor, hour } of hours) {
    const key = `${kind} ${hour}`
    const known = sensorsOf.get(key)
    if (known) known.sensors.add(sensor)
    else sensorsOf.set(key, { kind, hour, sensors: new Set([sensor]) })
  }
  for (const { kind, hour, sensors } of sensorsOf.values()) {
    const whom = sensors.size > maxSensorsMarked ? [everySensor] : sensors
    for (const sensor of whom) yield { kind, sensor, hour }
  }
}
