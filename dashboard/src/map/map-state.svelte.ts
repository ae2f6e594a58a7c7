import { createContext } from 'svelte'
import { type Kind, kinds } from '#telemetry/kinds.ts'
import type { SensorState } from '#telemetry/sensor.ts'
import { defaultLayers } from '../kinds/kinds.ts'
import type { Place } from '../navigation/address.ts'
import type { UrlState } from '../navigation/url-state.svelte.ts'

type MapPosition = NonNullable<Place['view']>

/** What the map shows and where it stands, and what the rest of the page asks of it. */
export class MapState {
  readonly #url: UrlState
  /** kinds about which the map says more than where the sensors stand */
  readonly layers = $derived.by<readonly Kind[]>(() => this.#url.place.layers ?? defaultLayers)
  /** set by the map once it is there, as is showOnMap */
  moveMap: ((position: MapPosition) => void) | undefined
  showOnMap = $state.raw<(sensor: SensorState) => void>()

  constructor(url: UrlState) {
    this.#url = url
    url.onGoTo(({ view }) => {
      if (view) this.moveMap?.(view)
    })
  }

  /** Switches a layer of the map on or off. */
  toggleLayer(layer: Kind): void {
    const on = this.layers.includes(layer)
    this.#url.change({ layers: kinds.filter((kind) => (kind === layer ? !on : this.layers.includes(kind))) })
  }

  /** Remembers where the user has moved the map. */
  setPosition(view: MapPosition): void {
    this.#url.change({ view })
  }

  get position(): Place['view'] {
    return this.#url.place.view
  }
}

export const [getMapState, provideMapState] = createContext<MapState>()
