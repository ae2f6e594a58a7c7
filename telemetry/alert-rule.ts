import { z } from 'zod'
import { conditionSchema } from './alert-condition.ts'
import { wordsOfFault } from './faults/fault-table.ts'
import type { RuleFault, ruleFaults } from './faults/rule-faults.ts'
import { ruleWordsEn } from './faults/rule-words-en.ts'
import { priorityWords } from './glossary/priority.ts'
import { describedValues } from './glossary/worded-enum.ts'
import { type Kind, kindOf, kindSchema, kinds } from './kinds.ts'
import { callerNameSchema } from './people.ts'
import { plainLine } from './plain-text.ts'
import { idSchema, timestampSchema } from './reading-parts.ts'
import { metaInfo, valueInfo } from './values.ts'

/** 1 critical (◆), 2 warning (▲), 3 notice. A notice asks for no acknowledgement: it is over when it clears. */
export const prioritySchema = z
  .union([z.literal(1), z.literal(2), z.literal(3)])
  .describe(describedValues(priorityWords))
export type Priority = z.infer<typeof prioritySchema>

/** The one kind that each of some names is about, which `namesOf` tells. */
const kindByName = (namesOf: (kind: Kind) => readonly string[]): Readonly<Partial<Record<string, Kind>>> =>
  Object.fromEntries(kinds.flatMap((kind) => namesOf(kind).map((name) => [name, kind])))

/** The one kind that a cause is about; causes that are not here are about any kind. */
export const kindOfCause = kindByName((kind) => kindOf(kind).conditions.map(({ type }) => type))

/** The one kind whose sensors fail in such a way; ways that are not here are about any kind. */
const kindOfFailure = kindByName((kind) => Object.keys(kindOf(kind).failures ?? {}))

const ids = z.array(idSchema).min(1).max(1_000)

/** Which sensors a rule watches: those of the kind that are in every list given. */
export const scopeSchema = z.object({
  kind: kindSchema,
  districts: ids.optional(),
  wards: ids.optional(),
  sensors: ids.optional(),
})
export type Scope = z.infer<typeof scopeSchema>

const name = plainLine.min(1).max(120)

const draft = z.object({
  name: z.object({ vi: name, en: name }),
  enabled: z.boolean().default(true),
  priority: prioritySchema,
  scope: scopeSchema,
  condition: conditionSchema,
  /** who is told by webhook and e-mail: as its priority is set up, always, or never */
  notify: z.enum(['by-priority', 'always', 'never']).default('by-priority'),
})

/** A fault of a rule that its parts alone do not show. */
function checkRule({ scope, condition }: Pick<z.infer<typeof draft>, 'scope' | 'condition'>, context: z.RefinementCtx) {
  const fault = (path: string[], found: RuleFault) => {
    const message = wordsOfFault<typeof ruleFaults>(ruleWordsEn, found)
    context.addIssue({ code: 'custom', path, message, params: { fault: found } })
  }
  const kind = kindOfCause[condition.type]
  if (kind && kind !== scope.kind)
    fault(['scope', 'kind'], { code: 'CONDITION_OF_OTHER_KIND', params: { kind, type: condition.type } })
  if ('value' in condition) {
    const info = valueInfo(scope.kind, condition.value)
    if (!info) fault(['condition', 'value'], { code: 'NO_VALUE_OF_KIND', params: { kind: scope.kind } })
    else if (info.type === 'word' && condition.type !== 'stuck')
      fault(['condition', 'value'], { code: 'NO_SIZE', params: {} })
  }
  if (condition.type === 'own-level') {
    const [level, value] = [metaInfo(scope.kind, condition.level), valueInfo(scope.kind, condition.value)]
    if (!level || level.type === 'word' || level.unit !== value?.unit)
      fault(['condition', 'level'], { code: 'NO_LEVEL_OF_KIND', params: { kind: scope.kind } })
  }
  if (condition.type === 'threshold') {
    const { above, below } = condition
    if (above === undefined && below === undefined) fault(['condition'], { code: 'NO_LIMIT', params: {} })
    if (above !== undefined && below !== undefined && below >= above)
      fault(['condition', 'below'], { code: 'BELOW_NOT_UNDER_ABOVE', params: {} })
  }
  if (condition.type === 'group')
    for (const failure of condition.failures) {
      const only = kindOfFailure[failure]
      if (only && only !== scope.kind)
        fault(['condition', 'failures'], { code: 'FAILURE_OF_OTHER_KIND', params: { failure, kind: only } })
    }
}

/** What one sends to make a rule, to change one, or to try one. */
export const alertRuleDraftSchema = draft.superRefine(checkRule)
export type AlertRuleDraft = z.infer<typeof alertRuleDraftSchema>

/** A rule as the platform keeps it. Each change counts `version` up by one. */
export const alertRuleSchema = draft
  .extend({
    id: idSchema,
    version: z.number().int().min(1),
    /** name of who changed it last; `system` for the default set */
    changedBy: callerNameSchema,
    /** epoch ms */
    changedAt: timestampSchema,
  })
  .superRefine(checkRule)
export type AlertRule = z.infer<typeof alertRuleSchema>

/** Most rules the platform keeps. */
export const maxRules = 500
