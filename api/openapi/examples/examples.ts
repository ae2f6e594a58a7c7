import { airAndWaterExamples } from './air-and-water.ts'
import { alertExamples } from './alerts.ts'
import { cityExamples } from './city.ts'
import { correctionExamples } from './corrections.ts'
import { figureExamples } from './figures.ts'
import { historyExamples } from './history.ts'
import { lampExamples } from './lamps.ts'
import { operationExamples } from './operation.ts'
import type { OperationExamples } from './operation-examples.ts'
import { pastExamples } from './past.ts'
import { peopleExamples } from './people.ts'
import { qualityExamples } from './quality.ts'
import { ruleExamples } from './rules.ts'
import { sensorExamples } from './sensors.ts'
import { shiftExamples } from './shift.ts'

const byOperation: Readonly<Record<string, OperationExamples>> = {
  ...cityExamples,
  ...sensorExamples,
  ...pastExamples,
  ...historyExamples,
  ...qualityExamples,
  ...correctionExamples,
  ...figureExamples,
  ...airAndWaterExamples,
  ...lampExamples,
  ...alertExamples,
  ...ruleExamples,
  ...shiftExamples,
  ...peopleExamples,
  ...operationExamples,
}

/** The examples of an operation, by its operationId. */
export const examplesOf = (operationId: string): OperationExamples => byOperation[operationId] ?? {}
