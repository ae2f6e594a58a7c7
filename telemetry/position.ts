import { z } from 'zod'

/** Longitude and latitude, degrees, WGS 84. */
export const positionSchema = z.tuple([z.number().min(-180).max(180), z.number().min(-90).max(90)])
/** The same, as code passes it on. */
export type Position = Readonly<z.infer<typeof positionSchema>>
