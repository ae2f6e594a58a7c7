import type { QualityLinks } from '#telemetry/figures/quality-figures.ts'
import type { Kind } from '#telemetry/kinds.ts'
import type { FigureMembership } from '../groups-of-figures.ts'

interface LinkQuery {
  /** what the group's figures are of; undefined: sensors of several kinds */
  kind: Kind | undefined
  /** values of its sensors */
  values: readonly string[]
  /** epoch ms */
  from: number
  to: number
}

/** Addresses of this api at which the readings behind a group's scores are: of one sensor its own, of several those of each of them. */
export function linksOf(
  { sensors }: FigureMembership['groups'][number],
  { kind, values: [value], from, to }: LinkQuery,
): QualityLinks {
  const span = `from=${from}&to=${to}`
  const figures = `/api/v1/figures/quality?${kind === undefined ? '' : `kind=${kind}&`}${span}`
  const [sensor] = sensors
  if (sensor === undefined) return {}
  if (sensors.length > 1) {
    const list = sensors.slice(0, maxNamed).map((id) => `sensors=${id}`)
    return { sensors: `${figures}&groupBy=sensor&${list.join('&')}` }
  }
  return {
    ...(value !== undefined && { readings: `/api/v1/sensors/${sensor}/history?value=${value}&window=raw&${span}` }),
    refused: `/api/v1/quarantine?sensor=${sensor}&${span}`,
    hours: `${figures}&sensors=${sensor}&groupBy=sensor&window=1h`,
  }
}

/** sensors that a link names: an address may not be longer than some kB */
const maxNamed = 50
