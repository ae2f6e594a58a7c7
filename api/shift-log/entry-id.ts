import { randomBytes } from 'node:crypto'

/** A new id of an entry that is recorded at this time (epoch ms). */
export const newEntryId = (at: number): string => `${at.toString(36)}-${randomBytes(6).toString('hex')}`

/** When an entry was recorded, epoch ms. */
export const timeOfEntry = (id: string): number => Number.parseInt(id.split('-', 1)[0] ?? '', 36)
