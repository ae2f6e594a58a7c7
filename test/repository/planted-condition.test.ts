import { spawnSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type * as Evaluators from '#alerts/evaluators/create-evaluator.ts'
import type * as DefaultRules from '#alerts/rules/default-rules.ts'
import { root } from '#start/prepare.mjs'
import type * as Conditions from '#telemetry/alert-condition.ts'
import type * as Rules from '#telemetry/alert-rule.ts'
import type * as SizeWords from '#telemetry/alert-size-words.ts'
import type * as Causes from '#telemetry/glossary/alert-cause.ts'
import type * as RuleForm from '../../dashboard/src/alerts/rule-form.ts'

/** The modules of a kind with a condition of its own: rules about a gauge of the tide may look for slack water. */
const modules: Readonly<Record<string, string>> = {
  'telemetry/kinds/tide/kind.ts': `
    import { z } from 'zod'
    import { defineCondition, forSeconds } from '../../conditions/define-condition.ts'
    import { defineKind, number } from '../define-kind.ts'
    const slackWater = defineCondition('slack-water', { vi: 'nước đứng', en: 'slack water' },
      { below: z.number().min(0).max(9).default(0.1), forSeconds: forSeconds.default(0) },
      { index: { vi: 'Dòng chảy', en: 'Current' } })
    export const tide = defineKind({
      id: 'tide', names: { vi: 'Triều', en: 'Tide' }, called: { vi: 'trạm triều', en: 'a tide gauge' },
      values: { current: number('m', 2, z.number(), 'Dòng chảy', 'Current') },
      refusals: {}, meta: {}, causes: [], finding: () => undefined, limits: () => [], isPlausible: () => true,
      conditions: [slackWater],
      failures: { becalmed: { names: { vi: 'đứng nước', en: 'becalmed' }, condition: { type: 'slack-water' } } },
      rules: {
        slack: { name: { vi: 'Đứng', en: 'Slack' }, priority: 3, condition: { type: 'slack-water' } },
        'all-slack': { name: { vi: 'Cùng đứng', en: 'All slack' }, priority: 3,
          condition: { type: 'group', failures: ['becalmed', 'offline'] } },
      },
    })`,
  'alerts/kinds/tide.ts': `
    import { normal } from '../conditions/condition-check.ts'
    import type { EvaluatedKind } from './evaluated-kind.ts'
    export const evaluatedTide: EvaluatedKind<'tide'> = {
      'slack-water': {
        createCheck: ({ below }) => ({ kind, values }) => {
          const value = kind === 'tide' ? values.current : undefined
          if (value === undefined) return undefined
          return value < below ? { is: 'abnormal', finding: { value, limit: below, unit: '' } } : normal
        },
      },
    }`,
  'dashboard/src/kinds/tide.ts': `
    import { forSeconds } from '../alerts/rule-field.ts'
    import { disc, type ShownKind } from './shown-kind.ts'
    export const shownTide: ShownKind<'tide'> = {
      shape: disc, dot: 1, layerOn: false, causes: {}, noted: () => [],
      conditions: { 'slack-water': [
        { name: 'below', label: { vi: 'Chậm hơn', en: 'Slower than' }, type: 'number', initial: '0.1' },
        forSeconds('0'),
      ] },
    }`,
  'simulators/kinds/tide/kind.ts': `
    import type { SimulatedKind } from '../simulated-kind.ts'
    export const simulatedTide: SimulatedKind<'tide'> = {
      called: { vi: 'Trạm triều', en: 'Tide gauge' }, period: 60, share: { onTop: 1 }, stands: 'in-wards',
      valuesAt: () => ({ current: 0 }),
    }`,
}

/** The lists that it stands in: what is replaced by an entry more, and the import. Nothing else that there is, is changed. */
const lists: Readonly<Record<string, readonly [before: string, entry: string, imported: string]>> = {
  'telemetry/kinds.ts': ['waterLevel]', 'waterLevel, tide]', `import { tide } from './kinds/tide/kind.ts'`],
  'alerts/kinds/kinds.ts': [
    'traffic: evaluatedTraffic,',
    'traffic: evaluatedTraffic, tide: evaluatedTide,',
    `import { evaluatedTide } from './tide.ts'`,
  ],
  'dashboard/src/kinds/kinds.ts': [
    'traffic: shownTraffic,',
    'traffic: shownTraffic, tide: shownTide,',
    `import { shownTide } from './tide.ts'`,
  ],
  'simulators/kinds/kinds.ts': [
    'traffic: simulatedTraffic,',
    'traffic: simulatedTraffic, tide: simulatedTide,',
    `import { simulatedTide } from './tide/kind.ts'`,
  ],
}

const rooms = [
  'telemetry',
  'city',
  'storage',
  'history',
  'journal',
  'alerts',
  'api',
  'simulators',
  'ingest',
  'dashboard/src',
]

describe('a condition of one kind', () => {
  let folder: string
  const planted = <Module>(path: string): Promise<Module> => import(join(folder, path))
  /** What the compiler says of the rooms as they are in the folder. */
  const compile = () =>
    spawnSync(join(root, 'node_modules/.bin/tsc'), ['--noEmit', '-p', folder], { cwd: root, encoding: 'utf8' }).stdout

  beforeAll(async () => {
    folder = await mkdtemp(join(root, 'test', 'planted-condition-'))
    for (const room of rooms) await cp(join(root, room), join(folder, room), { recursive: true })
    await cp(join(root, 'package.json'), join(folder, 'package.json'))
    // without what imports components: the compiler does not read those
    const include = ['telemetry', 'alerts', 'simulators', 'dashboard/src/kinds', 'dashboard/src/alerts/rule-*.ts']
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ extends: '../../tsconfig.json', include }))
    for (const [path, text] of Object.entries(modules)) {
      await mkdir(join(folder, dirname(path)), { recursive: true })
      await writeFile(join(folder, path), text)
    }
    for (const [path, [before, entry, imported]] of Object.entries(lists)) {
      const text = await readFile(join(folder, path), 'utf8')
      expect(text.split(before)).toHaveLength(2)
      await writeFile(join(folder, path), `${imported}\n${text.replace(before, entry)}`)
    }
  }, 60_000)
  afterAll(() => rm(folder, { recursive: true }))

  it('comes with the modules of its kind and an entry in each list of kinds', () => {
    expect(compile()).toBe('')
  }, 120_000)

  it('is a condition of rules, and the cause of alerts, with its words', async () => {
    const { conditionSchema, causes } = await planted<typeof Conditions>('telemetry/alert-condition.ts')
    const { kindOfCause } = await planted<typeof Rules>('telemetry/alert-rule.ts')
    const { causeWords } = await planted<typeof Causes>('telemetry/glossary/alert-cause.ts')
    const { alertSizeWords } = await planted<typeof SizeWords>('telemetry/alert-size-words.ts')
    const type = 'slack-water' as 'congestion' // the types are those of the kinds there are
    expect(conditionSchema.parse({ type })).toEqual({ type, below: 0.1, forSeconds: 0 })
    expect(causes).toContain(type)
    expect(kindOfCause[type]).toBe('tide')
    expect(causeWords[type]).toEqual({ vi: 'nước đứng', en: 'slack water' })
    const sized = { cause: type, kind: 'traffic', value: 0.05, limit: 0.1, unit: '' } as const
    expect(alertSizeWords(sized, 'en', String)).toBe('Current 0.05 (limit 0.1)')
  })

  it('is in the default rules, and raises and clears', async () => {
    const { defaultRules } = await planted<typeof DefaultRules>('alerts/rules/default-rules.ts')
    const rules = new Map(defaultRules())
    const condition = rules.get('slack')?.condition ?? expect.fail('there is no such rule')
    expect(rules.get('all-slack')?.condition).toMatchObject({ failures: ['becalmed', 'offline'] })
    const { createEvaluator, isReadingCondition } = await planted<typeof Evaluators>(
      'alerts/evaluators/create-evaluator.ts',
    )
    if (!isReadingCondition(condition)) expect.fail('it is not evaluated')
    const evaluator = createEvaluator(condition)
    const story = [1, 0.05, 0.02, 0.3].map((current, minute) => {
      const reading = { kind: 'tide', district: 'tay-ninh', sensor: 'tide-1', ts: minute * 60_000, values: { current } }
      return evaluator.evaluate(reading as never, undefined)?.type
    })
    expect(story).toEqual([undefined, 'raise', undefined, 'clear'])
  })

  it('is filled in on the page', async () => {
    const { draftOf, initialFields, newForm } = await planted<typeof RuleForm>('dashboard/src/alerts/rule-form.ts')
    const [kind, cause] = ['tide' as 'traffic', 'slack-water' as 'congestion']
    const form = { ...newForm(), ...{ vi: 'Đứng', en: 'Slack', kind, cause, fields: initialFields(kind, cause) } }
    expect(draftOf(form)).toMatchObject({ ok: true, draft: { condition: { type: cause, below: 0.1, forSeconds: 0 } } })
  })

  it('is refused by the compiler where nobody says how it is evaluated, and how it is filled in', async () => {
    const parts: [string, RegExp, string][] = [
      ['alerts/kinds/tide.ts', /'slack-water': \{[\s\S]*\n {6}\},/, ''],
      ['dashboard/src/kinds/tide.ts', /conditions: \{[\s\S]*\] \}/, 'conditions: {}'],
    ]
    for (const [path, part, less] of parts)
      await writeFile(join(folder, path), (modules[path] ?? '').replace(part, less))
    const faults = compile().split('\n')
    for (const [path] of parts)
      expect(faults.some((line) => line.includes(path) && line.includes('slack-water'))).toBe(true)
  }, 120_000)
})
