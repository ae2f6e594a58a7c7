import { createContext } from 'svelte'
import { SvelteSet } from 'svelte/reactivity'
import { type Alert, type AlertEvent, mergeAlerts } from '#telemetry/alert.ts'
import { unassigned } from '#telemetry/assignee.ts'
import { alertChangesSchema, alertsSchema } from '#telemetry/live.ts'
import type { AlertsKept } from '#telemetry/replay.ts'
import { type Severity, severitiesOf, shelvedSeveritiesOf } from '#telemetry/severity.ts'
import type { LiveState } from '../live/live-state.svelte.ts'
import type { Timeline } from '../replay/timeline.svelte.ts'
import { type OperatorAction, sendOperatorAction } from './alert-client.ts'
import { assigneesOf, countListed, needsAcknowledgement, sortAlerts } from './alert-order.ts'
import { SeenReporter } from './seen-reporter.ts'

/** ms between two looks of the screen at what came, at the least: what comes alone is shown at once, a flood costs no more */
const showEveryMs = 200

/** The open alerts of the moment that is shown, what is selected among them, and what an operator does to them. */
export class OpenAlerts {
  /** the list is in */
  loaded = $state(false)
  /** whether the part that watches answers: when not, the list is as it was last known */
  watching = $state(true)
  readonly #timeline: Timeline
  /** every alert that is open now, as the live feed tells; replaced, never changed */
  #openNow = $state.raw<readonly Alert[]>([])
  /** a replay shows the alerts of then: nothing can be done to them */
  readonly isPast = $derived.by(() => this.#timeline.replay !== undefined)
  /** how much is known of the alerts of the moment shown */
  readonly kept = $derived.by<AlertsKept>(() => this.#timeline.replay?.alerts.kept ?? 'all')
  /** every alert that is open at the moment shown: now, or then in a replay */
  readonly open = $derived.by(() => this.#timeline.replay?.alerts.open ?? this.#openNow)
  readonly sorted = $derived(sortAlerts(this.open))
  /** how many the rail lists of each severity, those shelved apart: what the header says */
  readonly counts = $derived(countListed(this.sorted))
  /** the severity of the alerts of now about each sensor */
  readonly severitiesNow = $derived(severitiesOf(this.#openNow))
  /** the severity of the alerts about each sensor that are shelved now */
  readonly shelvedSeveritiesNow = $derived(shelvedSeveritiesOf(this.#openNow))
  /** how many critical alerts nobody has acknowledged now, whatever a replay shows */
  readonly criticalNow = $derived(
    this.#openNow.filter((alert) => alert.priority === 1 && needsAcknowledgement(alert)).length,
  )
  /** whether the list of what is shelved is spread out */
  showsShelved = $state(false)
  /** the only severity that the rail lists; all when undefined */
  only = $state<Severity>()
  /** to whom what the rail lists is given, or `nobody`; all when undefined */
  assignee = $state<string>()
  /** to whom open alerts are given, by name: assignee → name */
  readonly assignees = $derived(assigneesOf(this.open))
  /** what the rail lists */
  readonly listed = $derived(
    this.#isFiltered ? sortAlerts(this.open.filter((alert) => this.#lists(alert))) : this.sorted,
  )
  readonly selected = new SvelteSet<string>()
  /** key of the row that the keyboard was on last */
  current: string | undefined
  /** called with what happened, at once */
  onEvents: ((events: readonly AlertEvent[]) => void) | undefined
  /** reports which alerts were on this screen */
  readonly seen: SeenReporter
  readonly #held = new Map<string, Alert>()
  #picked: string | undefined
  #showing: ReturnType<typeof setTimeout> | undefined
  #shownAt = Number.NEGATIVE_INFINITY

  constructor(timeline: Timeline, reportSeen: (ids: string[]) => void) {
    this.#timeline = timeline
    // what a replay shows is of then
    const isUnseen = (id: string) => !this.isPast && this.#held.has(id) && !this.#held.get(id)?.seen
    this.seen = new SeenReporter({ isUnseen, report: reportSeen })
  }

  /** Follows the open feed until the returned function is called. */
  follow(live: LiveState): () => void {
    const stops = [
      this.seen.start(),
      live.hear(
        'alerts',
        alertsSchema,
        ({ watching, alerts }) => {
          this.#held.clear()
          mergeAlerts(this.#held, alerts)
          this.watching = watching
          this.loaded = true
          this.#show()
        },
        'alerts',
      ),
      live.hear(
        'alert',
        alertChangesSchema,
        ({ events }) => {
          this.#merge(events.map(({ alert }) => alert))
          this.onEvents?.(events)
        },
        'events',
      ),
    ]
    return () => {
      clearTimeout(this.#showing)
      for (const stop of stops) stop()
    }
  }

  get(id: string): Alert | undefined {
    return this.#held.get(id)
  }

  /** Does something to alerts with one comment. Throws ApiError. */
  async act(action: OperatorAction, ids: readonly string[], comment = ''): Promise<void> {
    const { changed } = await sendOperatorAction(action, ids, comment)
    this.#merge(changed)
    for (const id of ids) this.selected.delete(id)
  }

  toggle(ids: readonly string[], selected = !ids.every((id) => this.selected.has(id))): void {
    for (const id of ids)
      if (selected) this.selected.add(id)
      else this.selected.delete(id)
  }

  /** Selects or clears one alert; with `range` also those between it and the last one picked, as the lists show them. */
  pick(id: string, range: boolean): void {
    const selected = !this.selected.has(id)
    const { unacknowledged, watched } = this.listed
    const ids = [...unacknowledged, ...watched].map((alert) => alert.id)
    const from = ids.indexOf(this.#picked ?? '')
    const to = ids.indexOf(id)
    this.toggle(range && from >= 0 ? ids.slice(Math.min(from, to), Math.max(from, to) + 1) : [id], selected)
    this.#picked = id
  }

  get #isFiltered(): boolean {
    return this.only !== undefined || this.assignee !== undefined
  }

  #lists({ priority, assigned }: Alert): boolean {
    if (this.only !== undefined && priority !== this.only) return false
    return this.assignee === undefined || (assigned?.to ?? unassigned) === this.assignee
  }

  #merge(alerts: readonly Alert[]): void {
    if (mergeAlerts(this.#held, alerts).length === 0) return
    const restMs = Math.max(0, this.#shownAt + showEveryMs - performance.now())
    this.#showing ??= setTimeout(() => this.#show(), restMs)
  }

  #show(): void {
    clearTimeout(this.#showing)
    this.#showing = undefined
    this.#shownAt = performance.now()
    this.#openNow = [...this.#held.values()]
    for (const id of this.selected) if (!this.#held.has(id)) this.selected.delete(id)
  }
}

export const [getOpenAlerts, provideOpenAlerts] = createContext<OpenAlerts>()
