import { createHash } from 'node:crypto'
import { access, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { replaceFile } from '#telemetry/durable-files.ts'
import type { IngestMetrics } from '../metrics.ts'

export interface DamagedBlocksOptions {
  /** made when the first block is put there */
  folder: string
  metrics: Pick<IngestMetrics, 'damagedBlocks'>
  log: Logger
}

/** Stores damaged blocks of the journal, which cannot be decoded: a file each, with the bytes as they were found. */
export class DamagedBlocks {
  readonly #options: DamagedBlocksOptions

  constructor(options: DamagedBlocksOptions) {
    this.#options = options
  }

  /** On disk when it resolves; a block that is stored already counts once. Rejects when the disk fails. */
  async store(offset: number, bytes: Uint8Array): Promise<void> {
    const { folder, metrics, log } = this.#options
    const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 16)
    const path = join(folder, `${offset}-${hash}.block`)
    await mkdir(folder, { recursive: true, mode: 0o700 })
    if (await isThere(path)) return
    await replaceFile(path, bytes)
    metrics.damagedBlocks.inc()
    log.error(
      { offset, path },
      'A BLOCK OF THE JOURNAL IS DAMAGED: its readings are lost unless its file can be mended',
    )
  }
}

const isThere = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  )
