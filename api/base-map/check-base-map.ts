import { open } from 'node:fs/promises'
import { Compression, PMTiles, TileType } from 'pmtiles'
import { z } from 'zod'
import { ArchiveFile } from './archive-file.ts'

/** what an archive begins with */
const magic = Buffer.from('PMTiles')

/** layers of Protomaps' schema without which there is no street map */
const neededLayers = ['earth', 'water', 'roads']

const metadataSchema = z.looseObject({ vector_layers: z.array(z.looseObject({ id: z.string() })) })

/** What keeps an archive from being a base map. */
async function faultOfArchive(archive: PMTiles): Promise<string | undefined> {
  const { specVersion, tileType, tileCompression } = await archive.getHeader()
  if (specVersion !== 3) return `it is PMTiles version ${specVersion}, not 3`
  if (tileType !== TileType.Mvt) return 'it holds no vector tiles (MVT)'
  if (tileCompression !== Compression.Gzip && tileCompression !== Compression.None)
    return 'its tiles are compressed by something other than gzip'
  const metadata = metadataSchema.safeParse(await archive.getMetadata())
  const layers = metadata.data?.vector_layers.map(({ id }) => id) ?? []
  const missing = neededLayers.filter((layer) => !layers.includes(layer))
  if (missing.length > 0) return `its tiles are not of Protomaps' schema: no layer ${missing.join(', ')}`
  return undefined
}

/** Why a file cannot be the base map: it must be a PMTiles archive (version 3) in Protomaps' schema. Undefined when it can. */
export async function checkBaseMap(path: string): Promise<string | undefined> {
  try {
    const file = await open(path)
    try {
      const { buffer } = await file.read(Buffer.alloc(magic.length), 0, magic.length, 0)
      if (!buffer.equals(magic)) return 'it is no PMTiles archive'
      return await faultOfArchive(new PMTiles(new ArchiveFile(file)))
    } finally {
      await file.close()
    }
  } catch (error) {
    return (error as Error).message // of node and of the library
  }
}
