import type { DocumentCollection } from '../store.ts'
import type { InfluxQuery } from './influxql.ts'
import { documentMeasurement, documentTime } from './schema.ts'

/** A series per document, with the columns `time` and `body`. */
export function documentsQuery(collection: DocumentCollection): InfluxQuery {
  return {
    text: `SELECT "body" FROM "${documentMeasurement(collection)}" WHERE time = $time GROUP BY "id"`,
    params: { time: new Date(documentTime).toISOString() },
  }
}
