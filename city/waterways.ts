import { z } from 'zod'
import { positionSchema } from '#telemetry/position.ts'
import { idSchema } from '#telemetry/reading-parts.ts'

/** A river or canal of the schematic map: a hand-drawn line, accurate to 300–800 m, not for measuring. */
export const waterwaySchema = z.object({
  id: idSchema,
  name: z.object({ vi: z.string().min(1), en: z.string().min(1) }),
  class: z.enum(['river', 'canal']),
  /** longitude and latitude, degrees, downstream */
  line: z.array(positionSchema).min(2),
})
export type Waterway = z.infer<typeof waterwaySchema>
