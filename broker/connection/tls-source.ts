/** Certificate and key, checked, as node:tls takes them. */
export interface TlsFiles {
  cert: Buffer
  key: Buffer
  /** who signs the certificates of clients; absent when they are not asked for one */
  ca?: Buffer
  /** when the certificate is no longer valid, epoch ms */
  expiresAt: number
}

/** What listeners use now, and what they use after a change of the files. */
export interface TlsSource {
  readonly current: TlsFiles
  /** Calls `listener` with what is to be used from now on, after each change. */
  onChange(listener: (files: TlsFiles) => void): void
}
