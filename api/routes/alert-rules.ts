import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import {
  alertRulesResponse,
  changedAlertRuleBody,
  dryRunBody,
  dryRunResponse,
  newAlertRuleBody,
} from '#telemetry/alert-rest.ts'
import { type AlertRule, alertRuleSchema } from '#telemetry/alert-rule.ts'
import { idSchema } from '#telemetry/reading-parts.ts'
import { actorOf } from '../audit-log/audit-log.ts'
import type { ApiServer } from '../server/api-server.ts'
import type { ServerParts } from '../server/route-parts.ts'

const tags = ['alert rules']
/** bytes: a rule that names a thousand sensors fits */
const bodyLimit = 131_072
const params = z.object({ id: idSchema })

/** The rules that raise alerts. */
export function alertRuleRoutes(app: ApiServer, { alerts, auditLog }: ServerParts): void {
  const record = async (
    request: FastifyRequest,
    what: `alert-rule.${'add' | 'change' | 'remove'}`,
    { id, version, name }: AlertRule,
  ) => {
    await auditLog.record({ ...actorOf(request), what, target: id, detail: { version, name } })
  }
  app.get(
    '/api/v1/alert-rules',
    {
      config: { right: 'see', errors: ['UNREACHABLE'] },
      schema: { operationId: 'listAlertRules', summary: 'The rules', tags, response: { 200: alertRulesResponse } },
    },
    async () => alerts.fetchList({ type: 'rules' }, alertRulesResponse, 'rules'),
  )
  app.post(
    '/api/v1/alert-rules',
    {
      config: { right: 'rules:edit', errors: ['CONFLICT', 'STORE_REJECTED', 'UNREACHABLE'] },
      bodyLimit,
      schema: {
        operationId: 'createAlertRule',
        summary: 'Add a rule',
        tags,
        body: newAlertRuleBody,
        response: { 201: alertRuleSchema },
      },
    },
    async (request, reply) => {
      const { id, rule } = request.body
      const by = request.person.name
      const made = alertRuleSchema.parse(await alerts.ask({ type: 'add-rule', ...(id && { id }), rule, by }))
      await record(request, 'alert-rule.add', made)
      return reply.code(201).send(made)
    },
  )
  app.put(
    '/api/v1/alert-rules/:id',
    {
      config: { right: 'rules:edit', errors: ['NOT_FOUND', 'CONFLICT', 'STORE_REJECTED', 'UNREACHABLE'] },
      bodyLimit,
      schema: {
        operationId: 'updateAlertRule',
        summary: 'Change a rule',
        description: 'version is the one that was read; 409 when somebody else changed the rule since.',
        tags,
        params,
        body: changedAlertRuleBody,
        response: { 200: alertRuleSchema },
      },
    },
    async (request) => {
      const { id } = request.params
      const by = request.person.name
      const rule = alertRuleSchema.parse(await alerts.ask({ type: 'change-rule', id, ...request.body, by }))
      await record(request, 'alert-rule.change', rule)
      return rule
    },
  )
  app.delete(
    '/api/v1/alert-rules/:id',
    {
      config: { right: 'rules:edit', errors: ['NOT_FOUND', 'UNREACHABLE'] },
      schema: {
        operationId: 'deleteAlertRule',
        summary: 'Take a rule away',
        tags,
        params,
        response: { 204: z.null() },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const rule = alertRuleSchema.parse(await alerts.ask({ type: 'remove-rule', id, by: request.person.name }))
      await record(request, 'alert-rule.remove', rule)
      return reply.code(204).send(null)
    },
  )
  app.post(
    '/api/v1/alert-rules/dry-run',
    {
      config: {
        right: 'rules:edit',
        errors: ['CONFLICT', 'UNREACHABLE', 'TOO_MANY_QUESTIONS', 'TOO_SLOW'],
        cost: 4,
        longestMs: 60_000,
      },
      bodyLimit,
      schema: {
        operationId: 'dryRunAlertRule',
        summary: 'What a rule would have raised in the last days',
        tags,
        body: dryRunBody,
        response: { 200: dryRunResponse },
      },
    },
    async ({ body, queryContext }) =>
      dryRunResponse.parse(await alerts.ask({ type: 'dry-run', ...body }, queryContext.signal)),
  )
}
