import { createHash } from 'node:crypto'
import { access, mkdir, open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { IngestMetrics } from './metrics.ts'

export interface DamagedBlocksOptions {
  /** made when the first block is put there */
  folder: string
  metrics: Pick<IngestMetrics, 'damagedBlocks'>
  log: Logger
}

/** Where blocks of the journal go that nobody can read: a file each, with the bytes as they were found. */
export class DamagedBlocks {
  readonly #options: DamagedBlocksOptions

  constructor(options: DamagedBlocksOptions) {
    this.#options = options
  }

  /** On disk when it resolves; a block that is there already stays and counts once. Rejects when the disk does not take it. */
  async keep(position: number, bytes: Uint8Array): Promise<void> {
    const { folder, metrics, log } = this.#options
    const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 16)
    const path = join(folder, `${position}-${hash}.block`)
    await mkdir(folder, { recursive: true, mode: 0o700 })
    if (await isThere(path)) return
    await writeWhole(path, bytes)
    await sync(folder)
    metrics.damagedBlocks.inc()
    log.error(
      { position, path },
      'A BLOCK OF THE JOURNAL IS DAMAGED: its readings are lost unless its file can be mended',
    )
  }
}

const isThere = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  )

/** A file that has its name is whole. */
async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const part = `${path}.part`
  const file = await open(part, 'w', 0o600)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(part, path)
}

/** The name of a new file is on disk when its folder is. */
async function sync(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
