import { alertExamples } from './alerts.ts'
import { cityExamples } from './city.ts'
import { lampExamples } from './lamps.ts'
import { operationExamples } from './operation.ts'
import { pastExamples } from './past.ts'
import { peopleExamples } from './people.ts'
import { qualityExamples } from './quality.ts'
import { ruleExamples } from './rules.ts'
import { sensorExamples } from './sensors.ts'

/** Examples of one operation. */
export interface OperationExamples {
  /** of the path and the query, by name */
  parameters?: Readonly<Record<string, unknown>>
  /** of the body */
  body?: unknown
  /** of the answer to a success */
  answer?: unknown
}

const byOperation: Readonly<Record<string, OperationExamples>> = {
  ...cityExamples,
  ...sensorExamples,
  ...pastExamples,
  ...qualityExamples,
  ...lampExamples,
  ...alertExamples,
  ...ruleExamples,
  ...peopleExamples,
  ...operationExamples,
}

/** The examples of an operation, by its operationId. */
export const examplesOf = (operationId: string): OperationExamples => byOperation[operationId] ?? {}
