import { dayMs } from '#telemetry/durations.ts'
import { type Newest, unite } from '#telemetry/newest.ts'
import { defaultPeriod } from '#telemetry/period.ts'
import type { Reading } from '#telemetry/reading.ts'
import { type Backfill, backfillAt, type ReplayResponse, unpackReadings, unpackTable } from '#telemetry/replay.ts'
import { backoffMs } from '#telemetry/retry/backoff.ts'
import type { SensorState } from '#telemetry/sensor.ts'
import { severitiesOf, shelvedSeveritiesOf } from '#telemetry/severity.ts'
import type { Zone } from '../i18n/zone.ts'
import type { Scene } from '../live/scene.ts'
import { type Counts, SensorRegistry } from '../live/sensor-registry.ts'
import { ReplayBuffer } from './buffer.ts'
import { dateOf, dayOf, type ScrubberSpan } from './day.ts'
import { DayMarks } from './day-marks.svelte.ts'
import { firstSpan, leastMs, nextSpan, type Span, type Speed, shownAt, stepFor, tickMs } from './plan.ts'
import { fetchReplay } from './replay-client.ts'
import { ReplayedAlerts } from './replayed-alerts.svelte.ts'

/** `loading`: another moment is on its way, what is shown is still the one before. `waiting`: what comes next is not here yet. */
export type ReplayStage = 'loading' | 'ready' | 'waiting'

/** ms until what was measured is surely in the store: nothing later is replayed */
const settleMs = 10_000
/** ms between two times that views beside the map follow, as in the live feed */
const viewMs = 500
/** longest time (ms) that may pass between two pictures: a page that slept goes on where it was */
const longestTickMs = 1_000
const backoff = { firstMs: 1_000, longestMs: 10_000 }

/** What a replay needs to know of the live feed. */
export interface ReplayOptions {
  /** the sensors there are: a replay knows their readings only */
  live: SensorRegistry
  /** the platform's clock, epoch ms */
  now: () => number
  /** zone of the city's days */
  zone: () => Zone
  /** the present is reached */
  onPresent: () => void
  /** the moment shown has changed because somebody wished so, or some time has passed */
  onMove: () => void
}

/** A sensor has come or gone. */
interface Coming {
  sensor: string
  /** epoch ms */
  ts: number
  isOffline: boolean
}

/** What all sensors had measured at a moment of the past, who was offline, and how it went on from there. */
export class Replay implements Scene {
  readonly registry = new SensorRegistry()
  readonly alerts = new ReplayedAlerts()
  /** the moment shown, to the picture; `now` follows twice a second */
  at = $state(0)
  now = $state(0)
  counts = $state.raw<Counts>({ fresh: 0, stale: 0, offline: 0, waiting: 0, abnormal: 0 })
  places = $state(0)
  /** the moment asked for: that of the scrubber's handle */
  wanted = $state(0)
  speed = $state<Speed>(60)
  playing = $state(false)
  stage = $state<ReplayStage>('loading')
  /** the store does not answer; it is asked again and again */
  failing = $state(false)
  /** newest moment there is to replay, epoch ms */
  end = $state(0)
  /** the day that the scrubber shows; the last 24 hours when undefined */
  day = $state.raw<ScrubberSpan>()
  readonly marks = new DayMarks()
  /** when it was last noted which sensors are offline, epoch ms; undefined when that is not known */
  offlineNotedAt = $state<number>()

  readonly #options: ReplayOptions
  readonly #timer: ReturnType<typeof setInterval>
  #buffer = new ReplayBuffer<Reading>(0)
  #comings = new ReplayBuffer<Coming>(0)
  /** when it will have been noted who is offline, epoch ms */
  #noted: number[] = []
  readonly #offline = new Set<string>()
  #position = 0
  #began = 0
  #step = 0
  #loading: AbortController | undefined
  #again: ReturnType<typeof setTimeout> | undefined
  /** failed tries in a row */
  #failures = 0
  #tickedAt = performance.now()
  #viewedAt = 0
  #spacing: Backfill | undefined

  constructor(options: ReplayOptions) {
    this.#options = options
    this.#timer = setInterval(() => this.#tick(), tickMs)
    this.#follow()
  }

  moment(): number {
    return this.at
  }

  /**
   * Shows another moment (epoch ms), as soon as it is loaded; while playing a whole step, at which all is exact. `byDay`: on the
   * scrubber the day is shown, as it is for what is longer ago than 24 hours.
   */
  seek(at: number, { byDay = false } = {}): void {
    this.#follow()
    if (at >= this.#options.now()) {
      this.#options.onPresent()
      return
    }
    this.#step = stepFor(this.speed, this.#options.live.size)
    const whole = this.playing ? Math.max(this.#step, 1_000) : 1_000
    this.wanted = Math.floor(Math.min(at, this.end - leastMs) / whole) * whole
    if (byDay || this.day || this.wanted < this.end - dayMs) this.#showDay(this.wanted)
    this.stage = 'loading'
    this.#loading?.abort()
    clearTimeout(this.#again)
    this.#position = this.wanted
    this.#began = this.wanted
    this.#buffer = new ReplayBuffer(this.wanted)
    this.#comings = new ReplayBuffer(this.wanted)
    this.#noted = []
    this.alerts.seek(this.wanted)
    const first = firstSpan(this.wanted, this.end, this.playing ? this.speed : undefined, this.#step)
    void this.#load(first, true)
    this.#options.onMove()
  }

  /** Forward or back by ms from where it stands. */
  step(byMs: number): void {
    this.seek((this.stage === 'loading' ? this.wanted : this.at) + byMs)
  }

  toggle(): void {
    this.playing = !this.playing
    // what is there when it stands still is not thinned
    if (this.playing) this.seek(this.stage === 'loading' ? this.wanted : this.at)
    // the views beside the map may be half a second behind, and would stay so
    else if (this.stage !== 'loading') this.#view()
  }

  setSpeed(speed: Speed): void {
    if (speed === this.speed) return
    this.speed = speed
    if (this.playing) this.seek(this.stage === 'loading' ? this.wanted : this.at)
  }

  close(): void {
    clearInterval(this.#timer)
    clearTimeout(this.#again)
    this.#loading?.abort()
  }

  /** While playing, asks for what comes next unless two answers are ahead. */
  #loadAhead(): void {
    if (this.#loading) return
    const { end } = this.#buffer
    const span = nextSpan(end, this.end, this.speed, this.#step)
    if (span && end - this.#position <= 2 * (span.to - span.from)) void this.#load(span, false)
  }

  async #load(span: Span, first: boolean): Promise<void> {
    const loading = new AbortController()
    this.#loading = loading
    try {
      // where there is a backfill must be known
      if (!this.marks.coverage) await this.marks.read(this.#span(), this.#options.now())
      const answer = await fetchReplay(span, first, loading.signal)
      if (loading.signal.aborted) return
      this.#loading = undefined
      this.#failures = 0
      this.failing = false
      this.#append(answer, first)
    } catch (error) {
      if (loading.signal.aborted) return
      console.warn(error)
      this.failing = true
      this.#failures += 1
      this.#again = setTimeout(() => void this.#load(span, first), backoffMs(this.#failures, backoff))
    }
  }

  #append(answer: ReplayResponse, first: boolean): void {
    if (first) {
      this.at = this.#began
      this.#offline.clear()
      for (const sensor of answer.offline ?? []) this.#offline.add(sensor)
      this.offlineNotedAt = answer.offlineNotedAt
      this.alerts.start(answer)
      const state = (answer.state ?? []).flatMap((table) => [...unpackTable(table, answer.from)])
      const newest = new Map<string, Newest>()
      for (const reading of state) {
        const held = newest.get(reading.sensor) ?? {}
        newest.set(reading.sensor, unite(held, { reading, arrivedAt: reading.ts }) ?? held)
      }
      this.#show(newest)
    }
    this.#buffer.append(unpackReadings(answer), answer.to)
    const comings = answer.presence.map(([sensor, ts, isOffline]) => ({ sensor, ts, isOffline }))
    this.#comings.append(comings, answer.to)
    this.#noted.push(...answer.presenceNoted)
    this.alerts.append(answer)
    this.stage = 'ready'
    if (first) this.#view()
  }

  /** Shows all sensors with these readings. In a backfill they spoke more seldom than their meta says today. */
  #show(readings: ReadonlyMap<string, Newest>): void {
    this.#spacing = backfillAt(this.marks.coverage?.backfills ?? [], this.at - 1)
    const sensors = new Map<string, SensorState>()
    for (const [id, { reading }] of readings)
      if (reading) sensors.set(id, { id, district: reading.district, kind: reading.kind })
    for (const { id, district, kind, meta } of this.#options.live.all()) {
      const period = Math.max(meta?.period ?? defaultPeriod, (this.#spacing?.step ?? 0) / 1_000)
      sensors.set(id, { id, district, kind, ...(meta && { meta: { ...meta, period } }) })
    }
    for (const sensor of sensors.values()) {
      if (this.#offline.has(sensor.id)) sensor.connection = 'offline'
      const { reading, valueTimes } = readings.get(sensor.id) ?? {}
      if (!reading) continue
      Object.assign(sensor, { reading, arrivedAt: reading.ts, ...(valueTimes && { valueTimes }) })
    }
    this.registry.advance(this.at)
    this.#mark()
    this.registry.replaceAll([...sensors.values()])
    this.places += 1
  }

  #tick(): void {
    const passed = Math.min(performance.now() - this.#tickedAt, longestTickMs)
    this.#tickedAt = performance.now()
    this.#follow()
    if (this.marks.coverage) this.marks.refresh(this.#span(), this.#options.now())
    if (this.stage !== 'loading' && this.playing) this.#advance(passed * this.speed)
  }

  #advance(byMs: number): void {
    const { end } = this.#buffer
    const next = this.#position + byMs
    this.#position = Math.min(next, end)
    this.stage = next > end ? 'waiting' : 'ready'
    const shown = shownAt(this.#position, this.#began, this.#step)
    if (shown > this.at) {
      this.at = shown
      this.wanted = shown
      for (const reading of this.#buffer.readUntil(shown))
        this.registry.mergeReading({ reading, arrivedAt: reading.ts })
      for (const coming of this.#comings.readUntil(shown)) this.#setConnection(coming)
      while (this.#noted[0] !== undefined && this.#noted[0] < shown) this.offlineNotedAt = this.#noted.shift()
      if (this.alerts.advance(shown)) this.#mark()
      this.registry.advance(shown)
      this.#respace()
    }
    if (performance.now() - this.#viewedAt >= viewMs) this.#view()
    this.#loadAhead()
    // nothing is left to play, unless one plays as fast as it comes
    if (this.stage === 'waiting' && !this.#loading && this.speed > 1) {
      this.#options.onPresent()
    }
  }

  /** What the scrubber shows. */
  #span(): ScrubberSpan {
    const now = this.#options.now()
    return this.day ?? { from: now - dayMs, to: now }
  }

  /** Shows the day of a moment (epoch ms) on the scrubber. */
  #showDay(at: number): void {
    if (this.day && this.day.from <= at && at < this.day.to) return
    const zone = this.#options.zone()
    this.day = dayOf(zone, dateOf(zone, at))
  }

  /** Marks the sensors that the alerts of then are about. */
  #mark(): void {
    const { open } = this.alerts
    this.registry.setAlerts(severitiesOf(open), shelvedSeveritiesOf(open))
  }

  #setConnection({ sensor: id, isOffline }: Coming): void {
    if (isOffline) this.#offline.add(id)
    else this.#offline.delete(id)
    const sensor = this.registry.get(id)
    if (!sensor) return
    const { district, kind, meta } = sensor
    this.registry.setStatus({ id, district, kind, meta, connection: isOffline ? 'offline' : 'online' })
  }

  /** At the edge of a backfill the sensors' periods change. */
  #respace(): void {
    if (backfillAt(this.marks.coverage?.backfills ?? [], this.at - 1) === this.#spacing) return
    this.#show(new Map([...this.registry.all()].map((sensor): [string, Newest] => [sensor.id, sensor])))
  }

  #view(): void {
    this.#viewedAt = performance.now()
    this.now = this.at
    if (this.day) this.#showDay(this.at)
    this.counts = this.registry.counts(this.at)
    this.#options.onMove()
  }

  #follow(): void {
    this.end = Math.floor((this.#options.now() - settleMs) / 1_000) * 1_000
  }
}
