/** Examples of one operation. */
export interface OperationExamples {
  /** of the path and the query, by name */
  parameters?: Readonly<Record<string, unknown>>
  /** of the body */
  body?: unknown
  /** of the answer to a success */
  answer?: unknown
}
