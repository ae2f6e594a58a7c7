import { z } from 'zod'
import type { DocumentCollection, StoredDocument, TelemetryStore } from '../store.ts'
import { documentsQuery } from './document-influxql.ts'
import { documentLine } from './line-protocol.ts'
import type { InfluxSession } from './session.ts'

const documentRow = z.tuple([z.number(), z.string()])

/** How documents are written to InfluxDB and read from it; one that was removed has the body `null`. */
export function documentStorage(
  session: InfluxSession,
): Pick<TelemetryStore, 'putDocument' | 'removeDocument' | 'readDocuments'> {
  const putDocument = (collection: DocumentCollection, document: StoredDocument) =>
    session.use((connection) => connection.write(documentLine(collection, document), 'ms'))
  return {
    putDocument,
    removeDocument: (collection, id) => putDocument(collection, { id, body: null }),
    async readDocuments(collection) {
      const series = await session.query(documentsQuery(collection))
      const documents = series.map(({ tags, values: [row] }) => {
        const [, body] = documentRow.parse(row)
        return { id: String(tags?.id), body: JSON.parse(body) }
      })
      return documents.filter(({ body }) => body !== null).toSorted((a, b) => (a.id < b.id ? -1 : 1))
    },
  }
}
