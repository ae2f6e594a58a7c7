import {
  type CommandRecord,
  commandRecordSchema,
  commandsResponse,
  type LampOrder,
  maxLampsPerCommand,
} from '#telemetry/command.ts'
import { get, send } from '../live/api-client.ts'
import type { LiveState } from '../live/live-state.svelte.ts'

/** commands held; the oldest goes first */
const maxHeld = 100

/** The newest commands to lamps, from whoever they came, and how far each has come. */
export class LampCommands {
  /** newest first */
  records = $state.raw<readonly CommandRecord[]>([])

  /** Follows the feed until the returned function is called. */
  follow(live: LiveState): () => void {
    return live.hear('command', commandRecordSchema, (progress) => this.#merge(progress))
  }

  /** Asks for what may have been missed. Throws ApiError. */
  async refresh(): Promise<void> {
    const { commands } = await get('/commands', commandsResponse)
    for (const command of commands.toReversed()) this.#merge(command)
  }

  /**
   * Gives an order to lamps, in as many commands as it takes, and returns their ids. Throws ApiError when the first one
   * was refused; later ones that are refused are left out, `unsent` names their lamps.
   */
  async send(
    lamps: readonly string[],
    order: LampOrder,
    comment: string,
  ): Promise<{ ids: string[]; unsent: string[] }> {
    const ids: string[] = []
    for (let at = 0; at < lamps.length; at += maxLampsPerCommand) {
      const sensors = lamps.slice(at, at + maxLampsPerCommand)
      try {
        // an order that names no end is to hold until the next one
        const ends =
          order.action === 'automatic' || order.until !== undefined ? order : { ...order, until: 'next-command' }
        const body = { sensors, order: ends, ...(comment === '' ? {} : { comment }) }
        const record = await send('POST', '/commands', body, commandRecordSchema)
        this.#merge(record)
        ids.push(record.id)
      } catch (error) {
        if (at === 0) throw error
        return { ids, unsent: lamps.slice(at) }
      }
    }
    return { ids, unsent: [] }
  }

  #merge(told: CommandRecord): void {
    const held = this.records.find(({ id }) => id === told.id)
    // an answer of the api may be older than what the feed has already told
    const lamps = { ...told.lamps }
    for (const [id, delivery] of Object.entries(held?.lamps ?? {}))
      if (!lamps[id] || lamps[id].state === 'sent') lamps[id] = delivery
    const next = { ...told, lamps }
    this.records = held
      ? this.records.map((record) => (record === held ? next : record))
      : [next, ...this.records].slice(0, maxHeld)
  }
}
