import type { FeatureCollection, Point } from 'geojson'
import { aqiBand } from '#telemetry/vn-aqi.ts'
import type { VnAqiResponse } from '#telemetry/vn-aqi-rest.ts'
import type { SensorRegistry } from '../live/sensor-registry.ts'
import { collection, sensorPoint } from './features.ts'

/** The stations of an answer that are known and shown, with index, band and the band's names. */
export function stationPoints(
  answer: VnAqiResponse | undefined,
  registry: SensorRegistry,
  isShown: (id: string) => boolean,
): FeatureCollection<Point> {
  const points = (answer?.stations ?? []).flatMap(({ sensor, index }) => {
    const state = registry.get(sensor)
    if (!state || !isShown(sensor)) return []
    const band = aqiBand(index)
    return sensorPoint(state, { index, band: band.id, band_vi: band.vi, band_en: band.en })
  })
  return collection(points)
}
