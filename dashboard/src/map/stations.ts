import type { FeatureCollection, Point } from 'geojson'
import type { SensorState } from '#telemetry/sensor.ts'
import { aqiBand } from '#telemetry/vn-aqi.ts'
import type { NoVnAqi, VnAqiResponse } from '#telemetry/vn-aqi-rest.ts'
import { shownKinds } from '../kinds/kinds.ts'
import { collection, sensorPoint } from './features.ts'

/** A station with its index, or with the reason why it has none. */
export type Station = { sensor: SensorState } & ({ index: number } | { reason: NoVnAqi | undefined })

/** Whether a sensor is one of those whose layer shows VN_AQI. */
export const isStation = ({ kind }: Pick<SensorState, 'kind'>) => shownKinds[kind].hasVnAqi === true

/** These stations, with what an answer says of it: nothing (undefined) where it came later than the answer. */
export function stationsOf(answer: VnAqiResponse, sensors: Iterable<SensorState>): Station[] {
  const indices = new Map(answer.stations.map(({ sensor, index }) => [sensor, index]))
  const reasons = new Map(answer.without.map(({ sensor, reason }) => [sensor, reason]))
  return [...sensors].map((sensor) => {
    const index = indices.get(sensor.id)
    return index === undefined ? { sensor, reason: reasons.get(sensor.id) } : { sensor, index }
  })
}

/** What the map draws of stations: number, words, colour of the index, and which goes before others: the worst of all. */
export function stationPoints(
  stations: readonly Station[],
  words: (station: Station) => string,
): FeatureCollection<Point> {
  return collection(
    stations.flatMap((station) =>
      'index' in station
        ? sensorPoint(station.sensor, {
            ...{ number: String(station.index), rank: station.index, words: words(station) },
            colour: `rgb(${aqiBand(station.index).rgb.join()})`,
          })
        : sensorPoint(station.sensor, { number: 'none', rank: -1, words: words(station) }),
    ),
  )
}
