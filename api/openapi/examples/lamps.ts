import type { CommandRecord, CommandRequest } from '#telemetry/command.ts'
import { hourMs } from '#telemetry/durations.ts'
import type { LampOverridesResponse } from '#telemetry/lamp-override.ts'
import type { OperationExamples } from './operation-examples.ts'
import { exampleAt, exampleDistrict, exampleLamp } from './shared.ts'

const request = {
  sensors: [exampleLamp],
  order: { action: 'dim', level: 0.4, until: 'next-switching' },
  comment: 'roadworks',
} satisfies CommandRequest

const order = { action: 'dim', level: 0.4, until: exampleAt + 10 * hourMs } as const
const command = '33a2224a-c04b-4dad-ac01-2d349b993ae0'
const record = (lamps: CommandRecord['lamps']): CommandRecord => ({
  id: command,
  at: exampleAt,
  by: 'An',
  order,
  comment: request.comment,
  lamps,
})

const overrides = {
  now: exampleAt + 60_000,
  total: 1,
  overrides: [
    {
      ...{
        sensor: exampleLamp,
        district: exampleDistrict,
        kind: 'lighting',
        command,
        order,
        by: 'An',
        since: exampleAt + 85,
      },
      comment: request.comment,
    },
  ],
} satisfies LampOverridesResponse

/** Of the routes about commands to lamps. */
export const lampExamples: Readonly<Record<string, OperationExamples>> = {
  sendLampCommand: { body: request, answer: record({ [exampleLamp]: { state: 'sent' } }) },
  listLampOverrides: {
    parameters: { district: exampleDistrict, at: new Date(exampleAt).toISOString(), limit: 100, offset: 0 },
    answer: overrides,
  },
  listLampCommands: { answer: { commands: [record({ [exampleLamp]: { state: 'acknowledged', afterMs: 85 } })] } },
}
