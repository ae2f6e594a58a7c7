import type { OperationExamples } from './operation-examples.ts'
import { exampleAt } from './shared.ts'

/** Of the routes for those who run the platform, and of the description itself. */
export const operationExamples: Readonly<Record<string, OperationExamples>> = {
  describeApi: { answer: { openapi: '3.1.0', info: { title: 'Nhịp', version: '1.0.0' }, paths: {} } },
  getLiveness: { answer: { live: true } },
  getReadiness: { answer: { ready: true, broker: 'up', store: 'up', faults: [], now: exampleAt } },
  getMetrics: {
    answer: '# HELP nhip_api_sensors Sensors known\n# TYPE nhip_api_sensors gauge\nnhip_api_sensors 200\n',
  },
}
