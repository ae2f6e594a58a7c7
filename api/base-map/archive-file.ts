import type { FileHandle } from 'node:fs/promises'
import type { Source } from 'pmtiles'

/** most bytes that a directory, the description or a tile of an archive may have */
const maxPartBytes = 16_777_216

/** An open file as the library reads an archive. */
export class ArchiveFile implements Source {
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
