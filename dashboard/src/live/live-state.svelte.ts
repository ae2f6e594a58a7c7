import { createContext } from 'svelte'
import type { LampOverride } from '#telemetry/lamp-override.ts'
import type { Health } from '#telemetry/live.ts'
import { connectLive, type LiveConnection, silenceMs } from './live-connection.ts'
import type { Scene } from './scene.ts'
import { type Counts, SensorRegistry } from './sensor-registry.ts'
import { LatencyWindow, ServerClock } from './server-clock.ts'

/** `live` only while the socket is open, a snapshot is in and health is heard. */
export type ConnectionState = 'connecting' | 'live' | 'lost'

const tickMs = 500

/** What the view shows of the live feed. Figures follow twice a second; sensors themselves are in `registry`. */
export class LiveState implements Scene {
  readonly registry = new SensorRegistry()
  connection = $state<ConnectionState>('connecting')
  /** nothing can be asked of the server: what would ask for something is disabled */
  readonly isLost = $derived(this.connection === 'lost')
  /** when the server was last heard before the connection was lost, epoch ms of this machine */
  lostAt = $state<number>()
  counts = $state.raw<Counts>({ fresh: 0, stale: 0, offline: 0, waiting: 0, abnormal: 0 })
  /** ms from measuring to this screen, without what waited in a device */
  latencyP95 = $state<number>()
  /** how many of the newest readings waited in their devices */
  waited = $state(0)
  /** readings received since the page was opened, the snapshot's included */
  readings = $state(0)
  /** snapshots received: after each one what came by other events may have a hole */
  snapshots = $state(0)
  malformed = $state(0)
  places = $state(0)
  /** the server's clock, epoch ms, twice a second */
  now = $state(Date.now())
  health = $state.raw<Health>()
  /** lamps that follow a command instead of their schedule, by id */
  overrides = $state.raw<ReadonlyMap<string, LampOverride>>(new Map())

  readonly #clock = new ServerClock(Date.now)
  readonly #latencies = new LatencyWindow()
  #received = 0
  #heardAt = performance.now()
  #synced = false
  #placesChanged = false
  #judgedAt = performance.now()
  #link: LiveConnection | undefined
  #timer: ReturnType<typeof setInterval> | undefined

  /** Connects. `refused` is called when the server refuses the connection. */
  connect(refused: () => void): void {
    this.#heardAt = performance.now()
    this.#link = connectLive({
      snapshot: ({ now, sensors, overrides }) => {
        this.#hear(now)
        this.#setOverrides(new Map(overrides.map((override) => [override.sensor, override])))
        this.registry.replaceAll(sensors)
        this.#received += sensors.filter((sensor) => sensor.reading).length
        this.#synced = true
        this.snapshots += 1
        // what follows from all sensors takes long: the map's worker has its part by then
        setTimeout(() => this.#tick())
      },
      readings: ({ now, readings }) => {
        this.#hear(now)
        const here = this.#clock.now()
        for (const reading of readings) {
          this.registry.setNewest(reading)
          this.#latencies.add({ ts: reading.reading.ts, arrivedAt: reading.arrivedAt }, here)
        }
        this.#received += readings.length
      },
      status: (status) => this.registry.setStatus(status),
      health: (health) => {
        this.#hear(health.now)
        this.health = health
      },
      overrides: ({ set, ended }) => {
        const changed = new Map(this.overrides)
        for (const sensor of ended) changed.delete(sensor)
        for (const override of set) changed.set(override.sensor, override)
        this.#setOverrides(changed)
      },
      disconnected: () => this.#lose(),
      refusedConnection: refused,
      malformed: (event, count, reason) => {
        this.malformed += count
        console.warn(`${count} of the live event ${event} left out: ${reason}`)
      },
    })
    this.registry.listen({
      reset: () => {
        this.#placesChanged = true
      },
      changed: (_id, moved) => {
        this.#placesChanged ||= moved
      },
    })
    this.#timer = setInterval(() => this.#tick(), tickMs)
  }

  /** Hears another event of the open feed until the returned function is called. */
  hear: LiveConnection['hear'] = (event, schema, then, ...lists) =>
    this.#link?.hear(event, schema, then, ...lists) ?? (() => {})

  /** Sends an event on the open feed. */
  send: LiveConnection['send'] = (event, data) => this.#link?.send(event, data)

  close(): void {
    clearInterval(this.#timer)
    this.#link?.close()
  }

  /** The server's clock now, epoch ms. */
  moment(): number {
    return this.#clock.now()
  }

  #setOverrides(overrides: ReadonlyMap<string, LampOverride>): void {
    this.overrides = overrides
    this.registry.setOverrides(overrides)
  }

  #hear(serverNow: number): void {
    this.#clock.observe(serverNow)
    const silent = this.#synced && performance.now() - this.#heardAt > silenceMs
    if (silent) this.#lose()
    this.#heardAt = performance.now()
    // what was sent during the silence may be gone
    if (silent) this.#link?.resync()
  }

  #lose(): void {
    this.#synced = false
    this.#latencies.clear()
    if (this.connection === 'live') this.#showLost()
  }

  #tick(): void {
    this.#judge()
    this.now = this.#clock.now()
    this.counts = this.registry.counts(this.now)
    this.latencyP95 = this.#latencies.p95()
    this.waited = this.#latencies.waited
    this.readings = this.#received
    if (this.#placesChanged) this.places += 1
    this.#placesChanged = false
  }

  #judge(): void {
    const at = performance.now()
    const asleep = at - this.#judgedAt > 4 * tickMs
    this.#judgedAt = at
    // a page that was itself asleep has messages waiting: it judges after it has read them
    if (asleep) return
    const silent = at - this.#heardAt > silenceMs
    if (this.#synced && !silent) this.connection = 'live'
    else if (this.connection === 'live' || (this.connection === 'connecting' && silent)) this.#showLost()
  }

  #showLost(): void {
    this.lostAt = Date.now() - (performance.now() - this.#heardAt)
    this.connection = 'lost'
  }
}

export const [getLive, provideLive] = createContext<LiveState>()
