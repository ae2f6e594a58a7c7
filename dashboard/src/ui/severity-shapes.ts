import type { Severity } from '#telemetry/severity.ts'

/** The shape (SVG path around 0, 0) of each severity: a diamond, a triangle, a square. */
export const severityShapes: Readonly<Record<Severity, string>> = {
  1: 'M0-9L9 0L0 9L-9 0Z',
  2: 'M0-8.5L8.5 6.5H-8.5Z',
  3: 'M-7.5-7.5H7.5V7.5H-7.5Z',
}
