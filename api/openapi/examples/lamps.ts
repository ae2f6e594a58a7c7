import type { CommandRecord, CommandRequest } from '#telemetry/command.ts'
import type { OperationExamples } from './operation-examples.ts'
import { exampleAt, exampleLamp } from './shared.ts'

const request = {
  sensors: [exampleLamp],
  order: { action: 'dim', level: 0.4 },
  comment: 'roadworks',
} satisfies CommandRequest

const record = (lamps: CommandRecord['lamps']): CommandRecord => ({
  id: '33a2224a-c04b-4dad-ac01-2d349b993ae0',
  at: exampleAt,
  by: 'An',
  order: request.order,
  comment: request.comment,
  lamps,
})

/** Of the routes about commands to lamps. */
export const lampExamples: Readonly<Record<string, OperationExamples>> = {
  sendLampCommand: { body: request, answer: record({ [exampleLamp]: { state: 'sent' } }) },
  listLampCommands: { answer: { commands: [record({ [exampleLamp]: { state: 'acknowledged', afterMs: 85 } })] } },
}
