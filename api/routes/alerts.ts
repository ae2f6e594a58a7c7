import { z } from 'zod'
import { alertIdSchema, alertStateSchema, openAlertStates } from '#telemetry/alert.ts'
import { causeSchema } from '#telemetry/alert-condition.ts'
import { alertResponse, alertsResponse } from '#telemetry/alert-rest.ts'
import { prioritySchema } from '#telemetry/alert-rule.ts'
import { assigneeSchema, personAssignee, unassigned } from '#telemetry/assignee.ts'
import { kindSchema } from '#telemetry/kinds.ts'
import { callerNameSchema, type Person } from '#telemetry/people.ts'
import { idSchema } from '#telemetry/reading-parts.ts'
import { readAlertHistory } from '../alerts-client/alert-history.ts'
import { listOpenAlerts } from '../alerts-client/alert-list.ts'
import type { ApiServer } from '../server/api-server.ts'
import { ApiProblem } from '../server/problems.ts'
import type { ServerParts } from '../server/route-parts.ts'
import { timeParameter } from '../server/time-parameter.ts'

const tags = ['alerts']
/** `?state=a&state=b` or `?state=a,b` */
const several = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess(
    (given) => (given === undefined ? undefined : [given].flat().flatMap((each) => String(each).split(','))),
    z.array(schema).optional(),
  )

const alertsQuery = z.object({
  from: timeParameter.optional(),
  to: timeParameter.optional(),
  asOf: timeParameter.optional().describe('as they were at this moment: what happened later is not looked at'),
  state: several(alertStateSchema),
  priority: several(z.coerce.number().pipe(prioritySchema)),
  cause: several(causeSchema),
  district: several(idSchema),
  ward: several(idSchema),
  kind: several(kindSchema),
  sensor: several(idSchema),
  rule: several(idSchema),
  assignee: several(z.union([z.enum(['me', unassigned]), assigneeSchema])).describe(
    'to whom they are given: `person:{id}`, `team:{id}`, `me`, or `nobody`',
  ),
  by: several(callerNameSchema).describe('names of those who acknowledged, assigned, shelved or took back'),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
  offset: z.coerce.number().int().min(0).max(100_000).default(0),
})

/** The alerts: those that are open, those of a span, and the history of each. */
export function alertRoutes(app: ApiServer, parts: ServerParts): void {
  const { alerts, clock } = parts
  app.get(
    '/api/v1/alerts',
    {
      config: { right: 'see', cost: 8 },
      schema: {
        operationId: 'listAlerts',
        summary: 'Alerts that are open, or were in a span of time',
        description:
          'With asOf: as they were at that moment, newest first. Without from and to: what is open (then), by priority, newest first. With them: every alert that was open in the span, newest first. Lists are given as a,b or by repeating the parameter.',
        tags,
        querystring: alertsQuery,
        response: { 200: alertsResponse },
      },
    },
    async ({ query: given, person, queryContext }) => {
      const query = { ...given, assignee: given.assignee?.map((to) => (to === 'me' ? ownAssignee(person) : to)) }
      const open = alerts.all()
      const now = clock()
      const { from = 0, to = now + 1 } = query
      const { asOf } = query
      const isHistory = query.from !== undefined || query.to !== undefined
      const found =
        asOf !== undefined
          ? await parts.store.searchAlerts(
              {
                ...query,
                state: query.state ?? (isHistory ? undefined : openAlertStates),
                ...{ from, to: Math.min(to, asOf), now: asOf, open: [], stepsTo: asOf },
              },
              queryContext,
            )
          : isHistory
            ? await parts.store.searchAlerts({ ...query, from, to, now, open }, queryContext)
            : listOpenAlerts(open, query)
      return { now, watching: alerts.watching, ...found }
    },
  )
  app.get(
    '/api/v1/alerts/:id',
    {
      config: { right: 'see', cost: 4, errors: ['NOT_FOUND'] },
      schema: {
        operationId: 'getAlert',
        summary: 'One alert and its life',
        tags,
        params: z.object({ id: alertIdSchema }),
        response: { 200: alertResponse },
      },
    },
    async ({ params: { id }, queryContext }) => {
      const life = await readAlertHistory(parts.store, { id, open: alerts.get(id) }, queryContext)
      if (!life) throw new ApiProblem('NOT_FOUND', { code: 'NO_SUCH_ALERT', params: { id } })
      return life
    },
  )
}

/** Who asks, as an assignee; of a program that came with a key, one that there is not. */
const ownAssignee = ({ account = '' }: Person) => personAssignee(account)
