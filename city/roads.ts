import { z } from 'zod'
import { positionSchema } from '#telemetry/position.ts'
import { idSchema } from '#telemetry/reading-parts.ts'

const names = z.object({ vi: z.string().min(1), en: z.string().min(1) })

/** A road of the schematic map: a hand-drawn line, accurate to 300–800 m, not for measuring. */
export const roadSchema = z.object({
  id: idSchema,
  name: names,
  class: z.enum(['trunk', 'primary', 'secondary']),
  /** longitude and latitude, degrees, from one end to the other */
  line: z.array(positionSchema).min(2),
})
export type Road = z.infer<typeof roadSchema>

/** A place that helps to find one's way on the map. */
export const placeSchema = z.object({
  id: idSchema,
  kind: z.enum(['city', 'town', 'landmark', 'market', 'peak']),
  name: names,
  position: positionSchema,
})
export type Place = z.infer<typeof placeSchema>
