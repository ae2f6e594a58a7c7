/** px beyond a tile's edge that it holds lines for: half the width of the widest, and some for its ends. MapLibre's own 128 px are for text along lines. */
const lineBuffer = 16
/** px beyond a tile's edge that it holds points for: one on the edge may be rounded into the neighbour, and is drawn by it whole */
const pointBuffer = 1

/** Source of areas, and of lines without text along them. */
export const lines = { type: 'geojson', buffer: lineBuffer } as const

/** Source of points: with 128 px a tile would prepare up to 2.25 times as many as it draws. */
export const points = { type: 'geojson', buffer: pointBuffer } as const
