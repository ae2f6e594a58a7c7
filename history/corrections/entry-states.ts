import type { CorrectionEntry, CorrectionState, StoredCorrection, Verdict } from '#telemetry/data-corrections.ts'

/** In the order in which they were entered. */
export const byTime = (a: Pick<StoredCorrection, 'at' | 'id'>, b: Pick<StoredCorrection, 'at' | 'id'>) =>
  a.at - b.at || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)

/** The person whose name, or whose key's name (`person/key`), this is: a key is no second person. */
const ownerOf = (who: string) => who.split('/', 1)[0]

/** Whether two callers are one person. */
export const isSamePerson = (one: string, other: string) => ownerOf(one) === ownerOf(other)

/** The entries about one sensor with what became of them, in the order in which they were entered; each once. */
export function withStates(stored: readonly StoredCorrection[]): CorrectionEntry[] {
  const entries = [...new Map(stored.map((entry) => [entry.id, entry])).values()].sort(byTime)
  const byId = new Map(entries.map((entry) => [entry.id, entry]))
  const verdicts = new Map<string, Verdict>()
  for (const entry of entries) {
    const about = entry.type === 'verdict' ? byId.get(entry.about) : undefined
    // the first one counts, and none of one's own
    if (entry.type !== 'verdict' || !about || isSamePerson(entry.by, about.by)) continue
    if (!verdicts.has(about.id)) verdicts.set(about.id, entry)
  }
  const undone = new Set<string>()
  const found: CorrectionEntry[] = []
  // an undoing is later than what it undoes: once it is come to, nothing can undo it any more
  for (const entry of entries.toReversed()) {
    if (entry.type === 'verdict') continue
    const verdict = verdicts.get(entry.id)
    const state = stateOf(entry, undone.has(entry.id), verdict)
    if (entry.type === 'undoing' && state === 'in-force') undone.add(entry.undoes)
    found.push({ ...entry, state, ...(verdict && { verdict: toldOf(verdict) }) })
  }
  return found.reverse()
}

function stateOf(
  { needsConfirmation }: { needsConfirmation: boolean },
  isUndone: boolean,
  verdict: Verdict | undefined,
): CorrectionState {
  if (isUndone) return 'undone'
  if (verdict?.verdict === 'rejected') return 'rejected'
  return needsConfirmation && !verdict ? 'waiting' : 'in-force'
}

const toldOf = ({ at, by, verdict, comment }: Verdict) => ({ at, by, verdict, comment })
