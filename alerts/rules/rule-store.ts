import pLimit from 'p-limit'
import type { Logger } from 'pino'
import { z } from 'zod'
import { paginateEvents } from '#storage/event-pagination.ts'
import type { StoredEvent, TelemetryStore } from '#storage/store.ts'
import { type AlertRule, type AlertRuleDraft, alertRuleSchema, maxRules } from '#telemetry/alert-rule.ts'
import { conditionOf } from '#telemetry/conditions/conditions.ts'
import { kindOf } from '#telemetry/kinds.ts'
import { idSchema, timestampSchema } from '#telemetry/reading-parts.ts'
import { ConflictError, NotThereError } from '../errors.ts'
import { defaultRules } from './default-rules.ts'

/** A rule that was removed. */
const removedSchema = z.object({
  removed: z.literal(true),
  id: idSchema,
  version: z.number().int(),
  changedAt: timestampSchema,
})
type Removed = z.infer<typeof removedSchema>

/** Whether a default rule came later: an installation gets each of them once, and one that was taken away stays away. */
const cameLater = ({ condition, scope }: AlertRuleDraft) =>
  conditionOf[condition.type].cameLater === true || kindOf(scope.kind).cameLater === true

/** Who changes a rule, and when (epoch ms). */
export interface RuleEditor {
  by: string
  now: number
}

/** Stores the rules, as the stream `alert-rule`: every version of each, so that one can see who changed what. */
export class RuleStore {
  readonly #store: TelemetryStore
  readonly #log: Logger
  readonly #rules = new Map<string, AlertRule>()
  /** last version of each removed rule, so that one added again under its id counts on */
  readonly #removed = new Map<string, number>()
  /** of what is in the store of each rule, the newest time, epoch ms */
  readonly #storedAt = new Map<string, number>()
  /** so that each change sees what the one before has left */
  readonly #oneAtATime = pLimit(1)

  constructor(options: { store: TelemetryStore; log: Logger }) {
    this.#store = options.store
    this.#log = options.log
  }

  /** Reads the rules; a store that has none gets the default set, one from before there were some of them gets those. */
  async load(now: number): Promise<void> {
    let isEmpty = true
    let foreign = 0
    const versions = new Map<string, number>()
    for await (const page of paginateEvents(this.#store, { stream: 'alert-rule' }))
      for (const { ts, body } of page) {
        isEmpty = false
        const { data } = z.union([alertRuleSchema, removedSchema]).safeParse(body)
        if (data) this.#storedAt.set(data.id, Math.max(ts, this.#storedAt.get(data.id) ?? 0))
        if (!data) foreign += 1
        else if ((versions.get(data.id) ?? 0) < data.version) {
          versions.set(data.id, data.version)
          this.#cache(data)
        }
      }
    if (foreign > 0) this.#log.warn({ foreign }, 'the store holds alert rules of another shape: left out')
    const missing = defaultRules().filter(([id, rule]) => isEmpty || (cameLater(rule) && !versions.has(id)))
    if (missing.length > 0) await this.#storeDefaults(missing, now)
  }

  get(id: string): AlertRule | undefined {
    return this.#rules.get(id)
  }

  /** By id. */
  all(): AlertRule[] {
    return [...this.#rules.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  /** Adds a rule; on disk when it resolves. @throws ConflictError when the id is taken or there are too many */
  add(draft: AlertRuleDraft, wanted: string | undefined, { by, now }: RuleEditor): Promise<AlertRule> {
    return this.#oneAtATime(async () => {
      if (this.#rules.size >= maxRules) throw new ConflictError({ code: 'TOO_MANY_RULES', params: { most: maxRules } })
      if (wanted !== undefined && this.#rules.has(wanted))
        throw new ConflictError({ code: 'RULE_EXISTS', params: { id: wanted } })
      const id = wanted ?? this.#freeId(draft.name.en)
      return this.#save({ ...draft, id, version: (this.#removed.get(id) ?? 0) + 1, changedBy: by, changedAt: now })
    })
  }

  /** Changes a rule; on disk when it resolves. @throws NotThereError, ConflictError when `version` is not the newest */
  change(id: string, version: number, draft: AlertRuleDraft, { by, now }: RuleEditor): Promise<AlertRule> {
    return this.#oneAtATime(async () => {
      this.#check(id, version)
      return this.#save({ ...draft, id, version: version + 1, changedBy: by, changedAt: now })
    })
  }

  /** Removes a rule; on disk when it resolves. @throws NotThereError */
  remove(id: string, { by, now }: RuleEditor): Promise<AlertRule> {
    return this.#oneAtATime(async () => {
      const rule = this.#rules.get(id)
      if (!rule) throw new NotThereError({ code: 'NO_SUCH_RULE', params: { id } })
      const removed = { removed: true, id, version: rule.version + 1, changedBy: by, changedAt: now } as const
      await this.#store.appendEvents([storedRule(removed)])
      this.#cache(removed)
      return rule
    })
  }

  /**
   * Writes rules again with today's date where the store itself forgets what is old, such as an InfluxDB bucket with a retention
   * of its own; each in time, and no sooner. Any other store keeps rules for ever as they are.
   */
  async refresh(now: number): Promise<void> {
    const freshMs = this.#store.keptMs() / 2
    const due = this.all().filter(({ id }) => now - (this.#storedAt.get(id) ?? 0) > freshMs)
    if (due.length === 0) return
    await this.#store.appendEvents(
      due.map((rule) => ({ ...storedRule(rule), id: `${rule.id}@${rule.version}-${now}`, ts: now })),
    )
    for (const { id } of due) this.#storedAt.set(id, now)
  }

  #check(id: string, version: number): void {
    const rule = this.#rules.get(id)
    if (!rule) throw new NotThereError({ code: 'NO_SUCH_RULE', params: { id } })
    if (rule.version !== version)
      throw new ConflictError({
        code: 'RULE_CHANGED',
        params: { id, by: rule.changedBy, version: rule.version, given: version },
      })
  }

  async #save(rule: AlertRule): Promise<AlertRule> {
    await this.#store.appendEvents([storedRule(rule)])
    this.#cache(rule)
    return rule
  }

  async #storeDefaults(missing: ReturnType<typeof defaultRules>, now: number): Promise<void> {
    const rules = missing.map(([id, draft]) => ({
      ...draft,
      id,
      version: 1,
      changedBy: 'system',
      changedAt: now,
    }))
    await this.#store.appendEvents(rules.map(storedRule))
    for (const rule of rules) this.#cache(rule)
  }

  #cache(rule: AlertRule | Removed): void {
    this.#storedAt.set(rule.id, Math.max(rule.changedAt, this.#storedAt.get(rule.id) ?? 0))
    if ('removed' in rule) {
      this.#rules.delete(rule.id)
      this.#removed.set(rule.id, rule.version)
    } else this.#rules.set(rule.id, rule)
  }

  /** `road-jammed`, `road-jammed-2` … */
  #freeId(name: string): string {
    const plain = name.normalize('NFD').replace(/\p{M}/gu, '').replaceAll('đ', 'd').toLowerCase()
    const base =
      plain
        .replace(/[^a-z0-9]+/g, '-')
        .replace(/^-|-$/g, '')
        .slice(0, 56)
        .replace(/-$/, '') || 'rule'
    let id = base
    for (let number = 2; this.#rules.has(id); number++) id = `${base}-${number}`
    return id
  }
}

function storedRule(body: AlertRule | (Removed & { changedBy: string })): StoredEvent {
  return { stream: 'alert-rule', id: `${body.id}@${body.version}`, ts: body.changedAt, body }
}
