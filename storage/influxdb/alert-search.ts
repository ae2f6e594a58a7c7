import { z } from 'zod'
import type { Alert } from '#telemetry/alert.ts'
import { dayMs } from '#telemetry/durations.ts'
import {
  type AlertSearch,
  type AlertsFound,
  isKnown,
  type StepFacts,
  stepFactsOf,
  storedAlertSchema,
} from '../alert-search.ts'
import { AlertStepSearch, type StepLocation } from '../alert-step-search.ts'
import { paginateEvents } from '../event-pagination.ts'
import type { EventsQuery, StoredEvent } from '../store.ts'
import { eventFactsQuery, eventsAtQuery, eventsQuery } from './event-influxql.ts'
import type { InfluxQuery } from './influxql.ts'
import type { Series } from './query-response.ts'

/** steps that one answer looks at: some 100 bytes are held of each */
export const maxSteps = 250_000
/** steps of one page: a page takes some 20 ms, in which nothing else runs */
const pageSize = 2_000
/** InfluxDB keeps a week in one shard, by default */
const weekMs = 7 * dayMs
/** events asked for at once by where they lie */
const maxStatements = 200

const factsRow = z.tuple([z.number(), z.string(), z.string().nullable()])
const eventRow = z.tuple([z.number(), z.string(), z.string()])

type Ask = (query: InfluxQuery) => Promise<Series[]>

/**
 * Searches alerts. InfluxQL groups by tags alone, and an alert is none: so the facts of the steps are gone through, without their
 * bodies, a page at a time, and then the bodies of the page that is given are asked for by their locations.
 */
export async function searchAlerts(search: AlertSearch, ask: Ask): Promise<AlertsFound> {
  const matching = new AlertStepSearch(search)
  let looked = 0
  for await (const page of pagesBack(search, ask)) {
    for (const { id, ts, body } of page) {
      if (body === undefined) continue
      const facts = body as StepFacts // made by factsOf
      if (isKnown(facts.alert)) matching.add(facts, { id, ts })
    }
    looked += page.length
    if (looked >= maxSteps) break
  }
  const { total, page, handlers } = matching.result()
  const open = new Map(search.open.map((alert) => [alert.id, alert]))
  const locations = page.flatMap(({ location }) => location ?? [])
  const steps = await alertsAt(locations, ask)
  return {
    ...{ total, handlers, complete: looked < maxSteps },
    alerts: page.flatMap(({ id, location }) => (location ? steps.get(location.id) : open.get(id)) ?? []),
    handledBy: Object.fromEntries(page.flatMap(({ id, handlers: names }) => (names.length > 0 ? [[id, names]] : []))),
  }
}

/** Every step that counts, the newest first, week by week: one question about a long time opens all its shards for each page. */
async function* pagesBack(search: AlertSearch, ask: Ask): AsyncGenerator<StoredEvent[]> {
  const { from, stepsFrom = from, stepsTo = Number.POSITIVE_INFINITY, now } = search
  const readEvents = (query: EventsQuery) => factsOf(query, ask)
  let [end, spanMs] = [stepsTo, weekMs]
  while (end > stepsFrom) {
    const start = Math.max(stepsFrom, Math.min(end, now) - spanMs)
    const span = { stream: 'alert', from: start, ...(Number.isFinite(end) && { to: end }), pageSize } as const
    let found = 0
    for await (const page of paginateEvents({ readEvents }, span)) {
      found += page.length
      yield page
    }
    // where there is little, longer steps: there may be nothing for decades
    if (found < pageSize) spanMs *= 2
    end = start
  }
}

/** A page of the stream whose bodies are facts; undefined for what is no step. Events of an earlier release have them in their bodies. */
async function factsOf(query: EventsQuery, ask: Ask): Promise<StoredEvent[]> {
  const { stream } = query
  const [series] = await ask(eventFactsQuery(query))
  const rows = (series?.values ?? []).map((row) => factsRow.parse(row))
  if (rows.every(([, , facts]) => facts !== null))
    return rows.map(([ts, id, facts]) => ({ stream, id, ts, body: facts ? JSON.parse(facts) : undefined }))
  const [whole] = await ask(eventsQuery(query))
  return (whole?.values ?? []).map((row) => {
    const [ts, id, body] = eventRow.parse(row)
    return { stream, id, ts, body: stepFactsOf(JSON.parse(body)) }
  })
}

/** Alerts as some steps left them, by the steps' ids. */
async function alertsAt(locations: readonly StepLocation[], ask: Ask): Promise<Map<string, Alert>> {
  const alerts = new Map<string, Alert>()
  for (let at = 0; at < locations.length; at += maxStatements)
    for (const { values } of await ask(eventsAtQuery('alert', locations.slice(at, at + maxStatements))))
      for (const row of values) {
        const [, id, body] = eventRow.parse(row)
        const { data } = storedAlertSchema.safeParse(JSON.parse(body))
        if (data) alerts.set(id, data.alert)
      }
  return alerts
}
