import { commandRecordSchema, commandRequestSchema, commandsResponse } from '#telemetry/command.ts'
import { actorOf } from '../audit-log/audit-log.ts'
import type { ApiServer } from '../server/api-server.ts'
import type { ServerParts } from '../server/route-parts.ts'

const tags = ['commands']
const config = { right: 'lamps:command' } as const

/** bytes of the largest body: 500 lamps with the longest ids, an order and a comment */
const bodyLimit = 65_536

/** Commands to lamps. */
export function commandRoutes(app: ApiServer, { commands }: ServerParts): void {
  app.post(
    '/api/v1/commands',
    {
      config: { ...config, errors: ['NOT_A_LAMP', 'UNKNOWN_SENSOR', 'UNREACHABLE', 'BUSY'] },
      bodyLimit,
      schema: {
        operationId: 'sendLampCommand',
        summary: 'Switch or dim lamps',
        description:
          'Answers as soon as the command is on its way, with when it ends: by default at the next switching of the lamps’ schedule. What each lamp answers, or that it does not within 10 s, comes as `command` on the live feed and in `GET /api/v1/commands`.',
        tags,
        body: commandRequestSchema,
        response: { 202: commandRecordSchema },
      },
    },
    async (request, reply) => reply.code(202).send(await commands.send(actorOf(request), request.body)),
  )
  app.get(
    '/api/v1/commands',
    {
      config,
      schema: {
        operationId: 'listLampCommands',
        summary: 'The newest commands since the start, and how far they have come',
        tags,
        response: { 200: commandsResponse },
      },
    },
    async () => ({ commands: [...commands.recent()] }),
  )
}
