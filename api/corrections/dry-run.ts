import { correctionEffect } from '#history/corrections/correction-effect.ts'
import type { FilePoint } from '#history/corrections/correction-file.ts'
import { appliedOf, readFilePoints, readStoredOf } from '#history/corrections/correction-log.ts'
import { withStates } from '#history/corrections/entry-states.ts'
import { type AppliedCorrection, flattenCorrections } from '#history/corrections/flatten-corrections.ts'
import type { QueryContext } from '#storage/store.ts'
import type {
  CorrectionDryRun,
  CorrectionDryRunResponse,
  CorrectionEntry,
  StoredCorrection,
} from '#telemetry/data-corrections.ts'
import { findSensor } from '../routes/history.ts'
import type { ServerParts } from '../server/route-parts.ts'
import { checkCorrection } from './check-correction.ts'
import { checkKept } from './check-limits.ts'
import { entryOf, overlaps, spanOfEntry } from './find-entries.ts'

/** What would be in force: of the entries that there are, and perhaps one more. */
interface Trial {
  kind: CorrectionDryRunResponse['kind']
  sensor: string
  from: number
  to: number
  entries: readonly CorrectionEntry[]
  after: readonly AppliedCorrection[]
  points?: readonly FilePoint[] | undefined
  replaces: string[]
}

/** name of nobody, who would decide about an entry */
const nobody = { by: '-', at: Number.MAX_SAFE_INTEGER, id: '~' }

/** Says what a correction, or confirming or undoing an entry, would change. Nothing is changed. @throws ApiProblem */
export async function dryRunCorrection(
  parts: ServerParts,
  asked: CorrectionDryRun,
  context: QueryContext,
): Promise<CorrectionDryRunResponse> {
  const { store, web, clock } = parts
  const trial = 'sensor' in asked ? await tryNew(parts, asked, context) : await tryDecision(parts, asked, context)
  const { kind, sensor, from, to, entries, after, points, replaces } = trial
  await checkKept(store, from, clock())
  const before = flattenCorrections(await appliedOf(store, entries, context))
  const query = { kind, sensor, from, to, before, after: flattenCorrections(after), points, zone: web.timeZone }
  const effect = await correctionEffect(store, query, context)
  return { sensor, kind, from, to, ...effect, replaces, seen: entries.at(-1)?.id ?? '' }
}

async function tryNew(
  parts: ServerParts,
  asked: Extract<CorrectionDryRun, { sensor: string }>,
  context: QueryContext,
): Promise<Trial> {
  const { store, clock } = parts
  const { kind } = findSensor(parts, asked.sensor)
  const checked = checkCorrection(asked, kind, clock())
  const entries = withStates(await readStoredOf(store, asked.sensor, context))
  const replaced = entries.filter(
    (entry) => entry.type === 'correction' && entry.state === 'in-force' && overlaps(entry, checked, entries),
  )
  const { sensor, from, to, points } = checked
  const after = [...(await appliedOf(store, entries, context)), { id: nobody.id, ...checked }]
  return { kind, sensor, from, to, points, entries, after, replaces: replaced.map(({ id }) => id) }
}

async function tryDecision(
  { store }: ServerParts,
  asked: Exclude<CorrectionDryRun, { sensor: string }>,
  context: QueryContext,
): Promise<Trial> {
  const found = await entryOf(store, 'confirm' in asked ? asked.confirm : asked.undo, context)
  const { kind, sensor, id } = found
  const stored = await readStoredOf(store, sensor, context)
  const entries = withStates(stored)
  const decision: StoredCorrection =
    'confirm' in asked
      ? { type: 'verdict', ...nobody, kind, sensor, about: id, verdict: 'confirmed', comment: '' }
      : { type: 'undoing', ...nobody, kind, sensor, undoes: id, reason: '', needsConfirmation: false }
  const after = await appliedOf(store, withStates([...stored, decision]), context)
  const isFile = found.type === 'correction' && found.change.type === 'file'
  return {
    ...{ kind, sensor, ...spanOfEntry(found, entries), entries, after, replaces: [] },
    ...(isFile && { points: await readFilePoints(store, found, context) }),
  }
}
