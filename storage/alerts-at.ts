import {
  type Alert,
  type AlertEvent,
  alertCheckpointOverlapMs,
  alertCheckpointSchema,
  alertEventSchema,
  openAlertStates,
} from '#telemetry/alert.ts'
import { dayMs } from '#telemetry/durations.ts'
import type { AlertsKept } from '#telemetry/replay.ts'
import type { QueryContext, StoredEvent, TelemetryStore } from './store.ts'

/** ms before a moment in which there mostly is a checkpoint, for there is one a day: looked through first */
const nearMs = 2 * dayMs

/** The open alerts at a moment of the past. */
export interface AlertsAt {
  kept: AlertsKept
  open: Alert[]
}

/** The newest checkpoint of the alerts before a moment (epoch ms): its own time. */
async function checkpointBefore(
  store: TelemetryStore,
  context: QueryContext,
  moment: number,
): Promise<number | undefined> {
  for (const from of [moment - nearMs, 0]) {
    const query = { stream: 'alert', subject: 'checkpoint', from, to: moment, limit: 1 } as const
    const [newest] = await store.readEvents(query, context)
    const checkpoint = alertCheckpointSchema.safeParse(newest?.body).data
    if (checkpoint) return checkpoint.at
  }
  return undefined
}

/** How much is known of what was open just before a moment (epoch ms). */
export async function alertsKeptAt(store: TelemetryStore, context: QueryContext, moment: number): Promise<AlertsKept> {
  const checkpoint = await checkpointBefore(store, context, moment)
  return checkpoint === undefined ? keptWithoutCheckpoint(store, context, moment) : 'all'
}

async function keptWithoutCheckpoint(
  store: TelemetryStore,
  context: QueryContext,
  moment: number,
): Promise<AlertsKept> {
  const steps = await store.readEvents({ stream: 'alert', to: moment, limit: 1 }, context)
  return steps.length > 0 ? 'some' : 'none'
}

/**
 * The alerts that were open just before a moment (epoch ms), each as its newest step of then left it; at most so many, the last
 * raised. Only steps since the checkpoint before are looked at: of years of alerts no more than those of a day.
 */
export async function alertsAt(
  store: TelemetryStore,
  context: QueryContext,
  { moment, most }: { moment: number; most: number },
): Promise<AlertsAt> {
  const checkpoint = await checkpointBefore(store, context, moment)
  const { alerts, total, complete } = await store.searchAlerts(
    {
      ...{
        from: 0,
        to: Number.MAX_SAFE_INTEGER,
        now: moment,
        open: [],
        state: openAlertStates,
        limit: most,
        offset: 0,
      },
      stepsFrom: checkpoint === undefined ? 0 : checkpoint - alertCheckpointOverlapMs,
      stepsTo: moment,
    },
    context,
  )
  if (checkpoint !== undefined) return { kept: complete && total <= most ? 'all' : 'some', open: alerts }
  return { kept: await keptWithoutCheckpoint(store, context, moment), open: alerts }
}

/** Steps of alerts in a span, in order of time. */
export interface AlertSteps {
  steps: AlertEvent[]
  /** steps before this time are here: earlier than asked when there were too many (epoch ms) */
  to: number
  /** when all that was open was first noted in the span, epoch ms */
  checkpointAt?: number
}

/**
 * The steps of alerts with `from <= at < to` (epoch ms), at most so many: a span that holds more ends earlier, at a whole `step`
 * (ms). Undefined when not even one step fits.
 */
export async function alertSteps(
  store: TelemetryStore,
  context: QueryContext,
  { from, to, step, most }: { from: number; to: number; step: number; most: number },
): Promise<AlertSteps | undefined> {
  for (let end = to; end > from; ) {
    const events = await store.readEvents({ stream: 'alert', from, to: end, limit: most + 1 }, context)
    if (events.length <= most) return { ...stepsOf(events), to: end }
    const half = from + Math.floor((end - from) / 2)
    end = half - (half % step)
  }
  return undefined
}

function stepsOf(events: readonly StoredEvent[]): Omit<AlertSteps, 'to'> {
  const steps: AlertEvent[] = []
  let checkpointAt: number | undefined
  // the newest come first
  for (const { ts, body } of events.toReversed()) {
    const { data } = alertEventSchema.safeParse(body)
    if (data) steps.push(data)
    else if (alertCheckpointSchema.safeParse(body).success) checkpointAt ??= ts
  }
  // of two steps of an alert in one ms the store may give either first
  steps.sort((a, b) => a.at - b.at || a.alert.revision - b.alert.revision)
  return { steps, ...(checkpointAt === undefined ? {} : { checkpointAt }) }
}
