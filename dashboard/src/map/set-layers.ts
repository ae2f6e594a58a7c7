import type { LayerSpecification, Map as MapLibreMap } from 'maplibre-gl'

/** Sets the paint and layout of layers that a map has already to those of these, which have the same properties. */
export function setLayers(map: MapLibreMap, layers: readonly LayerSpecification[]): void {
  for (const layer of layers) {
    const paint: Record<string, unknown> = { ...layer.paint }
    const layout: Record<string, unknown> = 'layout' in layer ? { ...layer.layout } : {}
    // names and values come in pairs from a typed layer; the map's own types cannot follow a loop over them
    for (const [name, value] of Object.entries(paint)) map.setPaintProperty(layer.id, name as never, value as never)
    for (const [name, value] of Object.entries(layout)) map.setLayoutProperty(layer.id, name as never, value as never)
  }
}
