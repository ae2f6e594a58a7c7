import type { SimulatedSensor } from '#simulators/sensor.ts'
import type { Member } from '#storage/roll-ups.ts'
import type { TelemetryStore } from '#storage/store.ts'
import { dayMs, hourMs } from '#telemetry/durations.ts'
import { type Kind, kinds } from '#telemetry/kinds.ts'
import { valuesOfKind } from '#telemetry/values.ts'

/** What the questions are about. */
export interface Asked {
  sensors: readonly SimulatedSensor[]
  /** epoch ms, whole hours */
  from: number
  to: number
}

/** What is asked about: the kind that has most sensors, and its leading number. */
export function topicOf(sensors: readonly SimulatedSensor[]): { kind: Kind; value: string; ids: string[] } {
  const idsOf = (kind: Kind) => sensors.filter((sensor) => sensor.kind === kind).map(({ id }) => id)
  const [kind] = kinds.toSorted((a, b) => idsOf(b).length - idsOf(a).length)
  if (kind === undefined) throw new RangeError('there is no kind')
  return { kind, value: valuesOfKind[kind].find(({ type }) => type === 'number')?.name ?? '', ids: idsOf(kind) }
}

const hoursBetween = (from: number, to: number) =>
  Array.from({ length: (to - from) / hourMs + 1 }, (_, n) => from + n * hourMs)

/** Starts of the local days of a span, and its end. */
export function localDays({ from, to }: Pick<Asked, 'from' | 'to'>): number[] {
  const midnight = Math.ceil((from + 7 * hourMs) / dayMs) * dayMs - 7 * hourMs
  const edges: number[] = []
  for (let at = midnight; at <= to; at += dayMs) edges.push(at)
  return edges
}

/** Sensors of the kind, each in the group of its ward, and how many groups. */
export function byWard(sensors: readonly SimulatedSensor[]): Map<string, string[]> {
  const wards = new Map<string, string[]>()
  const topic = topicOf(sensors)
  for (const { kind, id, meta } of sensors)
    if (kind === topic.kind) wards.set(meta.ward ?? '', [...(wards.get(meta.ward ?? '') ?? []), id])
  return wards
}

/** The sensors of the kind in the district of the first of them. */
export function ofOneDistrict(sensors: readonly SimulatedSensor[]): string[] {
  const topic = topicOf(sensors)
  const ofKind = sensors.filter(({ kind }) => kind === topic.kind)
  return ofKind.filter(({ district }) => district === ofKind[0]?.district).map(({ id }) => id)
}

/** The questions of a planner as a store answers them. */
export function questionsTo(store: TelemetryStore, { sensors, from, to }: Asked) {
  const { kind, value, ids } = topicOf(sensors)
  const one: Member[] = ids.slice(0, 1).map((sensor) => ({ sensor, group: 0 }))
  const wards = [...byWard(sensors).values()].flatMap((ids, group) => ids.map((sensor) => ({ sensor, group })))
  const district = ofOneDistrict(sensors).map((sensor) => ({ sensor, group: 0 }))
  const hours = hoursBetween(from, to)
  // as history/ asks for means
  const parts = { ends: false, weights: false }
  return {
    hourly: () => store.rollUps({ kind, value, members: one, edges: hours, ...parts }),
    wards: () => store.rollUps({ kind, value, members: wards, edges: localDays({ from, to }), ...parts }),
    async weekdays() {
      const sums = new Map<number, { sum: bigint; count: number }>()
      for (const { start, sum, count } of await store.rollUps({
        kind,
        value,
        members: district,
        edges: hours,
        ...parts,
      })) {
        const hourOfWeek = Math.floor((start / hourMs + 7) % (7 * 24))
        const known = sums.get(hourOfWeek) ?? { sum: 0n, count: 0 }
        sums.set(hourOfWeek, { sum: known.sum + sum, count: known.count + count })
      }
      return [...sums]
    },
    p95: () => store.percentiles({ kind, value, members: one, edges: hours, shares: [0.95] }),
  }
}
export type Questions = ReturnType<typeof questionsTo>
export type QuestionName = keyof Questions
