import type { BaseMapArchive } from './base-map-archive.ts'

/** Begins to read the archive of a base map (a path of the platform), before there is a map to draw it: who draws it says when it fails. */
export function fetchBaseMap(path: string): Promise<BaseMapArchive> {
  const archive = import('./base-map-archive.ts').then(({ openBaseMapArchive }) => openBaseMapArchive(path))
  archive.catch(() => {})
  return archive
}
