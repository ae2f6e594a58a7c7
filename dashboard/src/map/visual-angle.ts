/**
 * Minutes of arc under which a mark is seen at least: ISO 9241-303:2011 prefers 20 to 22 for characters, and the FAA's guide to
 * visual displays asks 20 for symbols that matter.
 */
const markArcMinutes = 20

/** A desk: eyes 1 m from a screen whose CSS pixels are those that CSS itself means, 96 an inch. */
const desk = { metres: 1, pixelMm: 25.4 / 96 } as const

/** A wall: eyes 4 m from a screen of 55 inches, the smallest that is sold for one. On a larger one marks are larger too. */
const wall = { metres: 4, screenWidthMm: 1_218 } as const

/** mm of what is seen under so many minutes of arc from so many metres. */
const heightMm = (metres: number) => 2 * 1_000 * metres * Math.tan((markArcMinutes / 60 / 2) * (Math.PI / 180))

/** CSS px of a mark at a desk: 22. */
export const deskMarkPx = heightMm(desk.metres) / desk.pixelMm

/** How many times as large as at a desk marks and their words are on a wall display whose page is so many CSS px wide. */
export function wallScale(pageWidth: number): number {
  const markPx = heightMm(wall.metres) / (wall.screenWidthMm / pageWidth)
  return Math.max(1, markPx / deskMarkPx)
}
