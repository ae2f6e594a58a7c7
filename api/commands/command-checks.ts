import { type CommandRequest, type LampOrder, maxOrderMs } from '#telemetry/command.ts'
import { dayMs } from '#telemetry/durations.ts'
import { kindOf } from '#telemetry/kinds.ts'
import { type SensorTopic, sensorTopic } from '#telemetry/topics.ts'
import type { SensorRegistry } from '../sensors/sensor-registry.ts'
import { ApiProblem } from '../server/problems.ts'

/** lamps whose answer is awaited at once, over all commands; more commands are refused */
export const maxAwaited = 5_000

/** ids that a refusal names; of further ones the number */
const maxNamed = 3

const someOf = (ids: readonly string[]) => ({
  ids: ids.slice(0, maxNamed),
  more: Math.max(0, ids.length - maxNamed),
})

/** What a command is checked against. */
interface CheckParts {
  sensors: SensorRegistry
  /** epoch ms */
  now: number
  /** whether the broker can be sent anything */
  isReachable: boolean
  /** lamps whose answer is awaited already */
  awaited: number
}

/** Checks an order to lamps; answers the topic of each lamp. @throws ApiProblem when it cannot be sent */
export function checkCommand(
  sensors: CommandRequest['sensors'],
  order: LampOrder,
  { sensors: registry, now, isReachable, awaited }: CheckParts,
): Map<string, string> {
  const unknown = sensors.filter((id) => !registry.get(id))
  if (unknown.length > 0) throw new ApiProblem('UNKNOWN_SENSOR', { code: 'NO_SUCH_SENSORS', params: someOf(unknown) })
  const states = sensors.flatMap((id) => registry.get(id) ?? [])
  const others = states.filter(({ kind }) => !kindOf(kind).takesCommands).map(({ id }) => id)
  if (others.length > 0) throw new ApiProblem('NOT_A_LAMP', { code: 'NOT_LAMPS', params: someOf(others) })
  const until = order.action === 'automatic' ? undefined : order.until
  if (until !== undefined && (until <= now || until > now + maxOrderMs))
    throw new ApiProblem('INVALID_REQUEST', {
      path: 'order.until',
      code: 'NOT_IN_NEXT_DAYS',
      params: { days: maxOrderMs / dayMs },
    })
  if (!isReachable) throw new ApiProblem('UNREACHABLE', { code: 'BROKER_AWAY', params: {} })
  if (awaited + sensors.length > maxAwaited)
    throw new ApiProblem('BUSY', { code: 'LAMPS_WAITING', params: { lamps: awaited } })
  return new Map(
    states.map(({ id, district, kind }) => {
      const of: SensorTopic = { district, kind, sensor: id, channel: 'cmd' }
      return [id, sensorTopic(of)]
    }),
  )
}
