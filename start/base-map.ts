import { access } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { checkBaseMap } from '#api/base-map/check-base-map.ts'

/** What tells where the base map is. */
interface BaseMapSettings {
  DATA_DIR: string
  MAP_TILES?: string | undefined
  MAP_STYLE_URL?: string | undefined
}

const isThere = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  )

/**
 * The file of the base map: the one that `MAP_TILES` names, else `map.pmtiles` in `DATA_DIR` when it is there. Of one that is no
 * base map it tells why, and the sketch is drawn.
 */
export async function findBaseMap(settings: BaseMapSettings, log: Logger): Promise<{ baseMap?: string }> {
  const { DATA_DIR, MAP_TILES, MAP_STYLE_URL } = settings
  const path = MAP_TILES ?? join(DATA_DIR, 'map.pmtiles')
  if (MAP_TILES === undefined && !(await isThere(path))) return {}
  const name = MAP_TILES === undefined ? path : `MAP_TILES "${path}"`
  const fault = await checkBaseMap(path)
  if (fault === undefined && MAP_STYLE_URL === undefined) return { baseMap: path }
  const says = fault
    ? `${name} is no base map: ${fault}; the sketch is drawn (docs/base-map.md tells how to get a map)`
    : `${name} is not drawn: MAP_STYLE_URL is set; leave one of them out`
  console.error(says)
  log.warn({ path, fault }, says)
  return {}
}
