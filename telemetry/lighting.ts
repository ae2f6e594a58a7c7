import { z } from 'zod'

/** What a street lamp reports (FIWARE Smart Data Models, Streetlight). */
export const lightingValues = z
  .object({
    powerState: z.enum(['on', 'off', 'low']).optional(),
    /** dimming level asked for, 0 to 1 */
    illuminanceLevel: z.number().min(0).max(1).optional(),
    /** W, measured */
    activePower: z.number().min(0).max(2_000).optional(),
    /** kWh, a growing counter; a reset is allowed */
    energy: z.number().min(0).max(10_000_000).optional(),
    /** V, at the lamp */
    voltage: z.number().min(0).max(500).optional(),
    /** h, burning hours of the lamp */
    lampHours: z.number().min(0).max(1_000_000).optional(),
    fault: z.enum(['none', 'lamp', 'driver', 'supply']).optional(),
    /** 0 to 1 */
    batteryLevel: z.number().min(0).max(1).optional(),
  })
  .refine((values) => values.powerState !== undefined || Object.values(values).some((value) => value !== undefined), {
    message: 'holds no known value of a street lamp',
  })

export type LightingValues = z.infer<typeof lightingValues>
