import type { ClockFault } from '#telemetry/clock.ts'
import { Deadlines } from '#telemetry/deadlines.ts'
import { contradictsOrder, explainsCause, type LampOverride } from '#telemetry/lamp-override.ts'
import type { LiveNewest, Status } from '#telemetry/live.ts'
import { unite } from '#telemetry/newest.ts'
import type { SensorState } from '#telemetry/sensor.ts'
import { type Finding, findingOf, type Severity, severityOf } from '#telemetry/severity.ts'
import { type Freshness, freshness, staleAt, valueStaleAt } from '#telemetry/staleness.ts'
import { Trends } from './trends.ts'

/** Sensors by freshness, and those that are not normal. */
export type Counts = Record<Freshness | 'abnormal', number>

/**
 * How a sensor stands. Only what is known now can be abnormal, so a sensor that is not fresh has no finding by its values. Its
 * severity is that of the alerts about it, those shelved last, or else a notice by its finding; absent when it is normal: list, table, filters and
 * map say the same of it.
 */
export interface Standing {
  freshness: Freshness
  severity?: Severity
  /** the severity is that of a shelved alert, and no other is active: shown as a hollow mark */
  isShelved?: true
  finding?: Finding
  /** it follows a command instead of its schedule */
  isManual?: true
  /** the command that is why there is {@link finding} */
  commanded?: LampOverride
  /** when it was measured, epoch ms, that it does not do what it was commanded */
  contradictsAt?: number
  /** its clock is wrong: what it sends may not be what is now, however fresh */
  clock?: ClockFault
}

/** Who wants to know of changes; called at once, so it should only take notes. */
export interface RegistryListener {
  /** everything may be different */
  reset(): void
  /** one sensor has a new reading, connection or meta, or has become stale; `moved` when its place or name may be new */
  changed(id: string, moved: boolean): void
}

interface Entry {
  state: SensorState
  standing: Standing
  /** when it becomes stale, epoch ms, as far as the deadlines know */
  due: number | undefined
}

/** ms by which the clock may step back without effect */
const waverMs = 2_000

const noAlerts: ReadonlyMap<string, Severity> = new Map()
const noOverrides: ReadonlyMap<string, LampOverride> = new Map()
const unknown: Standing = { freshness: 'waiting' }
const nobody = (): Counts => ({ fresh: 0, stale: 0, offline: 0, waiting: 0, abnormal: 0 })

/**
 * All sensors as they were told of, and how each stands. Plain data outside the view's reactivity: thousands change every
 * second. A sensor is judged when something is told of it and when its deadline passes, never all of them in turn.
 */
export class SensorRegistry {
  readonly #entries = new Map<string, Entry>()
  readonly #listeners = new Set<RegistryListener>()
  readonly #deadlines = new Deadlines<Entry>()
  readonly #trends = new Trends()
  #counts = nobody()
  #alerts = noAlerts
  #shelved = noAlerts
  #overrides = noOverrides
  #now = 0

  listen(listener: RegistryListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  get size(): number {
    return this.#entries.size
  }

  get(id: string): SensorState | undefined {
    return this.#entries.get(id)?.state
  }

  *all(): IterableIterator<SensorState> {
    for (const { state } of this.#entries.values()) yield state
  }

  /** How a sensor stands at the time of the last {@link advance}. */
  standing(id: string): Standing {
    return this.#entries.get(id)?.standing ?? unknown
  }

  /**
   * Moves the registry's clock (epoch ms): those whose deadline has passed become stale. A step back judges all of them anew,
   * unless it is as small as the estimate of a clock may waver.
   */
  advance(now: number): void {
    if (now < this.#now - waverMs) {
      this.#judgeAll(now)
      return
    }
    this.#now = Math.max(this.#now, now)
    for (let entry = this.#deadlines.removePassed(now); entry; entry = this.#deadlines.removePassed(now)) {
      entry.due = undefined
      const { freshness: was, severity } = entry.standing
      this.#judge(entry)
      if (entry.standing.freshness !== was || entry.standing.severity !== severity) this.#notify(entry.state.id, false)
    }
  }

  /** Counts at a time (epoch ms), to which the clock is moved. */
  counts(now: number): Counts {
    this.advance(now)
    return { ...this.#counts }
  }

  /** Takes the severity of the active alerts about each sensor, and of the `shelved` ones, whatever its newest reading says. */
  setAlerts(severities: ReadonlyMap<string, Severity>, shelved = noAlerts): void {
    const [before, shelvedBefore] = [this.#alerts, this.#shelved]
    this.#alerts = severities
    this.#shelved = shelved
    for (const id of new Set([before, severities, shelvedBefore, shelved].flatMap((alerts) => [...alerts.keys()]))) {
      const entry = this.#entries.get(id)
      const isSame = before.get(id) === severities.get(id) && shelvedBefore.get(id) === shelved.get(id)
      if (!entry || isSame) continue
      this.#judge(entry)
      this.#notify(id, false)
    }
  }

  /** Takes which sensors follow a command instead of their schedule. */
  setOverrides(overrides: ReadonlyMap<string, LampOverride>): void {
    const before = this.#overrides
    this.#overrides = overrides
    for (const id of new Set([...before.keys(), ...overrides.keys()])) {
      const entry = this.#entries.get(id)
      if (!entry || before.get(id)?.since === overrides.get(id)?.since) continue
      this.#judge(entry)
      this.#notify(id, false)
    }
  }

  /** A snapshot is the whole truth: what it does not name is gone. */
  replaceAll(sensors: readonly SensorState[]): void {
    this.#entries.clear()
    this.#deadlines.clear()
    this.#counts = nobody()
    this.#trends.retain(new Set(sensors.map(({ id }) => id)))
    for (const sensor of sensors) this.#set(sensor)
    for (const listener of this.#listeners) listener.reset()
  }

  /** Merges what is newer of a reading's values than what is held. A sensor not known yet becomes known. */
  mergeReading(came: LiveNewest): void {
    const { sensor, district, kind } = came.reading
    const held = this.get(sensor)
    const newest = unite(held ?? {}, came)
    if (newest) this.#setNewest({ ...(held ?? { id: sensor, district, kind }), ...newest } as SensorState, !held)
  }

  /** Sets the newest values as the server holds them: it has united them, in the order that it knows. */
  setNewest({ reading, arrivedAt, valueTimes }: LiveNewest): void {
    const { sensor, district, kind } = reading
    const held = this.get(sensor)
    this.#setNewest({ ...(held ?? { id: sensor, district, kind }), reading, arrivedAt, valueTimes }, !held)
  }

  #setNewest(state: SensorState, isNew: boolean): void {
    this.#set(state)
    this.#notify(state.id, isNew)
  }

  /** Sets what a sensor is now said to be, as a whole: what is absent has been taken back. */
  setStatus({ id, district, kind, connection, meta, clock }: Status): void {
    const held = this.get(id)
    this.#set({ ...held, id, district, kind, connection, meta, clock })
    this.#notify(id, !held || JSON.stringify(held.meta) !== JSON.stringify(meta))
  }

  #set(state: SensorState): void {
    let entry = this.#entries.get(state.id)
    if (entry) entry.state = state
    else {
      entry = { state, standing: unknown, due: undefined }
      this.#entries.set(state.id, entry)
      this.#counts.waiting += 1
    }
    this.#judge(entry)
  }

  #judge(entry: Entry): void {
    const { state } = entry
    const standing = standingOf(state, this.#now, {
      alert: this.#alerts.get(state.id),
      shelved: this.#shelved.get(state.id),
      risen: this.#trends.risen(state),
      override: this.#overrides.get(state.id),
    })
    this.#count(entry.standing, -1)
    this.#count(standing, 1)
    entry.standing = standing
    if (standing.freshness !== 'fresh') return
    const due = nextStaleAt(state, this.#now)
    // a later deadline is found out when the one that is known comes
    if (entry.due !== undefined && entry.due <= due) return
    entry.due = due
    this.#deadlines.set(entry, due)
  }

  #judgeAll(now: number): void {
    this.#now = now
    this.#deadlines.clear()
    for (const entry of this.#entries.values()) {
      entry.due = undefined
      this.#judge(entry)
    }
    for (const listener of this.#listeners) listener.reset()
  }

  #count({ freshness, severity }: Standing, by: 1 | -1): void {
    this.#counts[freshness] += by
    if (severity !== undefined) this.#counts.abnormal += by
  }

  #notify(id: string, moved: boolean): void {
    for (const listener of this.#listeners) listener.changed(id, moved)
  }
}

/** When the next of what is fresh becomes stale, epoch ms. */
function nextStaleAt(state: SensorState, now: number): number {
  let next = staleAt(state)
  for (const time of Object.values(state.valueTimes ?? {})) {
    const due = valueStaleAt(time, state.meta)
    if (due >= now && due < next) next = due
  }
  return next
}

/** What is known of a sensor beside its own state: the severity of the active and of the shelved alerts about it, and how far its value has risen, the command that it follows. */
type Around = Record<'alert' | 'shelved', Severity | undefined> & {
  risen: number | undefined
  override: LampOverride | undefined
}

const explainsFinding = (override: LampOverride, { cause }: Finding) =>
  cause !== 'clock' && explainsCause(override, cause)

/** How a sensor stands at a time (epoch ms). */
function standingOf(sensor: SensorState, now: number, { alert, shelved, risen, override }: Around): Standing {
  const { clock } = sensor
  const finding = findingOf(sensor, now, risen)
  const severity = severityOf(finding, alert ?? shelved)
  return {
    freshness: freshness(sensor, now),
    ...(severity && { severity }),
    ...(shelved && !alert && { isShelved: true as const }),
    ...(finding && { finding }),
    ...(override && { isManual: true as const }),
    ...(override && finding && explainsFinding(override, finding) && { commanded: override }),
    ...(override &&
      sensor.reading &&
      freshness(sensor, now) === 'fresh' &&
      contradictsOrder(override, sensor) && { contradictsAt: sensor.reading.ts }),
    ...(clock && { clock }),
  }
}
