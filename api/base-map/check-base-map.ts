import { type FileHandle, open } from 'node:fs/promises'
import { Compression, PMTiles, type Source, TileType } from 'pmtiles'
import { z } from 'zod'

/** most bytes that a directory, or the description, of an archive may have */
const maxPartBytes = 16_777_216

/** what an archive begins with */
const magic = Buffer.from('PMTiles')

/** layers of Protomaps' schema without which there is no street map */
const neededLayers = ['earth', 'water', 'roads']

const metadataSchema = z.looseObject({ vector_layers: z.array(z.looseObject({ id: z.string() })) })

/** An open file as the library reads an archive. */
class OpenFile implements Source {
  readonly #file: FileHandle

  constructor(file: FileHandle) {
    this.#file = file
  }

  getKey(): string {
    return 'base map'
  }

  async getBytes(offset: number, length: number): Promise<{ data: ArrayBuffer }> {
    if (length > maxPartBytes) throw new Error(`one of its parts has ${length} bytes, at most ${maxPartBytes} are read`)
    const bytes = new Uint8Array(length)
    const { bytesRead } = await this.#file.read(bytes, 0, length, offset)
    return { data: bytes.buffer.slice(0, bytesRead) }
  }
}

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
      return await faultOfArchive(new PMTiles(new OpenFile(file)))
    } finally {
      await file.close()
    }
  } catch (error) {
    return (error as Error).message // of node and of the library
  }
}
