import type { CameraOptions, Map as MapLibreMap, MapMovementEvent } from 'maplibre-gl'
import type { District } from '#telemetry/district.ts'
import { boundsOf } from './bounds.ts'

/** px around the outlines of the districts, at most */
const mostPadding = 24
/** the same as a share of the map's shorter side, where that is less: a phone has no room to give away */
const paddingShare = 0.03

/** px around the outlines of the districts on a map of this size (px). */
export function districtPadding({
  clientWidth,
  clientHeight,
}: Pick<HTMLElement, 'clientWidth' | 'clientHeight'>): number {
  return Math.min(mostPadding, paddingShare * Math.min(clientWidth, clientHeight))
}

/** Where the map has to stand so that the outlines of all districts fill it; undefined when there are none. */
export function districtCamera(map: MapLibreMap, districts: readonly District[]): CameraOptions | undefined {
  const bounds = boundsOf(districts)
  return bounds && map.cameraForBounds(bounds, { padding: districtPadding(map.getContainer()) })
}

/** Whether a movement is of the user's making: a resize of the window is a move too. */
export const isByUser = (event: MapMovementEvent) => event.originalEvent !== undefined || 'asked' in event

/** Keeps the districts filling the map when its size changes, until the user has moved it (`isMoved`: has done so before). */
export function followDistricts(map: MapLibreMap, districts: readonly District[], isMoved: boolean): void {
  let moved = isMoved
  const fill = () => {
    const camera = moved ? undefined : districtCamera(map, districts)
    if (camera) map.jumpTo(camera)
  }
  map.on('wheel', () => {
    moved = true
  })
  map.on('movestart', (event) => {
    moved ||= isByUser(event)
  })
  map.on('resize', fill)
}

/** Records on the map's element what it shows, as `longitude,latitude,zoom`. */
export function recordView(map: MapLibreMap): void {
  const record = () => {
    const { lng, lat } = map.getCenter()
    map.getContainer().dataset.view = [lng, lat, map.getZoom()].join()
  }
  record()
  map.on('moveend', record)
}
