import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pino from 'pino'
import { collectDefaultMetrics, Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { alertsMetrics } from '#alerts/metrics.ts'
import { apiMetrics } from '#api/metrics.ts'
import { bridgeMetrics } from '#broker/bridge/metrics.ts'
import { defaultLimits } from '#broker/limits/limits.ts'
import { brokerMetrics } from '#broker/metrics/broker-metrics.ts'
import { watchJournal } from '#broker/metrics/journal-watch.ts'
import { registerQuotaMetrics } from '#broker/metrics/quota-metrics.ts'
import { upkeepMetrics } from '#history/upkeep-metrics.ts'
import { ingestMetrics } from '#ingest/metrics.ts'
import { simulatorsMetrics } from '#simulators/metrics.ts'
import { watchClock } from '#start/clock-watch.ts'
import { root } from '#start/prepare.mjs'

const rulesSchema = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.object({
          alert: z.string().regex(/^Nhip[A-Z]\w+$/),
          expr: z.string(),
          for: z.string().optional(),
          labels: z.object({ severity: z.enum(['critical', 'warning']) }),
          annotations: z.object({ summary: z.string(), description: z.string().optional() }).strict(),
        }),
      ),
    }),
  ),
})
const boardSchema = z.object({
  panels: z.array(z.object({ id: z.number(), targets: z.array(z.object({ expr: z.string() })).default([]) })),
})

const read = (name: string) => readFile(join(root, 'docs/operations', name), 'utf8')
const rules = rulesSchema.parse(parse(await read('alert-rules.yml'))).groups.flatMap((group) => group.rules)
const { panels } = boardSchema.parse(JSON.parse(await read('grafana-dashboard.json')))
const expressions = [...rules, ...panels.flatMap(({ targets }) => targets)].map(({ expr }) => expr)

/** Every name that a process of the platform may show, with the type of its metric. */
async function shown(): Promise<Map<string, string>> {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  for (const define of [alertsMetrics, apiMetrics, bridgeMetrics, brokerMetrics, ingestMetrics]) define(registry)
  simulatorsMetrics(registry, () => ({ connected: 0, queued: 0, sensors: 0, dropped: 0 }))
  upkeepMetrics(registry, () => ({ dirty: 0, dirtyAge: 0, lag: 0, maxReadings: 0, isStandingBy: false }))
  void watchClock({ registry, log: pino({ level: 'silent' }) }).close()
  const stats = async () => ({ bytes: 0, maxBytes: 1, blocks: 0, oldestAt: undefined })
  watchJournal({ stats }, registry, pino({ level: 'silent' })).close()
  const usage = { size: 0, bytes: 0, largest: 0, largestBytes: 0 }
  registerQuotaMetrics(registry, defaultLimits, {
    ...{ connections: usage, sessions: usage, subscriptions: usage, retained: usage },
  })
  const names = new Map<string, string>()
  for (const { name, type } of await registry.getMetricsAsJSON()) {
    const ends = String(type) === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']
    for (const end of ends) names.set(`${name}${end}`, String(type))
  }
  return names
}

describe('the Grafana board and the Prometheus alert rules', () => {
  it('ask for metrics that there are', async () => {
    const names = await shown()
    const asked = expressions.flatMap((expr) => expr.match(/\b(?:nhip|process|nodejs)_\w+/g) ?? [])
    expect(asked.length).toBeGreaterThan(50)
    expect([...new Set(asked)].filter((name) => !names.has(name))).toEqual([])
  })

  it('take the rate of what counts up alone', async () => {
    const names = await shown()
    const rated = expressions.flatMap((expr) =>
      Array.from(expr.matchAll(/\b(?:rate|increase)\((\w+)/g), ([, name = '']) => name),
    )
    expect(rated.filter((name) => !/^(counter|histogram)$/.test(names.get(name) ?? ''))).toEqual([])
  })

  it('have balanced brackets, and names and ids of their own', () => {
    for (const expr of expressions) expect(expr.split('(').length, expr).toBe(expr.split(')').length)
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length)
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
  })
})
