import { kinds } from '#telemetry/kinds.ts'
import { putSegments } from '../../roll-up/correction-segments.ts'
import { aboveFromReadings, percentilesFromReadings } from '../../roll-up/from-readings.ts'
import { ceilHour } from '../../roll-up/utc-hours.ts'
import type { RollUpStorage } from '../../roll-ups.ts'
import type { TelemetryStore } from '../../store.ts'
import type { InfluxSession } from '../session.ts'
import { RollUpAnswers } from './answers.ts'
import { DirtyMarking } from './dirty-marking.ts'
import { DirtyMarks, markedAt } from './dirty-marks.ts'
import { countReadings } from './reading-counts.ts'
import { rollUpTrimming } from './trim-roll-ups.ts'
import { RollUpUpkeep } from './upkeep.ts'
import { UpkeepProgress } from './upkeep-progress.ts'

/** ms after which what was to be written when a mark was made is written, or has failed: no request takes so long */
const defaultSettleMs = 15 * 60_000

/** When and of which days roll-ups are made. */
export interface RollUpOptions {
  /** the zone whose days are rolled up */
  timeZone: string
  /** ms that a dirty hour stays so at least: longer than a write of readings takes, and than clocks differ. A quarter of an hour when absent */
  settleMs?: number
  /** epoch ms */
  clock?: () => number
}

/** The parts of the store that roll-ups are made with, and which they change. */
type Parts = Pick<
  TelemetryStore,
  | 'write'
  | 'readings'
  | 'readEvents'
  | 'readDocuments'
  | 'putDocument'
  | 'firstReadingAt'
  | 'counts'
  | 'appendEvents'
  | 'trim'
>

/** Roll-ups in InfluxDB: points of ours beside the readings, right on 1.x and 2.x alike. */
export function rollUpStorage(
  session: InfluxSession,
  parts: Parts,
  { timeZone, settleMs = defaultSettleMs, clock = Date.now }: RollUpOptions,
): RollUpStorage & Pick<TelemetryStore, 'write' | 'appendEvents' | 'trim'> {
  const marks = new DirtyMarks(session, clock)
  const progress = new UpkeepProgress(parts)
  const marking = new DirtyMarking({ session, marks, progress, source: parts, clock })
  const options = { session, source: parts, marks, progress, timeZone }
  const upkeep = new RollUpUpkeep({ ...options, settleMs, clock })
  const answers = new RollUpAnswers(options)
  return {
    write: (readings) =>
      session.during(async () => {
        await marking.beforeWrite(readings)
        return parts.write(readings)
      }),
    appendEvents: (events) =>
      session.during(async () => {
        await marking.beforeEvents(events)
        return parts.appendEvents(events)
      }),
    async trim(before) {
      const known = await progress.read()
      const frozenTo = ceilHour(before)
      if (known.rolledTo !== undefined && frozenTo > known.frozenTo) await progress.writeFrozen(frozenTo)
      return parts.trim(before)
    },
    rollUps: (query, context) => answers.rollUps(query, context),
    percentiles: percentilesFromReadings(parts),
    above: aboveFromReadings(parts),
    async weigh(query) {
      const { readings, rollUps } = await answers.weigh(query)
      const { kind, members } = query
      const sensors = [...new Set(members.map(({ sensor }) => sensor))]
      return { readings: await countReadings(session, kind, sensors, readings), rollUps }
    },
    async upkeepState() {
      const { rolledTo, frozenTo } = await progress.read()
      const dirty = await Promise.all(
        kinds.map((kind) => (rolledTo === undefined ? [] : marks.read(kind, { from: frozenTo, to: rolledTo }))),
      )
      const all = dirty.flat()
      const since = all.reduce((earliest, mark) => Math.min(earliest, markedAt(mark)), Number.POSITIVE_INFINITY)
      return { rolledTo, frozenTo, dirty: all.length, dirtySince: all.length === 0 ? undefined : since }
    },
    upkeep: (step) => session.during(() => upkeep.step(step)),
    putCorrections: (correction) =>
      session.during(async () => {
        await marking.beforeCorrections(correction)
        await putSegments(parts, correction)
      }),
    ...rollUpTrimming(session, timeZone),
    resetRollUps: () => progress.reset(),
  }
}
