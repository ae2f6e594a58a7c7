/** Where InfluxDB is and whom to be there. With a token it is 2.x, without one 1.x. */
export interface InfluxConnectionOptions {
  url: string
  token?: string
  /** organisation of 2.x, by name or id */
  org?: string
  /** bucket of 2.x, by name or id; database of 1.x */
  bucket: string
  /** ms that a request may take; counting everything, and deleting, may take longer */
  timeoutMs?: number
  /** ms between two looks at how long the bucket or database keeps readings by itself, which may be changed at any time; 60,000 by default */
  keptAgainMs?: number
}
