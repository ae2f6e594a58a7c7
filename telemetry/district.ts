import { z } from 'zod'
import { positionSchema } from './position.ts'
import { idSchema } from './reading-parts.ts'

const names = z.object({ vi: z.string().min(1), en: z.string().min(1) })
const ring = z.array(positionSchema).min(4)

/** A ward as the city's data has it: the unit that exists now. */
export const wardSchema = z.object({
  id: idSchema,
  name: names,
  /** where its label stands */
  centre: positionSchema,
})

/** A pilot district: data, never a constant in code. */
export const districtSchema = z.object({
  id: idSchema,
  name: names,
  centre: positionSchema,
  /** closed ring, hand-drawn */
  outline: ring,
  wards: z.array(wardSchema),
  /** administrative units it was made of until 30 June 2025 */
  formerUnits: z.array(z.string()),
})
export type District = z.infer<typeof districtSchema>
