import { z } from 'zod'

/** The kinds of sensor the platform knows, in the order they are listed everywhere. */
export const kinds = ['traffic', 'lighting', 'air-quality'] as const

export const kindSchema = z.enum(kinds)

export type Kind = z.infer<typeof kindSchema>
