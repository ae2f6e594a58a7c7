/** Certificate and key, PEM. */
export interface Certificate {
  cert: Buffer
  key: Buffer
}

/** The certificate of the listener: the one there is now, and those that come after it. */
export interface CertificateSource {
  readonly current: Certificate
  /** Calls back with each new one. */
  onChange(listener: (certificate: Certificate) => void): void
}
