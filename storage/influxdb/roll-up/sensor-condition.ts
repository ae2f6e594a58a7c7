/** sensors that are asked for in one query */
export const sensorsOfQuery = 200

/** A condition that points are of one of these sensors, and what is bound in it. */
export function sensorCondition(sensors: readonly string[]): { text: string; params: Record<string, string> } {
  const params = Object.fromEntries(sensors.map((sensor, at) => [`s${at}`, sensor]))
  return { text: `(${sensors.map((_, at) => `"sensor" = $s${at}`).join(' OR ')})`, params }
}

/** Parts of a list, none longer than so many. */
export function partsOf<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size))
}
