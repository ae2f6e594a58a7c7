import { z } from 'zod'
import { maxFilePoints } from '#telemetry/data-corrections.ts'
import type { RequestFault } from '#telemetry/faults/request-faults.ts'
import { timestampSchema } from '#telemetry/reading-parts.ts'

/** One line of a file: a time (epoch ms), and what the value at that time counts as. */
export type FilePoint = readonly [ts: number, value: number]

/** The points of a file in order of time, or what is wrong with it. */
export type ParsedFile = { ok: true; points: FilePoint[] } | { ok: false; fault: RequestFault }

const path = 'body.change.text'
const isoTime = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:?\d\d)$/

/**
 * Parses the CSV that corrects readings one by one: lines of time and value, with or without a heading. Times are epoch ms, or ISO
 * 8601 with a zone. Behind `;` a value may have a decimal comma, as Excel writes it in Vietnamese. A time that stands twice is refused.
 */
export function parseCorrectionFile(text: string): ParsedFile {
  const points = new Map<number, number>()
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/)
  for (const [at, line] of lines.entries()) {
    if (line.trim() === '' || (points.size === 0 && /^[^\d-]*[a-z]/i.test(line) && at === 0)) continue
    const point = parseLine(line)
    if (!point) return { ok: false, fault: lineFault('LINE_NOT_A_POINT', at) }
    if (points.has(point[0])) return { ok: false, fault: lineFault('LINE_REPEATED', at) }
    points.set(...point)
    if (points.size > maxFilePoints)
      return { ok: false, fault: { path, code: 'FILE_TOO_LONG', params: { most: maxFilePoints } } }
  }
  if (points.size === 0) return { ok: false, fault: { path, code: 'FILE_EMPTY', params: {} } }
  return { ok: true, points: [...points].sort(([a], [b]) => a - b) }
}

function lineFault(code: 'LINE_NOT_A_POINT' | 'LINE_REPEATED', at: number): RequestFault {
  return { path, code, params: { line: at + 1 } }
}

/** Epoch ms; NaN for what is no time, such as one of 30 February. */
function parseIso(time: string): number {
  const isTime = isoTime.test(time) && z.iso.date().safeParse(time.slice(0, 10)).success
  return isTime ? Date.parse(time.replace(' ', 'T')) : Number.NaN
}

function parseLine(line: string): [number, number] | undefined {
  const separator = line.includes(';') ? ';' : line.includes('\t') ? '\t' : ','
  const cells = line.split(separator).map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'))
  const [time = '', given = ''] = cells
  if (cells.slice(2).some((cell) => cell !== '')) return undefined
  const value = separator === ',' ? given : given.replace(',', '.')
  const ts = /^\d+$/.test(time) ? Number(time) : parseIso(time)
  if (!timestampSchema.safeParse(ts).success || !/^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(value)) return undefined
  const number = Number(value)
  return Math.abs(number) <= 1e9 ? [ts, number] : undefined
}
